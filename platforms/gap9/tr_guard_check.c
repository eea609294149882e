#include "tinyrig_model.h"
#include "tr_pulp.h"

#ifdef TR_CHECKED
/* Nobody goes on, and writes where the guard was, before it is checked. */
void tr_guard_check(const uint8_t *arena, uint32_t offset) {
    if (tr_cluster_core() == 0U && tr_pattern_damaged(arena + offset, offset) != 0U) {
        if (tr_firmware.guard_failures == 0U) {
            tr_firmware.guard_offset = offset;
        }
        tr_firmware.guard_failures++;
    }
    tr_cluster_barrier();
}
#endif
