#include "tinyrig/finish.h"
#include "tinyrig/softmax.h"

/* One row of contiguous elements. */
TR_NOINLINE void softmax_row(const tr_softmax_s8_params *p, const int8_t *x, int8_t *y,
                             uint16_t *row) {
  const uint16_t *const exp = p->exp;
  const int32_t zero_point = p->zero_point;
  const int32_t length = p->length;
  int32_t largest = INT8_MIN;
  uint32_t sum = 0;
  TR_UNROLL_4
  for (int32_t j = 0; j < length; j++) {
    largest = x[j] > largest ? x[j] : largest;
  }
  TR_UNROLL_4
  for (int32_t j = 0; j < length; j++) {
    row[j] = exp[largest - x[j]];
    sum += row[j];
  }
  const tr_row_multiplier scale = tr_row_scale_for(p->scale, sum);
  const int32_t half = (int32_t)(1U << (scale.shift - 1));
  TR_UNROLL_4
  for (int32_t j = 0; j < length; j++) {
    const int32_t high = tr_high_multiply((int32_t)row[j] << 8, scale.multiplier);
    y[j] = (int8_t)tr_saturate8(zero_point + ((high + half) >> scale.shift));
  }
}

void tr_softmax_s8__m4(const tr_softmax_s8_params *p, const int8_t *x, int8_t *y, void *scratch) {
  for (int32_t i = 0; i < p->outer0; i++) {
    for (int32_t j = 0; j < p->outer1; j++) {
      softmax_row(p, x + i * p->x_stride[0] + j * p->x_stride[1],
                  y + i * p->y_stride[0] + j * p->y_stride[1], scratch);
    }
  }
}
