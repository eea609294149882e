#include "common/softmax_any.h"

void tr_softmax_s8__ref(const tr_softmax_s8_params *p, const int8_t *x, int8_t *y, void *scratch) {
  const int32_t whole[2] = {0, p->length};
  const tr_kept_runs all = {whole, 1};
  for (int32_t i = 0; i < p->outer0; i++) {
    for (int32_t j = 0; j < p->outer1; j++) {
      tr_softmax_any_row(p, x + i * p->x_stride[0] + j * p->x_stride[1],
                         y + i * p->y_stride[0] + j * p->y_stride[1], scratch, all);
    }
  }
}
