#include "tr_pulp.h"

#define COMMAND TR_DMA_BASE
#define STATUS (TR_DMA_BASE + 0x04U)
#define ALLOTTED 0xFFFF0000U /* the counters in use */
#define INWARD (1U << 17)
#define INCREMENT (1U << 18)
#define RUNS (1U << 19)
#define EVENT (1U << 20)

void tr_move_start(uint8_t *fast, const uint8_t *slow, uint32_t size, uint32_t length,
                   uint32_t stride, uint32_t inward) {
    if (tr_own_core() != 0U) {
        return;
    }
    if ((TR_REGISTER(STATUS) & ALLOTTED) == 0U) {
        (void)TR_REGISTER(COMMAND); /* allots one counter to all copies up to the next wait */
    }
    TR_REGISTER(COMMAND) = size | INCREMENT | EVENT | (inward != 0U ? INWARD : 0U) |
                           (stride != 0U ? RUNS : 0U);
    TR_REGISTER(COMMAND) = (uint32_t)(uintptr_t)fast;
    TR_REGISTER(COMMAND) = (uint32_t)(uintptr_t)slow;
    if (stride != 0U) {
        TR_REGISTER(COMMAND) = length;
        TR_REGISTER(COMMAND) = stride;
    }
}
