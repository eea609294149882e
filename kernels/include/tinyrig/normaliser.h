/* The two constants of a row of a LayerNorm (docs/arithmetic.md). */
#ifndef TINYRIG_NORMALISER_H
#define TINYRIG_NORMALISER_H

#include "tinyrig/inverse_sqrt.h"

/* (factor * x + offset) >> 16, the sum wrapping, is 2^7 times the normalised x. `tame` tells that
 * factor is below 2^23. */
typedef struct {
  uint32_t factor;
  uint32_t offset;
  int tame;
} tr_normaliser;

/* Of a row's length, sum and sum of squares; eps as in tr_layernorm_s8_params. */
static inline tr_normaliser tr_normaliser_of(int32_t length, int32_t sum, int32_t squares,
                                             int64_t eps) {
  const tr_inverse_sqrt inverse =
      tr_inverse_sqrt_of((int64_t)length * squares - (int64_t)sum * sum + eps);
  const int32_t drop = inverse.shift - 16;
  const int64_t half = (int64_t)1 << (drop - 1);
  const int64_t factor = ((int64_t)length * inverse.root + half) >> drop;
  const int64_t mean = ((int64_t)sum * inverse.root + half) >> drop;
  const tr_normaliser found = {(uint32_t)factor, (1U << 15) - (uint32_t)mean, factor >> 23 == 0};
  return found;
}

/* 2^7 times the normalised x. */
static inline int32_t tr_normalised(const tr_normaliser *a, int32_t x) {
  return (int32_t)((uint32_t)x * a->factor + a->offset) >> 16;
}

#endif
