/* Contiguous bytes from one place to another. */
#ifndef TINYRIG_COPY_RUN_H
#define TINYRIG_COPY_RUN_H

#include "arm/form.h"
#include "common/dsp.h"

#define TR_COPY_MANY 32

/* TR_COPY_MANY bytes; x and y move on by as many. Cortex-M4 pipelines loads that stand together,
 * Cortex-M7 issues a load beside a store. The first word is last, for then both bases can move. */
#define TR_COPY_M4                                                                        \
  "ldr.w %[b], [%[x], #4]\n\tldr.w %[c], [%[x], #8]\n\t"                                  \
  "ldr.w %[d], [%[x], #12]\n\tldr.w %[e], [%[x], #16]\n\t"                                \
  "ldr.w %[f], [%[x], #20]\n\tldr.w %[g], [%[x], #24]\n\t"                                \
  "ldr.w %[h], [%[x], #28]\n\tldr.w %[a], [%[x]], #32\n\t"                                \
  "str.w %[b], [%[y], #4]\n\tstr.w %[c], [%[y], #8]\n\t"                                  \
  "str.w %[d], [%[y], #12]\n\tstr.w %[e], [%[y], #16]\n\t"                                \
  "str.w %[f], [%[y], #20]\n\tstr.w %[g], [%[y], #24]\n\t"                                \
  "str.w %[h], [%[y], #28]\n\tstr.w %[a], [%[y]], #32\n\t"
#define TR_COPY_M7                                                                        \
  "ldr.w %[b], [%[x], #4]\n\tldr.w %[c], [%[x], #8]\n\t"                                  \
  "ldr.w %[d], [%[x], #12]\n\tstr.w %[b], [%[y], #4]\n\t"                                 \
  "ldr.w %[e], [%[x], #16]\n\tstr.w %[c], [%[y], #8]\n\t"                                 \
  "ldr.w %[f], [%[x], #20]\n\tstr.w %[d], [%[y], #12]\n\t"                                \
  "ldr.w %[g], [%[x], #24]\n\tstr.w %[e], [%[y], #16]\n\t"                                \
  "ldr.w %[h], [%[x], #28]\n\tstr.w %[f], [%[y], #20]\n\t"                                \
  "ldr.w %[a], [%[x]], #32\n\tstr.w %[g], [%[y], #24]\n\t"                                \
  "str.w %[h], [%[y], #28]\n\tstr.w %[a], [%[y]], #32\n\t"

#define TR_COPY_STATEMENT(core)                                                          \
  __asm__ volatile(TR_COPY_##core                                                        \
                   : [x] "+&r"(*x), [y] "+&r"(*y), [a] "=&r"(a), [b] "=&r"(b), [c] "=&r"(c), \
                     [d] "=&r"(d), [e] "=&r"(e), [f] "=&r"(f), [g] "=&r"(g), [h] "=&r"(h) \
                   :                                                                     \
                   : "memory")

TR_INLINE void tr_copy_many(const int8_t **x, int8_t **y, const tr_form form) {
#if defined(__ARM_FEATURE_DSP)
  uint32_t a;
  uint32_t b;
  uint32_t c;
  uint32_t d;
  uint32_t e;
  uint32_t f;
  uint32_t g;
  uint32_t h;
  TR_BY_CORE(form, TR_COPY_STATEMENT);
#else
  (void)form;
  __builtin_memmove(*y, *x, TR_COPY_MANY);
  *x += TR_COPY_MANY;
  *y += TR_COPY_MANY;
#endif
}

/* Rows of a whole number of that many bytes and up to as many more, of which the last may be copied
 * twice: x and y are the same or do not overlap. */
TR_INLINE void tr_copy_long(const int8_t *x, int8_t *y, int32_t count, const tr_form form) {
  TR_NO_UNROLL
  for (; count > TR_COPY_MANY; count -= TR_COPY_MANY) {
    tr_copy_many(&x, &y, form);
  }
  x -= TR_COPY_MANY - count;
  y -= TR_COPY_MANY - count;
  tr_copy_many(&x, &y, form);
}

/* `count` bytes; x and y are the same or do not overlap, so that the last of many may be copied
 * twice. */
TR_INLINE void tr_copy_run(const int8_t *x, int8_t *y, int32_t count, const tr_form form) {
  if (count >= TR_COPY_MANY) {
    tr_copy_long(x, y, count, form);
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
