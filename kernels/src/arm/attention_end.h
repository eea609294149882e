/* How weighted values become outputs: (((acc * multiplier) >> 32) + half) >> shift, saturated, in
 * the plain form. Where probabilities are rounded that is their requantisation, with nothing to
 * shift. */
#ifndef TINYRIG_ATTENTION_END_H
#define TINYRIG_ATTENTION_END_H

#include "arm/finish.h"
#include "common/row_multiplier.h"
#include "tinyrig/attention.h"

/* What ends a row of the sum given. */
TR_INLINE tr_row_multiplier tr_attention_scale(const tr_attention_s8_params *p, uint32_t sum) {
  if (p->rounding.most != 0) {
    const tr_row_multiplier constant = {*p->rounding.requant.multiplier, 0};
    return constant;
  }
  return tr_row_scale_for(p->value, sum);
}

/* With a shift of at most TR_LARGEST_FOLDED_SHIFT. */
TR_INLINE int32_t tr_attention_half(const tr_attention_s8_params *p, int32_t shift) {
  return shift == 0 ? 0 : (1 << (shift - 1)) + p->y_zero_point * (1 << shift);
}

/* Where a saturation ends what has no large shift. */
TR_INLINE int tr_attention_is_plain(const tr_attention_s8_params *p) {
  return p->rounding.most != 0 ? tr_finish_is_narrow(&p->rounding.requant)
                               : p->lo == INT8_MIN && p->hi == INT8_MAX;
}

/* The output of a sum in any form. */
TR_INLINE int32_t tr_attention_output(const tr_attention_s8_params *p, tr_row_multiplier scale,
                                      int32_t acc) {
  if (p->rounding.most != 0) {
    return tr_finish(&p->rounding.requant, 0, acc, scale.multiplier);
  }
  return tr_clamp(p->y_zero_point + tr_row_scaled(scale, acc), p->lo, p->hi);
}

#endif
