#include "tr_pulp.h"

uint32_t tr_red_zone_damage(void) {
    uint32_t damaged = 0U;
    for (uint32_t core = 0U; core < TR_CORES; core++) {
        const uint32_t *zone = tr_ld_red_zone + core * (TR_STACK_STRIDE / 4U);
        for (uint32_t i = 0U; i < TR_RED_ZONE / 4U; i++) {
            damaged += zone[i] != TR_PAINT;
        }
    }
    return damaged;
}
