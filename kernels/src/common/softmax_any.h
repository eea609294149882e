/* Portable softmax of the runs of a row, any strides. */
#ifndef TINYRIG_SOFTMAX_ANY_H
#define TINYRIG_SOFTMAX_ANY_H

#include "common/row_multiplier.h"
#include "tinyrig/requant.h"
#include "tinyrig/softmax.h"

static inline int32_t tr_softmax_largest(const tr_softmax_s8_params *p, const int8_t *x,
                                         tr_kept_runs kept) {
  int32_t largest = INT8_MIN;
  for (int32_t n = 0; n < kept.count; n++) {
    for (int32_t j = kept.run[2 * n]; j < kept.run[2 * n + 1]; j++) {
      const int32_t value = x[j * p->x_stride[2]];
      largest = value > largest ? value : largest;
    }
  }
  return largest;
}

/* Writes the exponentials where their scores stand in the row, and returns what the scale divides
 * by. */
static inline uint32_t tr_softmax_sum(const tr_softmax_s8_params *p, const int8_t *x, uint16_t *row,
                                      tr_kept_runs kept) {
  const int32_t largest = tr_softmax_largest(p, x, kept);
  uint32_t sum = 0;
  for (int32_t n = 0; n < kept.count; n++) {
    for (int32_t j = kept.run[2 * n]; j < kept.run[2 * n + 1]; j++) {
      const int32_t below = largest - x[j * p->x_stride[2]];
      row[j] = p->exp[below];
      sum += p->fine != 0 ? p->fine[below] : row[j];
    }
  }
  return sum;
}

static inline void tr_softmax_any_row(const tr_softmax_s8_params *p, const int8_t *x, int8_t *y,
                                      uint16_t *row, tr_kept_runs kept) {
  const uint32_t sum = tr_softmax_sum(p, x, row, kept);
  for (int32_t j = 0; j < p->length; j++) {
    y[j * p->y_stride[2]] = (int8_t)p->zero_point;
  }
  for (int32_t n = 0; n < kept.count; n++) {
    const tr_row_multiplier scale = tr_row_scale_for(p->scale, sum);
    for (int32_t j = kept.run[2 * n]; j < kept.run[2 * n + 1]; j++) {
      const int32_t value = p->zero_point + tr_row_scaled(scale, (int32_t)row[j] << 8);
      y[j * p->y_stride[2]] = (int8_t)tr_clamp(value, INT8_MIN, INT8_MAX);
    }
  }
}

#endif
