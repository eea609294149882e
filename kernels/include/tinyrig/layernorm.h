/* LayerNorm over the last axis: integer mean, variance and inverse square root. */
#ifndef TINYRIG_LAYERNORM_H
#define TINYRIG_LAYERNORM_H

#include "tinyrig/requant.h"

/* x, y [rows, length]; 1 <= length <= 32768. x and y may be the same memory with the same
 * strides. eps is the integer added to V (docs/arithmetic.md). No scratch. */
typedef struct {
  int32_t rows;
  int32_t length;
  int32_t x_row;
  int32_t x_col;
  int32_t y_row;
  int32_t y_col;
  const int16_t *gamma; /* 0 where the variant's packing puts both into start */
  const int32_t *start;
  int64_t eps;
  tr_requant requant;
} tr_layernorm_s8_params;

typedef void tr_layernorm_s8_fn(const tr_layernorm_s8_params *p, const int8_t *x, int8_t *y,
                                void *scratch);
tr_layernorm_s8_fn tr_layernorm_s8__ref;

#endif
