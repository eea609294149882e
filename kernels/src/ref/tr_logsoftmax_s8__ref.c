#include "common/row_exponentials.h"
#include "common/row_logarithm.h"

static void normalise(const tr_logsoftmax_s8_params *p, const int8_t *x, int8_t *y) {
  const int32_t largest = tr_row_largest(x, p->length, p->x_col);
  const uint32_t sum = tr_row_sum(p->exp, largest, x, p->length, p->x_col);
  const int32_t start = p->start - tr_row_logarithm(p, sum);
  for (int32_t i = 0; i < p->length; i++) {
    const int32_t below = largest - x[i * p->x_col];
    y[i * p->y_col] = tr_requantise(&p->requant, start - below * p->slope, 0);
  }
}

void tr_logsoftmax_s8__ref(const tr_logsoftmax_s8_params *p, const int8_t *x, int8_t *y,
                           void *scratch) {
  (void)scratch;
  for (int32_t i = 0; i < p->rows; i++) {
    normalise(p, x + i * p->x_row, y + i * p->y_row);
  }
}
