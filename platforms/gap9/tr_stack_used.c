#include "tr_pulp.h"

uint32_t tr_stack_used(void) {
    uint32_t used = 0U;
    for (uint32_t core = 0U; core < TR_CORES; core++) {
        const uint32_t *word = tr_ld_red_zone + core * (TR_STACK_STRIDE / 4U);
        const uint32_t *top = word + TR_STACK_STRIDE / 4U;
        while (word < top && *word == TR_PAINT) {
            word++;
        }
        used += 4U * (uint32_t)(top - word);
    }
    return used;
}
