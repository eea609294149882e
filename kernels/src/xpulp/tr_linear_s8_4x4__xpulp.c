#include "tinyrig/linear.h"
#include "xpulp/xpulp_dense.h"

void tr_linear_s8_4x4__xpulp(const tr_linear_s8_params *p, const int8_t *x, int8_t *y,
                             void *scratch) {
  (void)scratch;
  const tr_xp_dense d = {x,      p->weight, y,        0,        p->start, &p->requant, p->lut,
                         p->x_row, p->k,    p->y_row, p->y_col, p->k};
  tr_xp_dense_part(&d, tr_xp_part_of(p->m, p->n));
  tr_cluster_barrier();
}
