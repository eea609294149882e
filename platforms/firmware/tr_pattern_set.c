#include "tr_firmware.h"

void tr_pattern_set(uint8_t *place, uint32_t seed) {
    for (uint32_t i = 0; i < TR_GUARD_SIZE; i++) {
        place[i] = (uint8_t)(0xA5U ^ (seed >> (8U * (i & 3U))) ^ (i * 0x3BU));
    }
}
