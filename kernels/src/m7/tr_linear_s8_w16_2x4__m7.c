#include "arm/quads.h"
#include "tinyrig/linear.h"

void tr_linear_s8_w16_2x4__m7(const tr_linear_s8_params *p, const int8_t *x, int8_t *y,
                              void *scratch) {
  const tr_quads q = {p->weight, p->lut != 0 ? p->lut - INT8_MIN : 0, p->k, p->n, p->x_row,
                      p->y_row};
  tr_quads_all(&q, x, y, p->m, scratch, TR_M7);
}
