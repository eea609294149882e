#include "arm/extreme_row.h"
#include "common/kept_axes.h"
#include "tinyrig/variants.h"

/* One output, of all its lines. */
TR_INLINE int8_t extreme(const tr_reduce_s8_params *p, const int8_t *x, const int least) {
  uint32_t four = tr_load4(x);
  for (int32_t a = 0; a < p->reduced[0]; a++) {
    for (int32_t b = 0; b < p->reduced[1]; b++) {
      for (int32_t c = 0; c < p->reduced[2]; c++) {
        four = tr_extreme_row(
            four, x + a * p->x_reduced[0] + b * p->x_reduced[1] + c * p->x_reduced[2],
            p->reduced[3], least);
      }
    }
  }
  return (int8_t)(tr_extreme_all(four, least) & 0xFFU);
}

TR_NOINLINE int8_t largest(const tr_reduce_s8_params *p, const int8_t *x) {
  return extreme(p, x, 0);
}

TR_NOINLINE int8_t smallest(const tr_reduce_s8_params *p, const int8_t *x) {
  return extreme(p, x, 1);
}

void tr_reduce_s8_rows__m4(const tr_reduce_s8_params *p, const int8_t *x, int8_t *y,
                           void *scratch) {
  (void)scratch;
  tr_kept_cell cell = {0};
  do {
    y[cell.y] = p->least ? smallest(p, x + cell.x) : largest(p, x + cell.x);
  } while (tr_kept_next(&cell, p->kept, p->x_kept, p->y_kept));
}
