#include "tr_pulp.h"

#define COMMAND TR_DMA_BASE
#define STATUS (TR_DMA_BASE + 0x04U)
#define ALL_COUNTERS 0xFFFFU
#define TO_L1 (1U << 17)
#define INCREMENT (1U << 18)
#define EVENT (1U << 20)
#define BROADCAST (1U << 22)

void tr_prefetch_start(void *to, const void *from, uint32_t size) {
    if (tr_cluster_core() == 0U) {
        TR_REGISTER(STATUS) = ALL_COUNTERS; /* no copy is under way: every core awaited the last */
        (void)TR_REGISTER(COMMAND);         /* allots a counter to the next command */
        TR_REGISTER(COMMAND) = size | TO_L1 | INCREMENT | EVENT | BROADCAST;
        TR_REGISTER(COMMAND) = (uint32_t)(uintptr_t)to;
        TR_REGISTER(COMMAND) = (uint32_t)(uintptr_t)from;
    }
}
