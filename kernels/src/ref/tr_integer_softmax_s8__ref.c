#include "common/row_exponentials.h"
#include "tinyrig/variants.h"

static void weigh(const tr_integer_softmax_s8_params *p, const int8_t *x, int8_t *y) {
  const int32_t largest = tr_row_largest(x, p->length, p->x_col);
  const uint32_t sum = tr_row_sum(p->exp, largest, x, p->length, p->x_col);
  for (int32_t i = 0; i < p->length; i++) {
    const uint32_t power = p->exp[largest - x[i * p->x_col]];
    y[i * p->y_col] = (int8_t)((int32_t)(power * (uint32_t)p->top / sum) + p->zero_point);
  }
}

void tr_integer_softmax_s8__ref(const tr_integer_softmax_s8_params *p, const int8_t *x, int8_t *y,
                                void *scratch) {
  (void)scratch;
  for (int32_t i = 0; i < p->rows; i++) {
    weigh(p, x + i * p->x_row, y + i * p->y_row);
  }
}
