#include "arm/softmax_run.h"
#include "common/row_multiplier.h"

/* One row of contiguous elements. */
TR_NOINLINE void softmax_row(const tr_softmax_s8_params *p, const int8_t *x, int8_t *y,
                             uint16_t *row) {
  const uint32_t largest = tr_in_all_bytes(tr_larger_of(TR_NO_LARGEST, x, p->length));
  uint32_t sum = tr_look_up_run(p->exp, largest, x, p->length, row);
  if (p->fine != 0) {
    sum = tr_fine_sum(p->fine, largest, x, p->length);
  }
  tr_probabilities(p, row, y, p->length, tr_row_scale_for(p->scale, sum));
}

void tr_softmax_s8__m4(const tr_softmax_s8_params *p, const int8_t *x, int8_t *y, void *scratch) {
  for (int32_t i = 0; i < p->outer0; i++) {
    for (int32_t j = 0; j < p->outer1; j++) {
      softmax_row(p, x + i * p->x_stride[0] + j * p->x_stride[1],
                  y + i * p->y_stride[0] + j * p->y_stride[1], scratch);
    }
  }
}
