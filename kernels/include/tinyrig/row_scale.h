/* The row scale of softmax and attention: a real factor divided by a row's sum. */
#ifndef TINYRIG_ROW_SCALE_H
#define TINYRIG_ROW_SCALE_H

#include <stdint.h>

#if defined(TR_XPULP_INSN)
#include "tinyrig/xpulp.h"
#define TR_LEADING_ZEROS(value) tr_xp_leading_zeros(value)
#else
#define TR_LEADING_ZEROS(value) ((int32_t)__builtin_clz(value))
#endif

/* factor = mantissa * 2^-exponent, mantissa in [2^30, 2^31). */
typedef struct {
  int32_t mantissa;
  int32_t exponent;
} tr_row_scale;

/* scaled(acc) = (((acc * multiplier) >> 32) + 2^(shift-1)) >> shift, 1 <= shift <= 31. */
typedef struct {
  int32_t multiplier;
  int32_t shift;
} tr_row_multiplier;

/* What limits the exponentials of a row to a share of its sum: those of a sum of at least `below` are
 * within it. */
typedef struct {
  uint32_t share; /* times 2^32 */
  uint32_t below;
} tr_row_limit;

static inline uint32_t tr_row_most(tr_row_limit limit, uint32_t sum) {
  return (uint32_t)(((uint64_t)sum * limit.share + 0x80000000U) >> 32);
}

static inline tr_row_multiplier tr_row_scale_for(tr_row_scale scale, uint32_t sum) {
  const int32_t n = TR_LEADING_ZEROS(sum);
  const uint32_t d = (((sum << n) >> 15) + 1U) >> 1;
  const uint32_t r = 0x80000000U / d;
  const tr_row_multiplier row = {
      (int32_t)(((uint64_t)(uint32_t)scale.mantissa * r) >> 16),
      scale.exponent - n - 1,
  };
  return row;
}

static inline int32_t tr_row_scaled(tr_row_multiplier row, int32_t acc) {
  const int32_t high = (int32_t)(((int64_t)acc * row.multiplier) >> 32);
  return (high + (int32_t)(1U << (row.shift - 1))) >> row.shift;
}

#endif
