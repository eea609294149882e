#include "tinyrig/linear.h"

void tr_requant_s32_s8__ref(const tr_requant_s32_s8_params *p, const int32_t *acc, int8_t *y,
                            void *scratch) {
  (void)scratch;
  for (int32_t m = 0; m < p->m; m++) {
    for (int32_t n = 0; n < p->n; n++) {
      y[n * p->y_col] = tr_lookup(p->lut, tr_requantise(&p->requant, acc[n], n));
    }
    acc += p->acc_row;
    y += p->y_row;
  }
}
