/* A linear layer by panels of three rows, for each form: of the weights' width (weight_stream.h)
 * and of the core (stream_unit.h). */
#ifndef TINYRIG_LINEAR_ROWS_H
#define TINYRIG_LINEAR_ROWS_H

#include "arm/dense_rows.h"
#include "arm/gather.h"
#include "tinyrig/linear.h"

TR_INLINE void tr_linear_rows(const tr_linear_s8_params *p, const int8_t *x, int8_t *y,
                              void *scratch, const tr_form form) {
  const tr_dense dense = {p->weight, &p->requant, p->lut, p->k, p->n, p->y_row, p->y_col};
  uint32_t *const panel = scratch;
  const int32_t most = p->m < 3 ? p->m : 3;
  const int32_t step = tr_dense_most(&dense);
  tr_stream_tiles tiles = tr_dense_tiles(&dense, panel, 3, form);
  int8_t *const copy = (int8_t *)(panel + tr_panel_words(most, p->k));
  for (int32_t i = 0; i < p->m; i += step) {
    const int32_t rows = p->m - i < step ? p->m - i : step;
    const int8_t *row = x + i * p->x_row;
    int32_t x_row = p->x_row;
    if (p->x_col != 1) {
      tr_gather_rows(copy, p->k, row, x_row, p->x_col, rows, p->k, 0);
      row = copy;
      x_row = p->k;
    }
    tr_panel_pack(panel, row, x_row, p->k, rows, 0);
    tr_dense_rows(&dense, &tiles, y + i * p->y_row, rows, form);
  }
}

#endif
