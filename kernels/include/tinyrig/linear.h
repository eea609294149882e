/* Fully connected layer: y[m,n] = requantise(start[n] + sum_k x[m,k] * w[n,k]). */
#ifndef TINYRIG_LINEAR_H
#define TINYRIG_LINEAR_H

#include "tinyrig/requant.h"

/* Shapes: x [m, k], y [m, n], weight [n, k] (or as the variant's packing says), start [n].
 * Strides in elements; all extents >= 1. x and y do not overlap. No alignment is assumed of x
 * and y; weight is 4-byte aligned. Accumulators cannot overflow: the generator proved it. */
typedef struct {
  int32_t m;
  int32_t k;
  int32_t n;
  int32_t x_row;
  int32_t x_col;
  int32_t y_row;
  int32_t y_col;
  const int8_t *weight;
  const int32_t *start;
  tr_requant requant;
  const int8_t *lut; /* 256 entries or 0 */
} tr_linear_s8_params;

/* Portable, any strides, no scratch. */
void tr_linear_s8__ref(const tr_linear_s8_params *p, const int8_t *x, int8_t *y, void *scratch);

#endif
