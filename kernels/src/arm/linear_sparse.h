/* A linear layer of sparse weights, whole or in part. */
#ifndef TINYRIG_LINEAR_SPARSE_H
#define TINYRIG_LINEAR_SPARSE_H

#include "arm/sparse_rows.h"
#include "tinyrig/linear.h"

TR_INLINE void tr_linear_sparse(const tr_sparse_core *core, const tr_linear_s8_params *p,
                                const int8_t *x, int8_t *y, void *scratch) {
  const tr_sparse sparse = {p->weight, p->start, &p->requant, p->lut,
                            p->k,      p->n,     p->y_row,    p->y_col};
  tr_sparse_rows(core, &sparse, x, p->x_row, p->x_col, y, p->m, scratch);
}

#endif
