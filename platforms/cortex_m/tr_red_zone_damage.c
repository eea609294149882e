#include "tr_cortex_m.h"

uint32_t tr_red_zone_damage(void) {
    uint32_t damaged = 0U;
    for (const uint32_t *word = tr_ld_red_zone; word < tr_ld_stack_bottom; word++) {
        damaged += *word != TR_PAINT;
    }
    return damaged;
}
