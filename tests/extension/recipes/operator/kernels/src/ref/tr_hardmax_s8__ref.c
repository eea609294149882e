#include "tinyrig/variants.h"

void tr_hardmax_s8__ref(const tr_hardmax_s8_params *p, const int8_t *x, int8_t *y, void *scratch) {
  (void)scratch;
  for (int32_t i = 0; i < p->rows; i++) {
    const int8_t *const from = x + i * p->x_row;
    int32_t at = 0;
    for (int32_t j = 1; j < p->length; j++) {
      at = from[j * p->x_col] > from[at * p->x_col] ? j : at;
    }
    for (int32_t j = 0; j < p->length; j++) {
      y[i * p->y_row + j * p->y_col] = (int8_t)(j == at ? p->one : p->zero);
    }
  }
}
