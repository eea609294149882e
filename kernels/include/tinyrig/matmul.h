/* Batched product of two activations:
 * y[b0,b1,m,n] = requantise(start + sum_k (a[b0,b1,m,k] - za) * (b[b0,b1,k,n] - zb)). */
#ifndef TINYRIG_MATMUL_H
#define TINYRIG_MATMUL_H

#include "tinyrig/requant.h"

/* Strides in elements, in the order of the axes (batch0, batch1, row, column); a batch stride of
 * 0 broadcasts. requant is per tensor. */
typedef struct {
  int32_t batch0;
  int32_t batch1;
  int32_t m;
  int32_t k;
  int32_t n;
  int32_t a_stride[4]; /* batch0, batch1, m, k */
  int32_t b_stride[4]; /* batch0, batch1, k, n */
  int32_t y_stride[4]; /* batch0, batch1, m, n */
  int32_t a_zero_point;
  int32_t b_zero_point;
  int32_t start;
  tr_requant requant;
  const int8_t *lut; /* 256 entries or 0 */
} tr_matmul_s8_params;

/* Portable, any strides, no scratch. */
typedef void tr_matmul_s8_fn(const tr_matmul_s8_params *p, const int8_t *a, const int8_t *b,
                             int8_t *y, void *scratch);
tr_matmul_s8_fn tr_matmul_s8__ref;

#endif
