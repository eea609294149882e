/* A part of a linear layer of sparse weights: sums, begun or added to. */
#ifndef TINYRIG_LINEAR_SPARSE_SUMS_H
#define TINYRIG_LINEAR_SPARSE_SUMS_H

#include "arm/sparse_rows.h"
#include "tinyrig/linear.h"

/* The next row of blocks: columns j, and j + 1 where two share them, of a panel's rows. */
TR_INLINE void tr_sparse_add_columns(const tr_sparse_core *core, const tr_linear_s8_s32_params *p,
                                     tr_sparse_frame *frame, int32_t *acc, int32_t rows,
                                     int32_t j) {
  static const int32_t zeros[2] = {0, 0};
  const tr_sparse_places places = tr_sparse_places_of(rows);
  const int32_t second = core->form->rows == 1 || j + 1 == p->n ? 0 : 1;
  int32_t *cells[TR_SPARSE_SUMS];
  frame->start = zeros;
  tr_sparse_sums(core, frame);
  for (int i = 0; i < TR_SPARSE_SUMS; i++) {
    const int32_t column = j + (i < TR_SPARSE_THREE ? 0 : second);
    const int32_t place = core->form->rows == 1 ? i : i % TR_SPARSE_THREE;
    cells[i] = acc + tr_sparse_row_at(places, place) * p->acc_row + column;
    frame->sums[i] += p->start != 0 ? p->start[column] : *cells[i];
  }
  for (int i = TR_SPARSE_SUMS; i-- > 0;) {
    *cells[i] = frame->sums[i];
  }
}

TR_INLINE void tr_linear_sparse_sums(const tr_sparse_core *core, const tr_linear_s8_s32_params *p,
                                     const int8_t *x, int32_t *acc, void *scratch) {
  const int32_t height = tr_sparse_height(core);
  const tr_sparse_form *const form = core->form;
  const tr_sparse_stream stream = tr_sparse_open(form, p->weight, p->n);
  for (int32_t i = 0; i < p->m; i += height) {
    const int32_t rows = p->m - i < height ? p->m - i : height;
    tr_sparse_pack(core, scratch, x + i * p->x_row, p->x_row, p->k, rows);
    tr_sparse_frame frame = {
        .panel = tr_sparse_panel(core, scratch),
        .values = stream.values + tr_sparse_step_bytes(form),
        .gaps = stream.gaps,
        .row = stream.row,
    };
    for (int32_t j = 0; j < p->n; j += form->rows) {
      tr_sparse_add_columns(core, p, &frame, acc + i * p->acc_row, rows, j);
    }
  }
}

#endif
