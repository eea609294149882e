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
  for (int32_t a = 0; a < p->kept[0]; a++) {
    for (int32_t b = 0; b < p->kept[1]; b++) {
      for (int32_t c = 0; c < p->kept[2]; c++) {
        for (int32_t d = 0; d < p->kept[3]; d++) {
          const int8_t *const cell =
              x + a * p->x_kept[0] + b * p->x_kept[1] + c * p->x_kept[2] + d * p->x_kept[3];
          y[a * p->y_kept[0] + b * p->y_kept[1] + c * p->y_kept[2] + d * p->y_kept[3]] =
              (int8_t)(p->first + place(p, cell));
        }
      }
    }
  }
}
