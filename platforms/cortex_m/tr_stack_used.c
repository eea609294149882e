#include "tr_cortex_m.h"

uint32_t tr_stack_used(void) {
    const uint32_t *word = tr_ld_red_zone;
    while (word < tr_ld_stack_top && *word == TR_PAINT) {
        word++;
    }
    return (uint32_t)((uintptr_t)tr_ld_stack_top - (uintptr_t)word);
}
