#include "tr_pulp.h"

#define STATUS (TR_DMA_BASE + 0x04U)
#define COUNTERS 0xFFFFU

/* The first core alone looks: the others, were they late, would see the copies it starts next. An
 * event that came before stays set, so that the core does not sleep beyond the last. */
void tr_move_wait(void) {
    if (tr_cluster_core() == 0U) {
        TR_REGISTER(TR_EVENT_MASK_OR) = TR_EVENT_DMA;
        while ((TR_REGISTER(STATUS) & COUNTERS) != 0U) {
            tr_sleep_at(TR_EVENT_WAIT_CLEAR);
        }
        TR_REGISTER(TR_EVENT_MASK_AND) = TR_EVENT_DMA;
        TR_REGISTER(STATUS) = COUNTERS; /* frees the one that was allotted */
    }
    tr_cluster_barrier();
}
