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
typedef void tr_linear_s8_fn(const tr_linear_s8_params *p, const int8_t *x, int8_t *y,
                             void *scratch);
tr_linear_s8_fn tr_linear_s8__ref;

/* A part of a fully connected layer: acc[m,n] = start[n] + sum_k x[m,k] * w[n,k], or, when start
 * is 0, acc[m,n] += that sum. x [m, k] with contiguous columns, weight [n, k], 4-byte aligned;
 * acc [m, n] int32, 4-byte aligned, with contiguous columns; acc_row in elements. The sum of all
 * parts stays inside int32. */
typedef struct {
  int32_t m;
  int32_t k;
  int32_t n;
  int32_t x_row;
  int32_t acc_row;
  const int8_t *weight;
  const int32_t *start; /* n entries or 0 */
} tr_linear_s8_s32_params;

typedef void tr_linear_s8_s32_fn(const tr_linear_s8_s32_params *p, const int8_t *x, int32_t *acc,
                                 void *scratch);
tr_linear_s8_s32_fn tr_linear_s8_s32__ref;

/* What ends a layer computed in parts: y[m,n] = lut(requantise(acc[m,n])). y may begin at the
 * address of acc when both lie dense and row-major: y[i] is written after acc[i] is read. */
typedef struct {
  int32_t m;
  int32_t n;
  int32_t acc_row;
  int32_t y_row;
  int32_t y_col;
  tr_requant requant;
  const int8_t *lut; /* 256 entries or 0 */
} tr_requant_s32_s8_params;

typedef void tr_requant_s32_s8_fn(const tr_requant_s32_s8_params *p, const int32_t *acc,
                                  int8_t *y, void *scratch);
tr_requant_s32_s8_fn tr_requant_s32_s8__ref;

#endif
