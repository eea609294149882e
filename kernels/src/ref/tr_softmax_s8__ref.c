#include "tinyrig/requant.h"
#include "tinyrig/softmax.h"

static void softmax_row(const tr_softmax_s8_params *p, const int8_t *x, int8_t *y,
                        uint16_t *row) {
  int32_t largest = INT8_MIN;
  for (int32_t j = 0; j < p->length; j++) {
    const int32_t value = x[j * p->x_stride[2]];
    largest = value > largest ? value : largest;
  }
  uint32_t sum = 0;
  for (int32_t j = 0; j < p->length; j++) {
    row[j] = p->exp[largest - x[j * p->x_stride[2]]];
    sum += row[j];
  }
  const tr_row_multiplier scale = tr_row_scale_for(p->scale, sum);
  for (int32_t j = 0; j < p->length; j++) {
    const int32_t value = p->zero_point + tr_row_scaled(scale, (int32_t)row[j] << 8);
    y[j * p->y_stride[2]] = (int8_t)tr_clamp(value, INT8_MIN, INT8_MAX);
  }
}

void tr_softmax_s8__ref(const tr_softmax_s8_params *p, const int8_t *x, int8_t *y, void *scratch) {
  for (int32_t i = 0; i < p->outer0; i++) {
    for (int32_t j = 0; j < p->outer1; j++) {
      softmax_row(p, x + i * p->x_stride[0] + j * p->x_stride[1],
                  y + i * p->y_stride[0] + j * p->y_stride[1], scratch);
    }
  }
}
