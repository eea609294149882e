/* A product of activations by panels of three rows and a stream of b, both of halves
 * (arm/half_stream.h): b keeps a byte an element. */
#ifndef TINYRIG_MATMUL_HALVES_H
#define TINYRIG_MATMUL_HALVES_H

#include "arm/half_tiles.h"
#include "tinyrig/matmul.h"

#define TR_ROWS 3

/* All columns of b; an odd last one is its pair's both. `copy` has room for two columns that are
 * not contiguous. */
TR_NOINLINE void tr_matmul_stream(const tr_matmul_s8_params *p, const int8_t *b, int8_t *to,
                                  int8_t *copy) {
  const int32_t pair = tr_half_pair(p->k);
  const int32_t column = p->b_stride[3];
  int32_t j = 0;
  if (column == 1) {
    for (; j + 4 <= p->n; j += 4) {
      tr_half_stream_four(to + j / 2 * pair, b + j, p->b_stride[2], p->k);
    }
  }
  for (; j < p->n; j += 2) {
    const int32_t columns = j + 1 < p->n ? 2 : 1;
    const int8_t *from = b + j * column;
    int32_t next = column;
    if (p->b_stride[2] != 1) {
      tr_gather_rows(copy, p->k, from, column, p->b_stride[2], columns, p->k, 0);
      from = copy;
      next = p->k;
    }
    tr_half_stream_two(to + j / 2 * pair, from, from + (columns - 1) * next, p->k);
  }
  for (j = 0; j < p->n; j += 2) {
    tr_half_stream_start(to + j / 2 * pair, p->k, p->a_zero_point);
  }
}

/* Three rows of a, packed, times all columns. */
TR_INLINE void tr_matmul_columns(const tr_matmul_s8_params *p, tr_half_tiles *tiles,
                                 const int8_t *stream, int8_t *y, const tr_form form) {
  tiles->stream_end = stream + p->n / 2 * tr_half_pair(p->k);
  tiles->y = y;
  tiles->y_col = p->y_stride[3];
  if (p->n > 1) {
    tr_half_tiles_narrow(tiles, stream, form);
  }
  if (p->n % 2 != 0) {
    const int8_t *const odd = tiles->stream_end;
    tiles->stream_end += tr_half_pair(p->k);
    tiles->y = y + (p->n - 1) * p->y_stride[3];
    tiles->y_col = 0;
    tr_half_tiles_narrow(tiles, odd, form);
  }
}

TR_NOINLINE void tr_matmul_product(const tr_matmul_s8_params *p, const int8_t *a, const int8_t *b,
                                   int8_t *y, uint32_t *panel, const tr_form form) {
  int8_t *const stream = (int8_t *)(panel + tr_panel_words(TR_ROWS, p->k));
  int8_t *const copy = stream + (p->n + 1) / 2 * tr_half_pair(p->k);
  const tr_half_column column = tr_half_column_of(p->b_zero_point, p->k);
  const int32_t start = tr_wrapping_add((int32_t)((uint32_t)p->start << 8),
                                        tr_half_row_column(p->a_zero_point, &column, p->k));
  tr_half_tiles tiles = {panel + tr_panel_words(TR_ROWS, p->k),
                         panel,
                         {0, 0, 0},
                         0,
                         0,
                         p->y_stride[2],
                         0,
                         *p->requant.multiplier,
                         p->lut != 0 ? p->lut - INT8_MIN : 0};
  tr_matmul_stream(p, b, stream, copy);
  for (int32_t i = 0; i < p->m; i += TR_ROWS) {
    const int32_t at = i < p->m - TR_ROWS ? i : p->m - TR_ROWS;
    const int8_t *rows = a + at * p->a_stride[2];
    int32_t next = p->a_stride[2];
    if (p->a_stride[3] != 1) {
      tr_gather_rows(copy, p->k, rows, next, p->a_stride[3], TR_ROWS, p->k, 0);
      rows = copy;
      next = p->k;
    }
    for (int r = 0; r < TR_ROWS; r++) {
      const int32_t product = tr_half_pack_row(panel + 2 * r, rows + r * next, p->k, &column);
      tiles.start[r] = tr_wrapping_mls(start, product, 1);
    }
    tr_matmul_columns(p, &tiles, stream, y + at * p->y_stride[2], form);
  }
}

TR_INLINE void tr_matmul_halves(const tr_matmul_s8_params *p, const int8_t *a, const int8_t *b,
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
