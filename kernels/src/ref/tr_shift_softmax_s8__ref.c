#include "tinyrig/variants.h"

/* How often a score halves the power 256, so far below the largest. */
static int32_t halvings(int32_t below) { return (below + 16) >> 5; }

static void weigh(const tr_shift_softmax_s8_params *p, const int8_t *x, int8_t *y) {
  int32_t largest = INT8_MIN;
  int32_t sum = 0;
  for (int32_t first = 0; first < p->length; first += p->group) {
    int32_t top = largest;
    for (int32_t i = first; i < first + p->group; i++) {
      const int32_t code = x[i * p->x_col];
      top = code > top ? code : top;
    }
    sum >>= halvings(top - largest);
    largest = top;
    for (int32_t i = first; i < first + p->group; i++) {
      sum += 256 >> halvings(largest - x[i * p->x_col]);
    }
  }
  const int32_t share = p->top * 256 / sum;
  for (int32_t i = 0; i < p->length; i++) {
    y[i * p->y_col] = (int8_t)((share >> halvings(largest - x[i * p->x_col])) + p->zero_point);
  }
}

void tr_shift_softmax_s8__ref(const tr_shift_softmax_s8_params *p, const int8_t *x, int8_t *y,
                              void *scratch) {
  (void)scratch;
  for (int32_t i = 0; i < p->rows; i++) {
    weigh(p, x + i * p->x_row, y + i * p->y_row);
  }
}
