#include <string.h>

#include "tr_word.h"

void *memmove(void *to, const void *from, size_t n) {
    uint8_t *target = to;
    const uint8_t *source = from;
    if ((uintptr_t)target - (uintptr_t)source >= n) {
        /* The target starts before the source or past its end: ascending is safe. */
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
    for (; (n & 3U) != 0U; n--) {
        target[n - 1U] = source[n - 1U];
        TR_KEEP_LOOP();
    }
    for (; n != 0U; n -= 4U) {
        ((tr_word *)(target + n - 4U))->value = ((const tr_word *)(source + n - 4U))->value;
        TR_KEEP_LOOP();
    }
    return to;
}

/* The names the ARM run-time ABI gives it. */
void *__aeabi_memmove(void *to, const void *from, size_t n) __attribute__((alias("memmove")));
void *__aeabi_memmove4(void *to, const void *from, size_t n) __attribute__((alias("memmove")));
void *__aeabi_memmove8(void *to, const void *from, size_t n) __attribute__((alias("memmove")));
