#include <string.h>

#include "tr_word.h"

void *memcpy(void *restrict to, const void *restrict from, size_t n) {
    uint8_t *target = to;
    const uint8_t *source = from;
    for (; n >= 16U; n -= 16U, target += 16, source += 16) {
        const tr_word *words = (const tr_word *)source;
        const uint32_t a = words[0].value;
        const uint32_t b = words[1].value;
        const uint32_t c = words[2].value;
        const uint32_t d = words[3].value;
        ((tr_word *)target)[0].value = a;
        ((tr_word *)target)[1].value = b;
        ((tr_word *)target)[2].value = c;
        ((tr_word *)target)[3].value = d;
        TR_KEEP_LOOP();
    }
    for (; n >= 4U; n -= 4U, target += 4, source += 4) {
        ((tr_word *)target)->value = ((const tr_word *)source)->value;
        TR_KEEP_LOOP();
    }
    for (; n != 0U; n--) {
        *target++ = *source++;
        TR_KEEP_LOOP();
    }
    return to;
}

/* The names the ARM run-time ABI gives it. */
void *__aeabi_memcpy(void *restrict to, const void *restrict from, size_t n) __attribute__((alias("memcpy")));
void *__aeabi_memcpy4(void *restrict to, const void *restrict from, size_t n) __attribute__((alias("memcpy")));
void *__aeabi_memcpy8(void *restrict to, const void *restrict from, size_t n) __attribute__((alias("memcpy")));
