/* The larger or the smaller of two operands by rows of contiguous elements: what the schedules of
 * the cores share. */
#ifndef TINYRIG_EXTREMUM_ROWS_H
#define TINYRIG_EXTREMUM_ROWS_H

#include "common/block.h"
#include "common/dsp.h"
#include "tinyrig/variants.h"

#define TR_EXTREMUM_STEP 32 /* elements of a pass of a schedule's loop */

/* The loop of a schedule: `passes` of TR_EXTREMUM_STEP elements of the same steps. */
typedef void tr_extremum_run(const int8_t *a, const int8_t *b, int8_t *y, int32_t passes);

/* Any number of elements of the same steps. */
TR_INLINE void tr_extremum_same(const int8_t *a, const int8_t *b, int8_t *y, int32_t count,
                                const int least) {
  TR_NO_UNROLL
  for (; count >= 4; count -= 4) {
    const uint32_t left = tr_load4(a);
    const uint32_t right = tr_load4(b);
    tr_store4(y, least ? tr_signed_min4(left, right) : tr_max4(left, right));
    a += 4;
    b += 4;
    y += 4;
  }
  TR_NO_UNROLL
  for (; count > 0; count--) {
    const int32_t left = *a++;
    const int32_t right = *b++;
    *y++ = (int8_t)((left < right) == (least != 0) ? left : right);
  }
}

TR_NOINLINE void tr_larger_rest(const int8_t *a, const int8_t *b, int8_t *y, int32_t count) {
  tr_extremum_same(a, b, y, count, 0);
}

TR_NOINLINE void tr_smaller_rest(const int8_t *a, const int8_t *b, int8_t *y, int32_t count) {
  tr_extremum_same(a, b, y, count, 1);
}

/* Any steps. */
TR_NOINLINE void tr_extremum_any(const tr_extremum_s8_params *given, const int8_t *a,
                                 const int8_t *b, int8_t *y, int32_t count) {
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
TR_INLINE int tr_extremum_is_same(const tr_extremum_s8_params *p) {
  const int32_t one = (int32_t)(1U << p->shift);
  return p->a_multiplier == one && p->b_multiplier == one && p->a_start == p->b_start &&
         p->a_start >= 0 && p->a_start < one && p->lo == INT8_MIN && p->hi == INT8_MAX;
}

TR_INLINE void tr_extremum_rows(const tr_extremum_s8_params *p, const int8_t *a, const int8_t *b,
                                int8_t *y, tr_extremum_run *larger, tr_extremum_run *smaller) {
  const int32_t *const stride[] = {p->a_stride, p->b_stride, p->y_stride};
  const int32_t count = p->extent[TR_MAX_AXES - 1];
  const int same = tr_extremum_is_same(p);
  const int32_t passes = same ? count / TR_EXTREMUM_STEP : 0;
  const int32_t done = passes * TR_EXTREMUM_STEP;
  tr_block at = {0};
  do {
    const int8_t *const a_row = a + at.offset[0];
    const int8_t *const b_row = b + at.offset[1];
    int8_t *const y_row = y + at.offset[2];
    if (passes > 0) {
      (p->least != 0 ? smaller : larger)(a_row, b_row, y_row, passes);
    }
    if (!same) {
      tr_extremum_any(p, a_row, b_row, y_row, count);
    } else if (p->least != 0) {
      tr_smaller_rest(a_row + done, b_row + done, y_row + done, count - done);
    } else {
      tr_larger_rest(a_row + done, b_row + done, y_row + done, count - done);
    }
  } while (tr_block_next(&at, p->extent, stride, 3));
}

#if defined(__ARM_FEATURE_DSP)

/* The larger or the smaller bytes of two registers, in the first, behind their SSUB8. */
#define TR_LARGER(a, b) "sel " a ", " a ", " b "\n\t"
#define TR_SMALLER(a, b) "sel " a ", " b ", " a "\n\t"

/* A loop of a schedule: a, b and y in r0 to r2, passes in r3; r4 to r6, r8 to r12 and lr are free. */
#define TR_EXTREMUM_RUN(name, text, least)                                                      \
  TR_NOINLINE void name(const int8_t *given_a, const int8_t *given_b, int8_t *given_y,            \
                        int32_t given_passes) {                                                  \
    register const int8_t *a __asm__("r0") = given_a;                                            \
    register const int8_t *b __asm__("r1") = given_b;                                            \
    register int8_t *y __asm__("r2") = given_y;                                                  \
    register int32_t passes __asm__("r3") = given_passes;                                        \
    __asm__ volatile(text                                                                        \
                     : "+&r"(a), "+&r"(b), "+&r"(y), "+&r"(passes)                               \
                     :                                                                           \
                     : "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "cc", "memory"); \
  }

#else

#define TR_EXTREMUM_RUN(name, text, least)                                         \
  static void name(const int8_t *a, const int8_t *b, int8_t *y, int32_t passes) { \
    tr_extremum_same(a, b, y, passes * TR_EXTREMUM_STEP, least);                   \
  }

#endif

#endif
