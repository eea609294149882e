#include "common/kept_axes.h"
#include "tinyrig/variants.h"

/* Only the last of the reduced axes is longer than one. */
static int32_t place(const tr_argmax_s8_params *p, const int8_t *x) {
  int32_t at = 0;
  for (int32_t i = 1; i < p->reduced[3]; i++) {
    const int32_t code = x[i * p->x_reduced[3]];
    const int32_t best = x[at * p->x_reduced[3]];
    const int beyond = p->least ? code < best : code > best;
    at = beyond || (p->last && code == best) ? i : at;
  }
  return at;
}

void tr_argmax_s8__ref(const tr_argmax_s8_params *p, const int8_t *x, int8_t *y, void *scratch) {
  (void)scratch;
  tr_kept_cell cell = {0};
  do {
    y[cell.y] = (int8_t)(p->first + place(p, x + cell.x));
  } while (tr_kept_next(&cell, p->kept, p->x_kept, p->y_kept));
}
