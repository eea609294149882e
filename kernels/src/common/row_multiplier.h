/* A row's multiplier of softmax and attention: what the row scale makes of a row's sum. */
#ifndef TINYRIG_ROW_MULTIPLIER_H
#define TINYRIG_ROW_MULTIPLIER_H

#include "tinyrig/row_scale.h"

#if defined(TR_XPULP_INSN)
#include "xpulp/xpulp.h"
#define TR_LEADING_ZEROS(value) tr_xp_leading_zeros(value)
#else
#define TR_LEADING_ZEROS(value) ((int32_t)__builtin_clz(value))
#endif

/* scaled(acc) = (((acc * multiplier) >> 32) + 2^(shift-1)) >> shift, 1 <= shift <= 31. */
typedef struct {
  int32_t multiplier;
  int32_t shift;
} tr_row_multiplier;

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

/* The probability of an exponential, in steps, at most `most`. */
static inline int32_t tr_row_weight(tr_row_multiplier row, uint32_t e, int32_t most) {
  const int32_t weight = tr_row_scaled(row, (int32_t)e << 8);
  return weight < most ? weight : most;
}

#endif
