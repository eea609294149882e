#include "tr_firmware.h"

uint32_t tr_pattern_damaged(const uint8_t *place, uint32_t seed) {
    uint8_t expected[TR_GUARD_SIZE];
    tr_pattern_set(expected, seed);
    for (uint32_t i = 0; i < TR_GUARD_SIZE; i++) {
        if (place[i] != expected[i]) {
            return 1U;
        }
    }
    return 0U;
}
