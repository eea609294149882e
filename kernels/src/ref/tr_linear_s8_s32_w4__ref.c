#include "common/nibbles.h"
#include "tinyrig/linear.h"

void tr_linear_s8_s32_w4__ref(const tr_linear_s8_s32_params *p, const int8_t *x, int32_t *acc,
                              void *scratch) {
  (void)scratch;
  for (int32_t m = 0; m < p->m; m++) {
    for (int32_t n = 0; n < p->n; n++) {
      int32_t sum = p->start != 0 ? p->start[n] : acc[n];
      for (int32_t k = 0; k < p->k; k++) {
        sum += x[k] * tr_nibble(p->weight, n * p->k + k);
      }
      acc[n] = sum;
    }
    x += p->x_row;
    acc += p->acc_row;
  }
}
