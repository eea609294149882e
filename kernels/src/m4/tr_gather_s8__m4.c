#include "arm/gather_rows.h"

TR_NOINLINE void rows(const tr_gather_s8_params *p, const int8_t *x, int8_t *y) {
  tr_gather_inner(p, x, y, TR_M4);
}

void tr_gather_s8__m4(const tr_gather_s8_params *p, const int8_t *x, int8_t *y, void *scratch) {
  (void)scratch;
  for (int32_t o = 0; o < p->outer; o++) {
    rows(p, x + o * p->x_outer, y + o * p->y_outer);
  }
}
