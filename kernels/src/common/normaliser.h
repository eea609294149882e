/* The two constants of a row of a LayerNorm or an RMSNorm (docs/arithmetic.md). */
#ifndef TINYRIG_NORMALISER_H
#define TINYRIG_NORMALISER_H

#include "common/inverse_sqrt.h"
#include "tinyrig/layernorm.h"

/* factor * x + offset, wrapping, is the normalised x in its unit. `tame` tells that factor is below
 * 2^23. */
typedef struct {
  uint32_t factor;
  uint32_t offset;
  int tame;
} tr_normaliser;

/* Of a row's sum and sum of squares. */
static inline tr_normaliser tr_normaliser_of(const tr_layernorm_s8_params *p, int32_t sum,
                                             int32_t squares) {
  const int32_t mean = p->centred != 0 ? sum : p->length * p->zero_point;
  const int64_t spread = (int64_t)p->length * squares - (int64_t)mean * (2 * sum - mean);
  const tr_inverse_sqrt inverse =
      tr_inverse_sqrt_of(spread * ((int64_t)1 << p->fraction) + p->eps);
  const int32_t down = inverse.shift - p->raised;
  const int32_t drop = down < 1 ? 1 : down;
  const int64_t half = (int64_t)1 << (drop - 1);
  const int64_t factor = ((int64_t)p->length * inverse.root + half) >> drop;
  const int64_t offset = (half - (int64_t)mean * inverse.root) >> drop;
  const tr_normaliser found = {(uint32_t)factor, (uint32_t)offset, factor >> 23 == 0};
  return found;
}

/* The normalised x. */
static inline int32_t tr_normalised(const tr_normaliser *a, int32_t x) {
  return (int32_t)((uint32_t)x * a->factor + a->offset);
}

#endif
