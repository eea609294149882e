/* A linear layer of one to three outputs: its weights are the panel, and the rows of x what the
 * panel is multiplied with, so that no row of x is packed. Forms as in row_tiles.h. */
#ifndef TINYRIG_LINEAR_FEW_H
#define TINYRIG_LINEAR_FEW_H

#include "arm/row_tiles.h"
#include "tinyrig/linear.h"

TR_INLINE void tr_linear_few(const tr_linear_s8_params *p, const int8_t *x, int8_t *y,
                             void *scratch, const tr_form form) {
  uint32_t *const panel = scratch;
  const tr_rows rows = {x, p->x_row, 2 * p->x_row, p->k};
  const int32_t none[3] = {0};
  tr_row_scaled_frame f = {tr_rows_frame(&rows, p->m, panel, tr_units(p->k), none, y,
                                         p->n > 1 ? p->y_col : 0, p->y_row, form),
                           {0}};
  f.to.y_third = (p->n - 1) * p->y_col;
  /* A row behind the last is the last once more, and so are its outputs. */
  for (int32_t i = 0; i < 3; i++) {
    const int32_t n = i < p->n ? i : p->n - 1;
    f.to.start[i] = p->start[n];
    f.scale[3 * i] = p->requant.multiplier[n * p->requant.channel_step];
    tr_pack_rows(panel + 2 * i, p->weight + n * p->k, 0, p->k, 3, 1, 0);
  }
  if (p->m > 1) {
    tr_rows_scaled(&f, x, p->x_row, form);
  }
  if (p->m % 2 != 0) {
    const int8_t *const odd = tr_rows_odd(&rows, p->m, &f.to, form);
    tr_rows_scaled(&f, odd, 0, form);
  }
}

#endif
