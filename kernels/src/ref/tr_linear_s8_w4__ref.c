#include "common/nibbles.h"
#include "tinyrig/linear.h"

void tr_linear_s8_w4__ref(const tr_linear_s8_params *p, const int8_t *x, int8_t *y,
                          void *scratch) {
  (void)scratch;
  for (int32_t i = 0; i < p->m; i++) {
    const int8_t *const row = x + i * p->x_row;
    for (int32_t j = 0; j < p->n; j++) {
      int32_t acc = p->start[j];
      for (int32_t c = 0; c < p->k; c++) {
        acc += row[c * p->x_col] * tr_nibble(p->weight, j * p->k + c);
      }
      y[i * p->y_row + j * p->y_col] = tr_lookup(p->lut, tr_requantise(&p->requant, acc, j));
    }
  }
}
