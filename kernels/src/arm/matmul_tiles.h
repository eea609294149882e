/* What the products of activations share: three rows of a as a panel, and its tiles. */
#ifndef TINYRIG_MATMUL_TILES_H
#define TINYRIG_MATMUL_TILES_H

#include "arm/gather.h"
#include "arm/row_tiles.h"
#include "tinyrig/matmul.h"

#define TR_ROWS 3

/* Columns of rows, at least a unit. */
TR_INLINE int32_t tr_matmul_width(const tr_matmul_s8_params *p) {
  return p->k < TR_UNIT ? TR_UNIT : p->k;
}

/* Packs three rows of a less its zero point, by way of `copy` where they are short or not
 * contiguous. */
TR_INLINE void tr_matmul_pack(const tr_matmul_s8_params *p, const int8_t *a, uint32_t *panel,
                              int8_t *copy) {
  const int32_t width = tr_matmul_width(p);
  int32_t row = p->a_stride[2];
  if (width != p->k || p->a_stride[3] != 1) {
    tr_gather_rows(copy, width, a, row, p->a_stride[3], TR_ROWS, p->k, p->a_zero_point);
    a = copy;
    row = width;
  }
  tr_panel_pack(panel, a, row, width, TR_ROWS, tr_pair(-p->a_zero_point, -p->a_zero_point));
}

/* The first row of the block at row i: the last block may overlap. */
TR_INLINE int32_t tr_matmul_block_row(const tr_matmul_s8_params *p, int32_t i) {
  return i < p->m - TR_ROWS ? i : p->m - TR_ROWS;
}

/* A panel times all columns of b, its rows here, that a saturating high multiply finishes. */
TR_INLINE void tr_matmul_tiles(const tr_matmul_s8_params *p, const tr_rows *rows,
                               const uint32_t *panel, const int32_t *start, int8_t *y,
                               const tr_form form) {
  tr_row_narrow f = {tr_rows_frame(rows, p->n, panel, tr_units(tr_matmul_width(p)), start, y,
                                   p->y_stride[2], p->y_stride[3], form),
                     *p->requant.multiplier, p->lut != 0 ? p->lut - INT8_MIN : 0};
  if (p->n > 1) {
    tr_rows_narrow(&f, rows->w, rows->row, form);
  }
  if (p->n % 2 != 0) {
    const int8_t *const odd = tr_rows_odd(rows, p->n, &f.to, form);
    tr_rows_narrow(&f, odd, 0, form);
  }
}

#endif
