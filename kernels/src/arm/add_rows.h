/* Sums of two operands by rows of contiguous elements: what the schedules of the cores share. */
#ifndef TINYRIG_ADD_ROWS_H
#define TINYRIG_ADD_ROWS_H

#include "common/block.h"
#include "common/dsp.h"
#include "tinyrig/elementwise.h"

#define TR_ADD_STEP 8            /* elements of a pass of a schedule's loop */
#define TR_ADD_LARGEST (1 << 23) /* 2^8 times a multiplier of [-2^23, 2^23) still fits */
#define TR_ADD_LEAST_SHIFT 20    /* of those that have a schedule, up to 24 */
#define TR_ADD_SHIFTS 5
#define TR_UPPER_BYTES 0xFF00FF00U

typedef struct {
  int32_t a;
  int32_t b;
  int32_t start;
  int32_t shift;
  int32_t lo;
  int32_t hi;
} tr_add_constants;

/* The loop of a schedule: `passes` of TR_ADD_STEP elements, saturated; multipliers are 2^8 times
 * those of the parameters, for bytes are multiplied in the upper half of 16 bits. */
typedef void tr_add_run(const tr_add_constants *c, const int8_t *a, const int8_t *b, int8_t *y,
                        int32_t passes);

TR_INLINE int32_t tr_add_one(const tr_add_constants *c, int32_t a, int32_t b) {
  return (a * c->a + b * c->b + c->start) >> c->shift;
}

#if !defined(__ARM_FEATURE_DSP)

TR_INLINE void tr_add_passes(const tr_add_constants *c, const int8_t *a, const int8_t *b,
                             int8_t *y, int32_t passes, int32_t shift) {
  for (int32_t i = 0; i < passes * TR_ADD_STEP; i++) {
    const int32_t from_a = tr_multiply_low(c->a, (uint32_t)a[i] << 8);
    const int32_t from_b = tr_multiply_low(c->b, (uint32_t)b[i] << 8);
    y[i] = (int8_t)tr_saturate8((from_a + from_b + c->start) >> shift);
  }
}

#endif

/* Any number of elements, any constants. */
TR_NOINLINE void tr_add_row(const tr_add_constants *given, const int8_t *a, const int8_t *b,
                            int8_t *y, int32_t count) {
  const tr_add_constants c = *given;
  TR_NO_UNROLL
  for (; count > 0; count--) {
    *y++ = (int8_t)tr_clamp(tr_add_one(&c, *a++, *b++), c.lo, c.hi);
  }
}

/* Saturated elements, by fours, into [lo, hi]. */
TR_NOINLINE void tr_clamp_words(int8_t *y, int32_t words, int32_t lo, int32_t hi) {
  const uint32_t least = ((uint32_t)lo & 0xFFU) * 0x01010101U;
  const uint32_t most = ((uint32_t)hi & 0xFFU) * 0x01010101U;
  TR_NO_UNROLL
  for (; words > 0; words--) {
    tr_store4(y, tr_signed_min4(tr_max4(tr_load4(y), least), most));
    y += 4;
  }
}

/* `runs` are the schedule's loops for shifts from TR_ADD_LEAST_SHIFT on. */
TR_INLINE void tr_add_rows(const tr_add_s8_params *p, const int8_t *a, const int8_t *b, int8_t *y,
                           tr_add_run *const *runs) {
  const tr_add_constants c = {p->a_multiplier, p->b_multiplier, p->start, p->shift, p->lo, p->hi};
  tr_add_constants scaled = c;
  const int clamps = c.lo != INT8_MIN || c.hi != INT8_MAX;
  const int32_t count = p->extent[TR_MAX_AXES - 1];
  const int small = c.a < TR_ADD_LARGEST && c.a >= -TR_ADD_LARGEST && c.b < TR_ADD_LARGEST &&
                    c.b >= -TR_ADD_LARGEST;
  int32_t passes = 0;
  if (small && c.shift >= TR_ADD_LEAST_SHIFT) {
    passes = count / TR_ADD_STEP;
    scaled.a *= 1 << 8;
    scaled.b *= 1 << 8;
  }
  const int32_t done = passes * TR_ADD_STEP;
  const int32_t *const stride[] = {p->a_stride, p->b_stride, p->y_stride};
  tr_block at = {0};
  do {
    const int8_t *const a_row = a + at.offset[0];
    const int8_t *const b_row = b + at.offset[1];
    int8_t *const y_row = y + at.offset[2];
    if (passes > 0) {
      runs[c.shift - TR_ADD_LEAST_SHIFT](&scaled, a_row, b_row, y_row, passes);
      if (clamps) {
        tr_clamp_words(y_row, done / 4, c.lo, c.hi);
      }
    }
    tr_add_row(&c, a_row + done, b_row + done, y_row + done, count - done);
  } while (tr_block_next(&at, p->extent, stride, 3));
}

#if defined(__ARM_FEATURE_DSP)

/* A loop of a schedule whose body is text for `shift`: a, b and y in r0 to r2, passes in r3, the
 * multipliers in r9 and r10, start in r11, the mask of upper bytes in r12; r4, r5, r6, r8 and lr
 * are free. */
#define TR_ADD_RUN(name, text, shift)                                                        \
  TR_NOINLINE void name(const tr_add_constants *c, const int8_t *given_a, const int8_t *given_b, \
                        int8_t *given_y, int32_t given_passes) {                              \
    register const int8_t *a __asm__("r0") = given_a;                                         \
    register const int8_t *b __asm__("r1") = given_b;                                         \
    register int8_t *y __asm__("r2") = given_y;                                               \
    register int32_t passes __asm__("r3") = given_passes;                                     \
    register int32_t by_a __asm__("r9") = c->a;                                               \
    register int32_t by_b __asm__("r10") = c->b;                                              \
    register int32_t start __asm__("r11") = c->start;                                         \
    register uint32_t mask __asm__("r12") = TR_UPPER_BYTES;                                   \
    __asm__ volatile(".p2align 2\n\t1:\n\t" text(shift) "subs.w r3, r3, #1\n\tbne 1b\n\t"      \
                     : "+&r"(a), "+&r"(b), "+&r"(y), "+&r"(passes)                            \
                     : "r"(by_a), "r"(by_b), "r"(start), "r"(mask)                            \
                     : "r4", "r5", "r6", "r8", "lr", "cc", "memory");                         \
  }

#else

#define TR_ADD_RUN(name, text, shift)                                                        \
  static void name(const tr_add_constants *c, const int8_t *a, const int8_t *b, int8_t *y,     \
                   int32_t passes) {                                                          \
    tr_add_passes(c, a, b, y, passes, shift);                                                 \
  }

#endif

#endif
