/* A panel's rows times a weight matrix, requantised: what linear layers and convolutions share. */
#ifndef TINYRIG_DENSE_ROWS_H
#define TINYRIG_DENSE_ROWS_H

#include "tinyrig/finish.h"
#include "tinyrig/tile_3x2.h"

/* Sums held before they are requantised; their buffer is on the stack. */
#define TR_DENSE_COLUMNS 24

/* weight [n][k], start [n], y [row][column] with its strides. */
typedef struct {
  const int8_t *weight;
  const int32_t *start;
  const tr_requant *requant;
  const int8_t *lut;
  int32_t k;
  int32_t n;
  int32_t y_row;
  int32_t y_col;
} tr_dense;

/* Requantises dot [columns][rows] to the outputs at y of the columns from j on. */
TR_INLINE void tr_dense_store(const tr_dense *d, int32_t j, int32_t columns, const int32_t *dot,
                              int8_t *y, int32_t rows) {
  const int32_t step = d->requant->channel_step;
  const int32_t *start = d->start + j;
  const int32_t *multiplier = d->requant->multiplier + j * step;
  const int32_t y_row = d->y_row;
  const int32_t y_col = d->y_col;
  const int8_t *const lut = d->lut;
  if (tr_finish_is_plain(d->requant, lut)) {
    TR_NO_UNROLL
    for (; columns > 0; columns--) {
      const int32_t begin = *start++;
      const int32_t m = *multiplier;
      for (int32_t i = 0; i < rows; i++) {
        y[i * y_row] = (int8_t)tr_finish_narrow(tr_wrapping_add(begin, *dot++), m);
      }
      multiplier += step;
      y += y_col;
    }
  } else {
    const tr_requant form = *d->requant;
    TR_NO_UNROLL
    for (; columns > 0; columns--) {
      TR_NO_UNROLL
      for (int32_t i = 0; i < rows; i++) {
        y[i * y_row] = (int8_t)tr_finish(&form, lut, tr_wrapping_add(*start, *dot++), *multiplier);
      }
      start++;
      multiplier += step;
      y += y_col;
    }
  }
}

TR_INLINE void tr_dense_block(const tr_dense *d, const uint32_t *panel, int8_t *y, int32_t rows) {
  tr_tiles *const tiles = tr_tiles_of(rows);
  int32_t dot[3 * TR_DENSE_COLUMNS];
  TR_NO_UNROLL
  for (int32_t j = 0; j < d->n; j += TR_DENSE_COLUMNS) {
    const int32_t columns = d->n - j < TR_DENSE_COLUMNS ? d->n - j : TR_DENSE_COLUMNS;
    tr_products(panel, d->weight + j * d->k, d->k, d->k, columns, tiles, rows, dot);
    tr_dense_store(d, j, columns, dot, y + j * d->y_col, rows);
  }
}

/* One to three rows; the panel was packed with that many. */
TR_NOINLINE void tr_dense_rows(const tr_dense *d, const uint32_t *panel, int8_t *y, int32_t rows) {
  if (rows == 3) {
    tr_dense_block(d, panel, y, 3);
  } else {
    tr_dense_block(d, panel, y, rows);
  }
}

#endif
