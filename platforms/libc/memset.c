#include <string.h>

#include "tr_word.h"

void *memset(void *to, int value, size_t n) {
    uint8_t *target = to;
    const uint32_t word = (uint32_t)(uint8_t)value * 0x01010101U;
    for (; n >= 16U; n -= 16U, target += 16) {
        ((tr_word *)target)[0].value = word;
        ((tr_word *)target)[1].value = word;
        ((tr_word *)target)[2].value = word;
        ((tr_word *)target)[3].value = word;
        TR_KEEP_LOOP();
    }
    for (; n >= 4U; n -= 4U, target += 4) {
        ((tr_word *)target)->value = word;
        TR_KEEP_LOOP();
    }
    for (; n != 0U; n--) {
        *target++ = (uint8_t)value;
        TR_KEEP_LOOP();
    }
    return to;
}
