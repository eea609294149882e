/* Exponentials into probabilities rounded to int8, two a word. */
#ifndef TINYRIG_ATTENTION_ROUNDING_H
#define TINYRIG_ATTENTION_ROUNDING_H

#include "arm/softmax_run.h"

/* True where a probability can exceed `most`: at most by that of a row's largest alone, and a
 * margin for what reciprocals are off. */
TR_INLINE int tr_rounding_clips(tr_row_scale scale, uint32_t e, uint32_t sum, int32_t most) {
  const tr_row_rounding r = tr_row_rounding_for(scale, sum);
  const int32_t margin = (int32_t)(1U << (r.shift - 3));
  return (r.half + tr_multiply_low(r.multiplier, e) + margin) >> r.shift > most;
}

/* Both exponentials of a word. */
TR_INLINE uint32_t tr_round_two(tr_row_rounding r, uint32_t word, int32_t most) {
  const int32_t low = (r.half + tr_multiply_low(r.multiplier, word)) >> r.shift;
  const int32_t high = (r.half + tr_multiply_high(r.multiplier, word)) >> r.shift;
  return tr_pair(low < most ? low : most, high < most ? high : most);
}

#endif
