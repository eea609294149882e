/* Products of two operands by rows of contiguous elements: what the schedules of the cores share. */
#ifndef TINYRIG_MUL_ROWS_H
#define TINYRIG_MUL_ROWS_H

#include "arm/finish.h"
#include "common/block.h"
#include "common/dsp.h"
#include "tinyrig/elementwise.h"

#define TR_MUL_STEP 8          /* elements of a pass of a schedule's loop */
#define TR_MUL_MOST (255 * 255) /* of a product's size */
#define TR_MUL_REACH 32000     /* of outputs that 16 bits hold with 128 added */

typedef struct {
  uint32_t a_minus; /* pairs of the negated zero points */
  uint32_t b_minus;
  int32_t start;
  int32_t multiplier;
} tr_mul_constants;

/* The loop of a schedule: `passes` of TR_MUL_STEP elements, each a high multiply and a saturation
 * of what 16 bits hold. */
typedef void tr_mul_run(const tr_mul_constants *c, const int8_t *a, const int8_t *b, int8_t *y,
                        int32_t passes);

TR_INLINE int32_t tr_mul_one(const tr_mul_constants *c, int32_t a, int32_t b) {
  return c->start + (a + tr_low(c->a_minus)) * (b + tr_low(c->b_minus));
}

/* Any number of elements, any form. */
TR_NOINLINE void tr_mul_row(const tr_requant *r, const tr_mul_constants *given, const int8_t *a,
                            const int8_t *b, int8_t *y, int32_t count) {
  const tr_mul_constants c = *given;
  TR_NO_UNROLL
  for (; count > 0; count--) {
    *y++ = (int8_t)tr_finish(r, 0, tr_mul_one(&c, *a++, *b++), c.multiplier);
  }
}

/* True when no output that is yet to be saturated leaves 16 bits. */
TR_INLINE int tr_mul_is_short(const tr_mul_s8_params *p) {
  const int64_t start = p->start;
  const int64_t reach = (start < 0 ? -start : start) + TR_MUL_MOST;
  return tr_finish_is_narrow(&p->requant) && (reach * *p->requant.multiplier) >> 32 < TR_MUL_REACH;
}

TR_INLINE void tr_mul_rows(const tr_mul_s8_params *p, const int8_t *a, const int8_t *b, int8_t *y,
                           tr_mul_run *run) {
  const tr_mul_constants c = {tr_pair(-p->a_zero_point, -p->a_zero_point),
                              tr_pair(-p->b_zero_point, -p->b_zero_point), p->start,
                              *p->requant.multiplier};
  const int32_t count = p->extent[TR_MAX_AXES - 1];
  const int32_t passes = tr_mul_is_short(p) ? count / TR_MUL_STEP : 0;
  const int32_t done = passes * TR_MUL_STEP;
  const int32_t *const stride[] = {p->a_stride, p->b_stride, p->y_stride};
  tr_block at = {0};
  do {
    const int8_t *const a_row = a + at.offset[0];
    const int8_t *const b_row = b + at.offset[1];
    int8_t *const y_row = y + at.offset[2];
    if (passes > 0) {
      run(&c, a_row, b_row, y_row, passes);
    }
    tr_mul_row(&p->requant, &c, a_row + done, b_row + done, y_row + done, count - done);
  } while (tr_block_next(&at, p->extent, stride, 3));
}

#if defined(__ARM_FEATURE_DSP)

/* A schedule: a, b and y in r0 to r2, passes in r3 and on the stack, the pairs of zero points in r9
 * and r10, start in r11, the multiplier in r12; r3 to r8 and lr are free. r7 may be the frame
 * pointer, so it is saved here. */
#define TR_MUL_RUN(name, text)                                                                 \
  TR_NOINLINE void name(const tr_mul_constants *c, const int8_t *given_a, const int8_t *given_b, \
                        int8_t *given_y, int32_t given_passes) {                                \
    register const int8_t *a __asm__("r0") = given_a;                                           \
    register const int8_t *b __asm__("r1") = given_b;                                           \
    register int8_t *y __asm__("r2") = given_y;                                                 \
    register int32_t passes __asm__("r3") = given_passes;                                       \
    register uint32_t a_minus __asm__("r9") = c->a_minus;                                       \
    register uint32_t b_minus __asm__("r10") = c->b_minus;                                      \
    register int32_t start __asm__("r11") = c->start;                                           \
    register int32_t multiplier __asm__("r12") = c->multiplier;                                 \
    __asm__ volatile("push {r3, r7}\n\t" text "pop {r3, r7}\n\t"                               \
                     : "+&r"(a), "+&r"(b), "+&r"(y), "+&r"(passes)                              \
                     : "r"(a_minus), "r"(b_minus), "r"(start), "r"(multiplier)                  \
                     : "r4", "r5", "r6", "r8", "lr", "cc", "memory");                           \
  }

#else

#define TR_MUL_RUN(name, text)                                                                \
  static void name(const tr_mul_constants *c, const int8_t *a, const int8_t *b, int8_t *y,      \
                   int32_t passes) {                                                           \
    for (int32_t i = 0; i < passes * TR_MUL_STEP; i++) {                                       \
      const int32_t raised = 128 + tr_high_multiply(tr_mul_one(c, a[i], b[i]), c->multiplier); \
      y[i] = (int8_t)(tr_clamp(tr_low((uint32_t)raised), 0, 255) - 128);                       \
    }                                                                                          \
  }

#endif

#endif
