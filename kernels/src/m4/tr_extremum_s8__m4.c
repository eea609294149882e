#include "common/block.h"
#include "common/dsp.h"
#include "tinyrig/variants.h"

/* Eight bytes, of which `least` takes the smaller. */
TR_INLINE void eight(const int8_t *a, const int8_t *b, int8_t *y, const int least) {
#if defined(__ARM_FEATURE_DSP)
  uint32_t a0; /* all loads stand together, for Cortex-M4 pipelines them */
  uint32_t a1;
  uint32_t b0;
  uint32_t b1;
  uint32_t larger;
  __asm__ volatile("ldr.w %[a0], [%[a]]\n\tldr.w %[a1], [%[a], #4]\n\t"
                   "ldr.w %[b0], [%[b]]\n\tldr.w %[b1], [%[b], #4]\n\t"
                   : [a0] "=&r"(a0), [a1] "=&r"(a1), [b0] "=&r"(b0), [b1] "=&r"(b1)
                   : [a] "r"(a), [b] "r"(b)
                   : "memory");
  larger = least ? tr_signed_min4(a0, b0) : tr_max4(a0, b0);
  tr_store4(y, larger);
  larger = least ? tr_signed_min4(a1, b1) : tr_max4(a1, b1);
  tr_store4(y + 4, larger);
#else
  for (int i = 0; i < 8; i++) {
    y[i] = (a[i] < b[i]) == (least != 0) ? a[i] : b[i];
  }
#endif
}

/* Operands and outputs of the same steps. */
TR_INLINE void same_row(const int8_t *a, const int8_t *b, int8_t *y, int32_t count,
                        const int least) {
  TR_NO_UNROLL
  for (; count >= 16; count -= 16) {
    eight(a, b, y, least);
    eight(a + 8, b + 8, y + 8, least);
    a += 16;
    b += 16;
    y += 16;
  }
  TR_NO_UNROLL
  for (; count > 0; count--) {
    const int32_t one = *a++;
    const int32_t other = *b++;
    *y++ = (int8_t)((one < other) == (least != 0) ? one : other);
  }
}

TR_NOINLINE void larger_row(const int8_t *a, const int8_t *b, int8_t *y, int32_t count) {
  same_row(a, b, y, count, 0);
}

TR_NOINLINE void smaller_row(const int8_t *a, const int8_t *b, int8_t *y, int32_t count) {
  same_row(a, b, y, count, 1);
}

/* Any steps. */
TR_NOINLINE void any_row(const tr_extremum_s8_params *given, const int8_t *a, const int8_t *b,
                         int8_t *y, int32_t count) {
  const tr_extremum_s8_params p = *given;
  TR_NO_UNROLL
  for (; count > 0; count--) {
    const int32_t left = *a++ * p.a_multiplier + p.a_start;
    const int32_t right = *b++ * p.b_multiplier + p.b_start;
    const int32_t chosen = (left < right) == (p.least != 0) ? left : right;
    *y++ = (int8_t)tr_clamp(chosen >> p.shift, p.lo, p.hi);
  }
}

/* True when each operand's bytes are those of the output. */
TR_INLINE int same_steps(const tr_extremum_s8_params *p) {
  const int32_t one = (int32_t)(1U << p->shift);
  return p->a_multiplier == one && p->b_multiplier == one && p->a_start == p->b_start &&
         p->a_start >= 0 && p->a_start < one && p->lo == INT8_MIN && p->hi == INT8_MAX;
}

void tr_extremum_s8__m4(const tr_extremum_s8_params *p, const int8_t *a, const int8_t *b,
                        int8_t *y, void *scratch) {
  (void)scratch;
  const int32_t *const stride[] = {p->a_stride, p->b_stride, p->y_stride};
  const int32_t count = p->extent[TR_MAX_AXES - 1];
  const int same = same_steps(p);
  tr_block at = {0};
  do {
    const int8_t *const a_row = a + at.offset[0];
    const int8_t *const b_row = b + at.offset[1];
    int8_t *const y_row = y + at.offset[2];
    if (!same) {
      any_row(p, a_row, b_row, y_row, count);
    } else if (p->least != 0) {
      smaller_row(a_row, b_row, y_row, count);
    } else {
      larger_row(a_row, b_row, y_row, count);
    }
  } while (tr_block_next(&at, p->extent, stride, 3));
}
