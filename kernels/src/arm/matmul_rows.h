/* A product of activations by panels of three rows; forms as in row_tiles.h. */
#ifndef TINYRIG_MATMUL_ROWS_H
#define TINYRIG_MATMUL_ROWS_H

#include "arm/matmul_tiles.h"

/* Sums held before they are requantised in a form that no tile ends in. */
#define TR_HELD_COLUMNS 24

/* Requantises dot [columns][row] to y in any form. */
TR_INLINE void tr_matmul_store(const tr_matmul_s8_params *p, const int32_t *start, int32_t columns,
                     const int32_t *dot, int8_t *y) {
  const int32_t m = *p->requant.multiplier;
  for (; columns > 0; columns--) {
    for (int i = 0; i < TR_ROWS; i++) {
      const int32_t acc = tr_wrapping_add(start[i], *dot++);
      y[i * p->y_stride[2]] = (int8_t)tr_finish(&p->requant, p->lut, acc, m);
    }
    y += p->y_stride[3];
  }
}

/* Three rows of a, packed, times all of b, whose columns are rows of `width` bytes here. */
TR_NOINLINE void tr_matmul_block(const tr_matmul_s8_params *p, const uint32_t *panel,
                                 const int8_t *b, int32_t b_row, int32_t width, int8_t *y,
                                 const tr_form form) {
  int32_t start[TR_ROWS];
  int32_t dot[TR_ROWS * TR_HELD_COLUMNS];
  tr_panel_sums(panel, TR_ROWS, width, start);
  for (int i = 0; i < TR_ROWS; i++) {
    start[i] = tr_wrapping_mls(p->start, p->b_zero_point, start[i]);
  }
  if (tr_finish_is_narrow(&p->requant)) {
    const tr_rows rows = {b, b_row, 2 * b_row, width};
    tr_matmul_tiles(p, &rows, panel, start, y, form);
    return;
  }
  TR_NO_UNROLL
  for (int32_t j = 0; j < p->n; j += TR_HELD_COLUMNS) {
    const int32_t columns = p->n - j < TR_HELD_COLUMNS ? p->n - j : TR_HELD_COLUMNS;
    tr_products_3x2(panel, b + j * b_row, b_row, width, columns, dot, form);
    tr_matmul_store(p, start, columns, dot, y + j * p->y_stride[3]);
  }
}

TR_NOINLINE void tr_matmul_product(const tr_matmul_s8_params *p, const int8_t *a, const int8_t *b,
                                   int8_t *y, uint32_t *panel, const tr_form form) {
  const int32_t width = tr_matmul_width(p);
  int8_t *const a_copy = (int8_t *)(panel + tr_panel_words(TR_ROWS, width));
  int32_t b_row = p->b_stride[3];
  if (width != p->k || p->b_stride[2] != 1) {
    int8_t *const b_copy = a_copy + TR_ROWS * width;
    tr_gather_rows(b_copy, width, b, b_row, p->b_stride[2], p->n, p->k, 0);
    b = b_copy;
    b_row = width;
  }
  for (int32_t i = 0; i < p->m; i += TR_ROWS) {
    const int32_t row = tr_matmul_block_row(p, i);
    tr_matmul_pack(p, a + row * p->a_stride[2], panel, a_copy);
    tr_matmul_block(p, panel, b, b_row, width, y + row * p->y_stride[2], form);
  }
}

TR_INLINE void tr_matmul_rows(const tr_matmul_s8_params *p, const int8_t *a, const int8_t *b,
                              int8_t *y, void *scratch, const tr_form form) {
  for (int32_t i = 0; i < p->batch0; i++) {
    for (int32_t j = 0; j < p->batch1; j++) {
      tr_matmul_product(p, a + i * p->a_stride[0] + j * p->a_stride[1],
                        b + i * p->b_stride[0] + j * p->b_stride[1],
                        y + i * p->y_stride[0] + j * p->y_stride[1], scratch, form);
    }
  }
}

#endif
