#include "tinyrig_model.h"
#include "tr_pulp.h"

#ifdef TR_CHECKED
/* Nobody goes on before the guard stands. */
void tr_guard_set(uint8_t *arena, uint32_t offset) {
    if (tr_cluster_core() == 0U) {
        tr_pattern_set(arena + offset, offset);
    }
    tr_cluster_barrier();
}
#endif
