#include "common/bitmap_table.h"
#include "common/row_multiplier.h"
#include "tinyrig/requant.h"

static void softmax_row(const tr_softmax_bitmap_s8_params *p, tr_bitmap_table *table,
                        const int8_t *x, int8_t *y) {
  int32_t largest = INT8_MIN;
  for (int32_t j = 0; j < p->length; j++) {
    const int32_t value = x[j * p->x_stride[2]];
    largest = value > largest ? value : largest;
  }
  uint32_t sum = 0;
  for (int32_t j = 0; j < p->length; j++) {
    sum += tr_bitmap_exponential(p, table, (uint32_t)(largest - x[j * p->x_stride[2]]));
  }
  const tr_row_multiplier scale = tr_row_scale_for(p->scale, sum);
  for (int32_t j = 0; j < p->length; j++) {
    const int32_t e = table->value[largest - x[j * p->x_stride[2]]];
    const int32_t value = p->zero_point + tr_row_scaled(scale, e << 8);
    y[j * p->y_stride[2]] = (int8_t)tr_clamp(value, INT8_MIN, INT8_MAX);
  }
}

void tr_softmax_bitmap_s8__ref(const tr_softmax_bitmap_s8_params *p, const int8_t *x, int8_t *y,
                               void *scratch) {
  tr_bitmap_clear(scratch);
  for (int32_t i = 0; i < p->outer0; i++) {
    for (int32_t j = 0; j < p->outer1; j++) {
      softmax_row(p, scratch, x + i * p->x_stride[0] + j * p->x_stride[1],
                  y + i * p->y_stride[0] + j * p->y_stride[1]);
    }
  }
}
