/* A panel's rows times a weight matrix, requantised: what linear layers and convolutions share. */
#ifndef TINYRIG_DENSE_ROWS_H
#define TINYRIG_DENSE_ROWS_H

#include "tinyrig/finish.h"
#include "tinyrig/tile_finish.h"

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

/* Requantises dot [columns][rows] to the outputs at y of the columns from j on: the plain form. */
TR_INLINE void tr_dense_store(const tr_dense *d, int32_t j, int32_t columns, const int32_t *dot,
                              int8_t *y, const int rows) {
  const int32_t step = d->requant->channel_step;
  const int32_t *start = d->start + j;
  const int32_t *multiplier = d->requant->multiplier + j * step;
  const int32_t y_row = d->y_row;
  const int32_t y_col = d->y_col;
  TR_NO_UNROLL
  for (; columns > 0; columns--) {
    const int32_t begin = *start++;
    const int32_t m = *multiplier;
    for (int i = 0; i < rows; i++) {
      y[i * y_row] = (int8_t)tr_finish_narrow(tr_wrapping_add(begin, *dot++), m);
    }
    multiplier += step;
    y += y_col;
  }
}

/* The same for every form, clamp and table. */
TR_NOINLINE void tr_dense_store_any(const tr_dense *d, int32_t j, int32_t columns,
                                    const int32_t *dot, int8_t *y, int32_t rows) {
  const tr_requant form = *d->requant;
  const int8_t *const lut = d->lut;
  const int32_t y_row = d->y_row;
  for (int32_t c = 0; c < columns; c++) {
    const int32_t begin = d->start[j + c];
    const int32_t m = form.multiplier[(j + c) * form.channel_step];
    int8_t *to = y + c * d->y_col;
    TR_NO_UNROLL
    for (int32_t i = 0; i < rows; i++) {
      *to = (int8_t)tr_finish(&form, lut, tr_wrapping_add(begin, *dot++), m);
      to += y_row;
    }
  }
}

/* Three rows and at least two columns, when a saturating high multiply and a table finish them.
 * An odd last column is done with the one before it. */
TR_INLINE void tr_dense_three(const tr_dense *d, const uint32_t *panel, int8_t *y) {
  const int32_t step = d->requant->channel_step;
  tr_tile_finish f = {panel + tr_panel_words(3, d->k),
                      panel,
                      d->start,
                      d->requant->multiplier,
                      4 * step,
                      y,
                      d->y_row,
                      d->y_col,
                      d->k,
                      tr_first_unit(d->k) - TR_UNIT,
                      d->n / 2,
                      d->lut != 0 ? d->lut - INT8_MIN : 0};
  tr_column_starts(&f, d->weight, d->k);
  if (d->n % 2 != 0) {
    const int32_t column = d->n - 2;
    f.start += column;
    f.multiplier += column * step;
    f.y += column * d->y_col;
    f.pairs = 1;
    tr_column_starts(&f, d->weight + column * d->k, d->k);
  }
}

/* One to three rows; the panel was packed with that many. */
TR_NOINLINE void tr_dense_rows(const tr_dense *d, const uint32_t *panel, int8_t *y, int32_t rows) {
  if (rows == 3 && d->n >= 2 && tr_finish_is_narrow(d->requant)) {
    tr_dense_three(d, panel, y);
    return;
  }
  tr_tiles *const tiles = tr_tiles_of(rows);
  int32_t dot[3 * TR_DENSE_COLUMNS];
  TR_NO_UNROLL
  for (int32_t j = 0; j < d->n; j += TR_DENSE_COLUMNS) {
    const int32_t columns = d->n - j < TR_DENSE_COLUMNS ? d->n - j : TR_DENSE_COLUMNS;
    int8_t *const to = y + j * d->y_col;
    tr_products(panel, d->weight + j * d->k, d->k, d->k, columns, tiles, rows, dot);
    if (rows == 3 || !tr_finish_is_plain(d->requant, d->lut)) {
      tr_dense_store_any(d, j, columns, dot, to, rows);
    } else if (rows == 2) {
      tr_dense_store(d, j, columns, dot, to, 2);
    } else {
      tr_dense_store(d, j, columns, dot, to, 1);
    }
  }
}

#endif
