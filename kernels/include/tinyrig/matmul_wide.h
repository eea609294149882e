/* A product of activations by panels of three rows, b widened once: its columns by pairs, less its
 * zero point, so that every row starts from one value. */
#ifndef TINYRIG_MATMUL_WIDE_H
#define TINYRIG_MATMUL_WIDE_H

#define TR_STREAM_16
#include "tinyrig/matmul_tiles.h"

#define TR_GATHERED 4

/* Widens columns of b; an odd last one twice. `copy` has room for TR_GATHERED of them. */
TR_NOINLINE void tr_matmul_widen(const tr_matmul_s8_params *p, const int8_t *b, uint32_t *wide,
                                 int8_t *copy) {
  const int32_t width = tr_matmul_width(p);
  const int gathered = width != p->k || p->b_stride[2] != 1;
  const uint32_t offset = tr_pair(-p->b_zero_point, -p->b_zero_point);
  for (int32_t j = 0; j < p->n; j += TR_GATHERED) {
    const int32_t columns = p->n - j < TR_GATHERED ? p->n - j : TR_GATHERED;
    const int8_t *from = b + j * p->b_stride[3];
    int32_t row = p->b_stride[3];
    if (gathered) {
      tr_gather_rows(copy, width, from, row, p->b_stride[2], columns, p->k, p->b_zero_point);
      from = copy;
      row = width;
    }
    for (int32_t c = 0; c < columns; c += 2) {
      tr_panel_pack(wide, from + c * row, c + 1 < columns ? row : 0, width, 2, offset);
      wide += tr_panel_words(2, width);
    }
  }
}

TR_INLINE void tr_matmul_wide(const tr_matmul_s8_params *p, const int8_t *a, const int8_t *b,
                              int8_t *y, void *scratch) {
  const int32_t width = tr_matmul_width(p);
  const int32_t pair = tr_panel_words(2, width);
  const int32_t start[TR_ROWS] = {p->start, p->start, p->start};
  uint32_t *const wide = scratch;
  uint32_t *const panel = wide + (p->n + 1) / 2 * pair;
  int8_t *const copy = (int8_t *)(panel + tr_panel_words(TR_ROWS, width));
  const tr_rows rows = {scratch, 0, 4 * pair, 0};
  for (int32_t i = 0; i < p->batch0; i++) {
    for (int32_t j = 0; j < p->batch1; j++) {
      const int8_t *const left = a + i * p->a_stride[0] + j * p->a_stride[1];
      int8_t *const to = y + i * p->y_stride[0] + j * p->y_stride[1];
      tr_matmul_widen(p, b + i * p->b_stride[0] + j * p->b_stride[1], wide, copy);
      for (int32_t n = 0; n < p->m; n += TR_ROWS) {
        const int32_t row = tr_matmul_block_row(p, n);
        tr_matmul_pack(p, left + row * p->a_stride[2], panel, copy);
        tr_matmul_tiles(p, &rows, panel, start, to + row * p->y_stride[2]);
      }
    }
  }
}

#endif
