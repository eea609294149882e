#include "common/softmax_any.h"

void tr_softmax_masked_s8__ref(const tr_softmax_masked_s8_params *p, const int8_t *x, int8_t *y,
                               void *scratch) {
  const tr_softmax_s8_params *const rows = &p->rows;
  for (int32_t i = 0; i < rows->outer0; i++) {
    for (int32_t j = 0; j < rows->outer1; j++) {
      tr_softmax_any_row(rows, x + i * rows->x_stride[0] + j * rows->x_stride[1],
                         y + i * rows->y_stride[0] + j * rows->y_stride[1], scratch,
                         tr_runs_of(p, i, j));
    }
  }
}
