/* A part of a linear layer by panels of three rows; variants as in linear_rows.h. */
#ifndef TINYRIG_LINEAR_SUMS_H
#define TINYRIG_LINEAR_SUMS_H

#include <stddef.h>

#include "tinyrig/linear.h"
#include "tinyrig/stream_tiles.h"

/* Adds a panel's one or two rows times a pair of columns to the sums at acc. */
TR_INLINE void tr_sums_pair(const uint32_t *panel, const int8_t *stream, int32_t k, int32_t *acc,
                            int32_t acc_row, const int rows) {
  int32_t dot[4];
  tr_stream_tile(panel, stream, k, dot, rows);
  for (int i = 0; i < 2 * rows; i++) {
    int32_t *const sum = acc + i % rows * acc_row + i / rows;
    *sum = tr_wrapping_add(*sum, dot[i]);
  }
}

TR_NOINLINE void tr_sums_few(const tr_linear_s8_s32_params *p, const uint32_t *panel,
                             int32_t *acc, int32_t rows) {
  const int8_t *stream = p->weight;
  for (int32_t n = 0; n < p->n; n += 2) {
    int32_t *const to = acc + (n < p->n - 2 ? n : p->n - 2);
    if (rows == 2) {
      tr_sums_pair(panel, stream, p->k, to, p->acc_row, 2);
    } else {
      tr_sums_pair(panel, stream, p->k, to, p->acc_row, 1);
    }
    stream += tr_stream_pair(p->k);
  }
}

TR_INLINE void tr_sums_three(const tr_linear_s8_s32_params *p, tr_stream_tiles *tiles,
                             int32_t *acc) {
  tiles->y = (int8_t *)acc;
  tr_stream_add(tiles, p->weight);
  if (p->n % 2 != 0) {
    tr_stream_tiles odd = *tiles;
    odd.stream_end = tiles->stream_end + tr_stream_pair(p->k);
    odd.y = (int8_t *)(acc + p->n - 2);
    tr_stream_add(&odd, tiles->stream_end);
  }
}

TR_INLINE void tr_linear_sums(const tr_linear_s8_s32_params *p, const int8_t *x, int32_t *acc,
                              void *scratch) {
  uint32_t *const panel = scratch;
  tr_stream_tiles tiles = {panel + tr_panel_words(3, p->k),
                           panel,
                           p->weight + p->n / 2 * tr_stream_pair(p->k),
                           0,
                           4 * p->acc_row,
                           0,
                           0};
  for (int32_t i = 0; i < p->m; i += 3) {
    const int32_t rows = p->m - i < 3 ? p->m - i : 3;
    int32_t *const sums = acc + i * p->acc_row;
    if (p->start != 0) {
      for (int32_t row = 0; row < rows; row++) {
        __builtin_memcpy(sums + row * p->acc_row, p->start, (size_t)p->n * sizeof *sums);
      }
    }
    tr_panel_pack(panel, x + i * p->x_row, p->x_row, p->k, rows, 0);
    if (rows == 3) {
      tr_sums_three(p, &tiles, sums);
    } else {
      tr_sums_few(p, panel, sums, rows);
    }
  }
}

#endif
