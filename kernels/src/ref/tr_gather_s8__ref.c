#include "tinyrig/elementwise.h"

void tr_gather_s8__ref(const tr_gather_s8_params *p, const int8_t *x, int8_t *y, void *scratch) {
  (void)scratch;
  for (int32_t o = 0; o < p->outer; o++) {
    for (int32_t i = 0; i < p->count; i++) {
      const int8_t *const from = x + o * p->x_outer + p->index[i] * p->x_step;
      int8_t *const to = y + o * p->y_outer + i * p->y_step;
      for (int32_t j = 0; j < p->inner; j++) {
        to[j * p->y_inner] = from[j * p->x_inner];
      }
    }
  }
}
