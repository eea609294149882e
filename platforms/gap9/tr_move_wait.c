#include "tr_pulp.h"

#define STATUS (TR_DMA_BASE + 0x04U)
#define COUNTERS 0xFFFFU

/* An event that came before stays set, so that the core does not sleep beyond the last. */
static inline void sleep_until_copied(void) {
    TR_REGISTER(TR_EVENT_MASK_OR) = TR_EVENT_DMA;
    do {
        tr_sleep_at(TR_EVENT_WAIT_CLEAR);
    } while ((TR_REGISTER(STATUS) & COUNTERS) != 0U);
    TR_REGISTER(TR_EVENT_MASK_AND) = TR_EVENT_DMA;
}

/* The first core alone looks: the others, were they late, would see the copies it starts next. */
void tr_move_wait(void) {
    const uint32_t begun = tr_wait_begin();
    if (tr_own_core() == 0U) {
        uint32_t before;
        uint32_t after;
        TR_READ_CSR(TR_CSR_INSTRUCTIONS, before);
        if ((TR_REGISTER(STATUS) & COUNTERS) != 0U) {
            sleep_until_copied();
        }
        TR_READ_CSR(TR_CSR_INSTRUCTIONS, after);
        tr_cluster_counts.waited += after - before;
        TR_REGISTER(STATUS) = COUNTERS; /* frees the one that was allotted */
    }
    tr_cluster_barrier();
    tr_wait_end(begun);
}
