/* Contiguous bytes from one place to another. */
#ifndef TINYRIG_COPY_RUN_H
#define TINYRIG_COPY_RUN_H

#include "common/dsp.h"

#define TR_COPY_MANY 32

/* TR_COPY_MANY bytes: loads stand together, for Cortex-M4 pipelines them. */
TR_INLINE void tr_copy_many(const int8_t *x, int8_t *y) {
#if defined(__ARM_FEATURE_DSP)
  uint32_t a;
  uint32_t b;
  uint32_t c;
  uint32_t d;
  __asm__ volatile("ldr.w %[a], [%[x]]\n\tldr.w %[b], [%[x], #4]\n\t"
                   "ldr.w %[c], [%[x], #8]\n\tldr.w %[d], [%[x], #12]\n\t"
                   "str.w %[a], [%[y]]\n\tstr.w %[b], [%[y], #4]\n\t"
                   "str.w %[c], [%[y], #8]\n\tstr.w %[d], [%[y], #12]\n\t"
                   "ldr.w %[a], [%[x], #16]\n\tldr.w %[b], [%[x], #20]\n\t"
                   "ldr.w %[c], [%[x], #24]\n\tldr.w %[d], [%[x], #28]\n\t"
                   "str.w %[a], [%[y], #16]\n\tstr.w %[b], [%[y], #20]\n\t"
                   "str.w %[c], [%[y], #24]\n\tstr.w %[d], [%[y], #28]\n\t"
                   : [a] "=&r"(a), [b] "=&r"(b), [c] "=&r"(c), [d] "=&r"(d)
                   : [x] "r"(x), [y] "r"(y)
                   : "memory");
#else
  __builtin_memmove(y, x, TR_COPY_MANY);
#endif
}

/* Rows of a whole number of that many bytes and up to as many more, of which the last may be copied
 * twice: x and y are the same or do not overlap. */
TR_INLINE void tr_copy_long(const int8_t *x, int8_t *y, int32_t count) {
  TR_NO_UNROLL
  for (; count > TR_COPY_MANY; count -= TR_COPY_MANY) {
    tr_copy_many(x, y);
    x += TR_COPY_MANY;
    y += TR_COPY_MANY;
  }
  const int32_t back = TR_COPY_MANY - count;
  tr_copy_many(x - back, y - back);
}

/* `count` bytes; x and y are the same or do not overlap, so that the last of many may be copied
 * twice. */
TR_INLINE void tr_copy_run(const int8_t *x, int8_t *y, int32_t count) {
  if (count >= TR_COPY_MANY) {
    tr_copy_long(x, y, count);
    return;
  }
  if (count >= 4) {
    int32_t at = 0;
    TR_NO_UNROLL
    for (; at < count - 4; at += 4) {
      tr_store4(y + at, tr_load4(x + at));
    }
    tr_store4(y + count - 4, tr_load4(x + count - 4));
    return;
  }
  TR_NO_UNROLL
  for (int32_t at = 0; at < count; at++) {
    y[at] = x[at];
  }
}

#endif
