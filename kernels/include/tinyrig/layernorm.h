/* LayerNorm and RMSNorm over the last axis: integer mean, variance and inverse square root. */
#ifndef TINYRIG_LAYERNORM_H
#define TINYRIG_LAYERNORM_H

#include "tinyrig/requant.h"

/* x, y [rows, length]; 1 <= length < 2^17. x and y may be the same memory with the same strides.
 * docs/arithmetic.md has the formulas: V gains `fraction` bits, an even number, before eps is
 * added, and stays in 1..2^62 - 1; products with the root move down by `raised` less than its
 * shift. centred == 0 is an RMSNorm: zero_point, x's own, stands for the row's mean. No scratch. */
typedef struct {
  int32_t rows;
  int32_t length;
  int32_t x_row;
  int32_t x_col;
  int32_t y_row;
  int32_t y_col;
  const int32_t *gamma; /* 0 where the variant's packing puts both into start */
  const int32_t *start;
  int64_t eps;
  int32_t fraction;
  int32_t raised;
  int32_t centred;
  int32_t zero_point;
  int32_t gamma_bits; /* 16 where the lower halves of all gammas are 0, else 32 */
  tr_requant requant;
} tr_layernorm_s8_params;

typedef void tr_layernorm_s8_fn(const tr_layernorm_s8_params *p, const int8_t *x, int8_t *y,
                                void *scratch);
tr_layernorm_s8_fn tr_layernorm_s8__ref;

#endif
