/* Softmax of contiguous elements in passes that each core has a schedule of: the largest of a run,
 * its exponentials, and their probabilities. A row is one run, a masked row several. */
#ifndef TINYRIG_SOFTMAX_PASSES_H
#define TINYRIG_SOFTMAX_PASSES_H

#include "arm/softmax_run.h"

#define TR_LARGEST_STEP 16 /* elements of a pass */
#define TR_SOFTMAX_STEP 8

/* No shift of a row's rounding that has a pass is smaller: probabilities then fit 16 bits. */
#define TR_SOFTMAX_LEAST_SHIFT 16

/* The larger of `largest` and `passes` of TR_LARGEST_STEP elements, byte by byte. */
typedef uint32_t tr_largest_run(uint32_t largest, const int8_t *x, int32_t passes);

/* Writes the exponentials of `passes` of TR_SOFTMAX_STEP elements, and returns their sum. */
typedef int32_t tr_look_up_run(const uint16_t *exp, uint32_t largest, const int8_t *x,
                               uint16_t *to, int32_t passes);

/* Writes the probabilities of exponentials, saturated, less 128. */
typedef void tr_normalise_run(const tr_row_rounding *by, const uint16_t *row, int8_t *y,
                              int32_t passes);

/* The schedules of a core. */
typedef struct {
  tr_largest_run *largest;
  tr_look_up_run *look_up;
  tr_normalise_run *normalise;
} tr_softmax_core;

/* The largest of a run and of `largest`, byte by byte. The first pass and those behind it overlap,
 * so that a run of a pass or more has no rest. */
TR_INLINE uint32_t tr_run_largest(const tr_softmax_core *core, uint32_t largest, const int8_t *x,
                                  int32_t length) {
  if (length < TR_LARGEST_STEP) {
    return tr_larger_of(largest, x, length);
  }
  const uint32_t first = tr_max4(tr_load4(x), tr_load4(x + 4));
  const uint32_t second = tr_max4(tr_load4(x + 8), tr_load4(x + 12));
  return core->largest(tr_max4(largest, tr_max4(first, second)), x + length % TR_LARGEST_STEP,
                       length / TR_LARGEST_STEP);
}

/* Writes the exponentials of a run to `to`, and returns their sum. */
TR_INLINE uint32_t tr_run_exponentials(const tr_softmax_core *core, const uint16_t *exp,
                                       uint32_t largest, const int8_t *x, int32_t length,
                                       uint16_t *to) {
  const int32_t passes = length / TR_SOFTMAX_STEP;
  uint32_t sum = 0;
  if (passes > 0) {
    sum = (uint32_t)core->look_up(exp, largest, x, to, passes);
  }
  TR_NO_UNROLL
  for (int32_t i = passes * TR_SOFTMAX_STEP; i < length; i++) {
    const uint16_t e = exp[tr_sub4(largest, (uint32_t)(uint8_t)x[i]) & 0xFFU];
    to[i] = e;
    sum += e;
  }
  return sum;
}

/* Probabilities less 128, by fours, to codes of a zero point above -128. */
TR_NOINLINE void tr_raise_words(int8_t *y, int32_t words, int32_t zero_point) {
  const uint32_t most = ((uint32_t)(INT8_MAX - (zero_point - INT8_MIN)) & 0xFFU) * 0x01010101U;
  const uint32_t lower = ((uint32_t)(INT8_MIN - zero_point) & 0xFFU) * 0x01010101U;
  TR_NO_UNROLL
  for (; words > 0; words--) {
    tr_store4(y, tr_sub4(tr_signed_min4(tr_load4(y), most), lower));
    y += 4;
  }
}

/* Turns the exponentials of a run into probabilities. */
TR_INLINE void tr_run_probabilities(const tr_softmax_core *core, const tr_softmax_s8_params *p,
                                    const uint16_t *row, int8_t *y, int32_t length, uint32_t sum) {
  const tr_row_rounding by = tr_row_rounding_for(p->scale, sum);
  const int32_t passes = by.shift >= TR_SOFTMAX_LEAST_SHIFT ? length / TR_SOFTMAX_STEP : 0;
  const int32_t done = passes * TR_SOFTMAX_STEP;
  if (passes > 0) {
    core->normalise(&by, row, y, passes);
    if (p->zero_point != INT8_MIN) {
      tr_raise_words(y, done / 4, p->zero_point);
    }
  }
  TR_NO_UNROLL
  for (int32_t i = done; i < length; i++) {
    const int32_t raised = tr_multiply_low_add(by.multiplier, row[i], by.half);
    y[i] = (int8_t)tr_saturate8(p->zero_point + (raised >> by.shift));
  }
}

#if defined(__ARM_FEATURE_DSP)

/* A schedule: x in r0, passes in r3, `largest` in r4; r2, r5, r6, r8, r12 and lr are free. */
#define TR_LARGEST_RUN(name, text)                                                      \
  TR_NOINLINE uint32_t name(uint32_t given, const int8_t *given_x, int32_t given_passes) { \
    register const int8_t *x __asm__("r0") = given_x;                                    \
    register int32_t passes __asm__("r3") = given_passes;                                \
    register uint32_t largest __asm__("r4") = given;                                     \
    __asm__(".p2align 2\n\t1:\n\t" text "bne 1b\n\t"                                     \
            : "+&r"(x), "+&r"(passes), "+&r"(largest)                                    \
            :                                                                            \
            : "r2", "r5", "r6", "r8", "r12", "lr", "cc", "memory");                      \
    return largest;                                                                      \
  }

/* A schedule: x in r0, where to in r1, the table in r2, passes in r3, the largest in r9, a pair of
 * ones in r10, the sum in r11; r4, r5, r6, r8, r12 and lr are free. */
#define TR_LOOK_UP_RUN(name, text)                                                            \
  TR_NOINLINE int32_t name(const uint16_t *exp, uint32_t largest, const int8_t *given_x,       \
                           uint16_t *given_to, int32_t given_passes) {                         \
    register const int8_t *x __asm__("r0") = given_x;                                          \
    register uint16_t *to __asm__("r1") = given_to;                                            \
    register const uint16_t *table __asm__("r2") = exp;                                        \
    register int32_t passes __asm__("r3") = given_passes;                                      \
    register uint32_t minuend __asm__("r9") = largest;                                         \
    register uint32_t ones __asm__("r10") = 0x00010001U;                                       \
    register int32_t sum __asm__("r11") = 0;                                                   \
    __asm__ volatile(".p2align 2\n\t1:\n\t" text "bne 1b\n\t"                                  \
                     : "+&r"(x), "+&r"(to), "+&r"(passes), "+&r"(sum)                          \
                     : "r"(table), "r"(minuend), "r"(ones)                                     \
                     : "r4", "r5", "r6", "r8", "r12", "lr", "cc", "memory");                   \
    return sum;                                                                                \
  }

/* A schedule: exponentials in r0, y in r1, passes in r3, multiplier, half and shift in r9 to r11;
 * r2, r4, r5, r6, r8, r12 and lr are free. */
#define TR_NORMALISE_RUN(name, text)                                                          \
  TR_NOINLINE void name(const tr_row_rounding *by, const uint16_t *given_row, int8_t *given_y, \
                        int32_t given_passes) {                                                \
    register const uint16_t *row __asm__("r0") = given_row;                                    \
    register int8_t *y __asm__("r1") = given_y;                                                \
    register int32_t passes __asm__("r3") = given_passes;                                      \
    register int32_t multiplier __asm__("r9") = by->multiplier;                                \
    register int32_t half __asm__("r10") = by->half;                                           \
    register int32_t shift __asm__("r11") = by->shift;                                         \
    __asm__ volatile(".p2align 2\n\t1:\n\t" text "bne 1b\n\t"                                  \
                     : "+&r"(row), "+&r"(y), "+&r"(passes)                                     \
                     : "r"(multiplier), "r"(half), "r"(shift)                                  \
                     : "r2", "r4", "r5", "r6", "r8", "r12", "lr", "cc", "memory");             \
  }

#else

#define TR_LARGEST_RUN(name, text)                                           \
  static uint32_t name(uint32_t largest, const int8_t *x, int32_t passes) { \
    return tr_larger_of(largest, x, passes * TR_LARGEST_STEP);               \
  }

#define TR_LOOK_UP_RUN(name, text)                                                      \
  static int32_t name(const uint16_t *exp, uint32_t largest, const int8_t *x, uint16_t *to, \
                      int32_t passes) {                                                  \
    int32_t sum = 0;                                                                     \
    for (int32_t i = 0; i < passes * TR_SOFTMAX_STEP; i++) {                             \
      to[i] = exp[tr_sub4(largest, (uint32_t)(uint8_t)x[i]) & 0xFFU];                    \
      sum += to[i];                                                                      \
    }                                                                                    \
    return sum;                                                                          \
  }

#define TR_NORMALISE_RUN(name, text)                                                 \
  static void name(const tr_row_rounding *by, const uint16_t *row, int8_t *y,         \
                   int32_t passes) {                                                  \
    for (int32_t i = 0; i < passes * TR_SOFTMAX_STEP; i++) {                          \
      const int32_t raised = tr_multiply_low_add(by->multiplier, row[i], by->half);   \
      y[i] = (int8_t)tr_saturate8(INT8_MIN + (raised >> by->shift));                  \
    }                                                                                 \
  }

#endif

#endif
