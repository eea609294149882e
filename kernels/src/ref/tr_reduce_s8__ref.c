#include "common/kept_axes.h"
#include "tinyrig/variants.h"

static int32_t extreme(const tr_reduce_s8_params *p, const int8_t *x) {
  int32_t found = x[0];
  for (int32_t a = 0; a < p->reduced[0]; a++) {
    for (int32_t b = 0; b < p->reduced[1]; b++) {
      for (int32_t c = 0; c < p->reduced[2]; c++) {
        const int8_t *const line =
            x + a * p->x_reduced[0] + b * p->x_reduced[1] + c * p->x_reduced[2];
        for (int32_t d = 0; d < p->reduced[3]; d++) {
          const int32_t code = line[d * p->x_reduced[3]];
          found = (code < found) == (p->least != 0) ? code : found;
        }
      }
    }
  }
  return found;
}

void tr_reduce_s8__ref(const tr_reduce_s8_params *p, const int8_t *x, int8_t *y, void *scratch) {
  (void)scratch;
  tr_kept_cell cell = {0};
  do {
    y[cell.y] = (int8_t)extreme(p, x + cell.x);
  } while (tr_kept_next(&cell, p->kept, p->x_kept, p->y_kept));
}
