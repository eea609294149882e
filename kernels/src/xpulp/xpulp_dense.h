/* Rows times columns, requantised: what linear layers, products of activations and convolutions
 * share on an XpulpV2 core. */
#ifndef TINYRIG_XPULP_DENSE_H
#define TINYRIG_XPULP_DENSE_H

#include "tinyrig/cluster.h"
#include "xpulp/xpulp_held.h"
#include "xpulp/xpulp_tile.h"

/* y[i, j] = lut(requantise(row_start[i] + column_start[j] + sum over k of x[i] * w[j])).
 * Row i of x at x + i * x_row, column j of w at w + j * w_row, both contiguous; k >= 4. row_start
 * may be 0. y_row and y_col are the steps of y. */
typedef struct {
  const int8_t *x;
  const int8_t *w;
  int8_t *y;
  const int32_t *row_start;
  const int32_t *column_start;
  const tr_requant *requant;
  const int8_t *lut;
  int32_t x_row;
  int32_t w_row;
  int32_t y_row;
  int32_t y_col;
  int32_t k;
} tr_xp_dense;

/* The part of a call one core does. */
typedef struct {
  tr_share rows;
  tr_share columns;
} tr_xp_part;

/* How long `count` rows or columns take: whole tiles, then single lines. */
TR_INLINE int32_t tr_xp_effort(int32_t count) {
  const int32_t rest = count % TR_XP_TILE;
  return 2 * count - 2 * rest + (rest == 3 ? 8 : 3 * rest);
}

/* Part `index` of 2^bits parts of `columns`, cut between tiles. */
TR_INLINE tr_share tr_xp_tiles_of(int32_t columns, int32_t index, int32_t bits) {
  tr_share share = tr_share_of((columns + 3) / TR_XP_TILE, index, bits);
  share.first *= TR_XP_TILE;
  share.end = share.end * TR_XP_TILE < columns ? share.end * TR_XP_TILE : columns;
  return share;
}

/* The power of two of parts that columns are cut into, at most 2^bits; rows are cut into the rest,
 * so that the largest rectangle is as small as can be. Where tiles of columns come out even, they
 * alone are cut: no row is left over then. */
TR_INLINE int32_t tr_xp_across(int32_t rows, int32_t columns, int32_t bits) {
  if ((columns & ((TR_XP_TILE << bits) - 1)) == 0) {
    return bits;
  }
  int32_t best = INT32_MAX;
  int32_t chosen = 0;
  for (int32_t across = bits; across >= 0; across--) {
    const int32_t down = bits - across;
    const int32_t tiles = ((columns + 3) / TR_XP_TILE + (1 << across) - 1) >> across;
    const int32_t wide = tiles * TR_XP_TILE < columns ? tiles * TR_XP_TILE : columns;
    const int32_t effort =
        tr_xp_effort((rows + (1 << down) - 1) >> down) * tr_xp_effort(wide);
    if (effort < best) {
      best = effort;
      chosen = across;
    }
  }
  return chosen;
}

/* Cuts a matrix of outputs into as many rectangles as there are cores, and returns the calling
 * core's. */
TR_INLINE tr_xp_part tr_xp_part_of(int32_t rows, int32_t columns) {
  const int32_t bits = tr_cluster_bits();
  const int32_t core = (int32_t)tr_cluster_core();
  const int32_t across = tr_xp_across(rows, columns, bits);
  const tr_xp_part part = {tr_share_of(rows, core >> across, bits - across),
                           tr_xp_tiles_of(columns, core & ((1 << across) - 1), across)};
  return part;
}

/* Stores the sixteen bytes of a tile. */
TR_INLINE void tr_xp_store_tile(const tr_xp_dense *d, const uint32_t *word, int8_t *y,
                                const tr_xp_packing packing) {
  const int32_t next = packing == TR_XP_ROW_WORDS ? d->y_row : d->y_col;
  const int32_t inner = packing == TR_XP_ROW_WORDS ? d->y_col : d->y_row;
  for (int i = 0; i < TR_XP_TILE; i++) {
    if (inner == 1) {
      tr_xp_store(y + i * next, word[i]);
    } else {
      for (int b = 0; b < TR_XP_TILE; b++) {
        y[i * next + b * inner] = (int8_t)tr_xp_byte(word[i], b);
      }
    }
  }
}

/* Requantises count sums in any form to outputs `step` apart; their multipliers are
 * multiplier[n * multiplier_step]. */
TR_NOINLINE void tr_xp_finish_line(const tr_xp_dense *d, const int32_t *sum, int32_t count,
                                   const int32_t *multiplier, int32_t multiplier_step, int8_t *y,
                                   int32_t step) {
  TR_NO_UNROLL
  for (int32_t n = 0; n < count; n++) {
    y[n * step] = (int8_t)tr_xp_finish_any(d->requant, d->lut, sum[n],
                                           multiplier[n * multiplier_step]);
  }
}

/* One row of x times columns first to end. */
TR_NOINLINE void tr_xp_dense_row(const tr_xp_dense *d, int32_t row, tr_share columns) {
  const int32_t step = d->requant->channel_step;
  const int32_t start = d->row_start != 0 ? d->row_start[row] : 0;
  const int8_t *const x = d->x + row * d->x_row;
  TR_NO_UNROLL
  for (int32_t j = columns.first; j < columns.end; j += TR_XP_TILE) {
    const int32_t count = columns.end - j < TR_XP_TILE ? columns.end - j : TR_XP_TILE;
    const int8_t *const w = d->w + j * d->w_row;
    int32_t sum[TR_XP_TILE] = {0};
    if (count == TR_XP_TILE) {
      tr_xp_line(x, w, d->w_row, d->k, sum);
    } else {
      TR_NO_UNROLL
      for (int32_t c = 0; c < count; c++) {
        int32_t one[TR_XP_TILE] = {0};
        tr_xp_line(x, w + c * d->w_row, 0, d->k, one);
        sum[c] = one[0];
      }
    }
    for (int32_t c = 0; c < count; c++) {
      sum[c] = tr_wrapping_add(tr_wrapping_add(sum[c], start), d->column_start[j + c]);
    }
    tr_xp_finish_line(d, sum, count, d->requant->multiplier + j * step, step,
                      d->y + row * d->y_row + j * d->y_col, d->y_col);
  }
}

/* Rows first to end, a multiple of four, times one column. */
TR_NOINLINE void tr_xp_dense_column(const tr_xp_dense *d, tr_share rows, int32_t column) {
  const int32_t multiplier = d->requant->multiplier[column * d->requant->channel_step];
  const int32_t start = d->column_start[column];
  const int8_t *const w = d->w + column * d->w_row;
  TR_NO_UNROLL
  for (int32_t i = rows.first; i < rows.end; i += TR_XP_TILE) {
    int32_t sum[TR_XP_TILE] = {start, start, start, start};
    for (int r = 0; d->row_start != 0 && r < TR_XP_TILE; r++) {
      sum[r] = tr_wrapping_add(sum[r], d->row_start[i + r]);
    }
    tr_xp_line(w, d->x + i * d->x_row, d->x_row, d->k, sum);
    tr_xp_finish_line(d, sum, TR_XP_TILE, &multiplier, 0,
                      d->y + i * d->y_row + column * d->y_col, d->y_row);
  }
}

/* Prepares the tiles of the four columns from `column` on, beginning at a row. */
TR_NOINLINE void tr_xp_dense_tile(const tr_xp_dense *d, tr_xp_tile *tile, int32_t row,
                                  int32_t column) {
  const int32_t step = d->requant->channel_step;
  tr_xp_tile_length(tile, d->k);
  tr_xp_tile_rows(tile, d->x + row * d->x_row, d->x_row);
  tr_xp_tile_columns(tile, d->w + column * d->w_row, d->w_row);
  tile->lut = d->lut != 0 ? d->lut - INT8_MIN : 0;
  for (int c = 0; c < TR_XP_TILE; c++) {
    tile->column_start[c] = d->column_start[column + c];
    tile->multiplier[c] = d->requant->multiplier[(column + c) * step];
  }
}

/* Rows first to end, a multiple of four, times the four columns from `column` on. */
TR_INLINE void tr_xp_dense_tiles(const tr_xp_dense *d, tr_share rows, int32_t column,
                                 const tr_xp_form form, const tr_xp_packing packing) {
  const int32_t zeros[TR_XP_TILE] = {0};
  const int32_t x_next = TR_XP_TILE * d->x_row;
  const int32_t y_next = TR_XP_TILE * d->y_row;
  const int32_t start_next = d->row_start != 0 ? TR_XP_TILE : 0;
  int8_t *y = d->y + rows.first * d->y_row + column * d->y_col;
  int32_t sums[TR_XP_SUMS];
  tr_xp_tile tile;
  tr_xp_dense_tile(d, &tile, rows.first, column);
  tile.row_start = d->row_start != 0 ? d->row_start + rows.first : zeros;
  tile.sums = sums;
  if (form == TR_XP_SHORT) {
    const tr_xp_halves halves = tr_xp_split(tile.multiplier[0]);
    tile.multiplier[0] = halves.upper;
    tile.multiplier[1] = halves.lower;
    tile.multiplier[2] = halves.bound;
  }
  TR_NO_UNROLL
  for (int32_t left = rows.end - rows.first; left > 0; left -= TR_XP_TILE) {
    if (form == TR_XP_ANY) {
      tr_xp_tile_sums(&tile);
      for (int c = 0; c < TR_XP_TILE; c++) {
        tr_xp_finish_line(d, sums + TR_XP_TILE * c, TR_XP_TILE, tile.multiplier + c, 0,
                          y + c * d->y_col, d->y_row);
      }
    } else {
      uint32_t word[TR_XP_TILE];
      tr_xp_tile_words(&tile, word, form, packing);
      tr_xp_store_tile(d, word, y, packing);
    }
    tile.row += x_next;
    tile.row_start += start_next;
    y += y_next;
  }
}

TR_NOINLINE void tr_xp_tiles_high(const tr_xp_dense *d, tr_share rows, int32_t column) {
  if (d->y_row == 1) {
    tr_xp_dense_tiles(d, rows, column, TR_XP_HIGH, TR_XP_COLUMN_WORDS);
  } else {
    tr_xp_dense_tiles(d, rows, column, TR_XP_HIGH, TR_XP_ROW_WORDS);
  }
}

TR_NOINLINE void tr_xp_tiles_tail(const tr_xp_dense *d, tr_share rows, int32_t column) {
  tr_xp_dense_tiles(d, rows, column, TR_XP_TAIL, TR_XP_ROW_WORDS);
}

TR_NOINLINE void tr_xp_tiles_short(const tr_xp_dense *d, tr_share rows, int32_t column) {
  if (d->y_row == 1) {
    tr_xp_dense_tiles(d, rows, column, TR_XP_SHORT, TR_XP_COLUMN_WORDS);
  } else {
    tr_xp_dense_tiles(d, rows, column, TR_XP_SHORT, TR_XP_ROW_WORDS);
  }
}

TR_NOINLINE void tr_xp_tiles_any(const tr_xp_dense *d, tr_share rows, int32_t column) {
  tr_xp_dense_tiles(d, rows, column, TR_XP_ANY, TR_XP_ROW_WORDS);
}

/* True when pairs of columns can be held while the rows stream past. */
TR_INLINE int tr_xp_dense_holds(const tr_xp_dense *d, tr_xp_form form) {
  return form != TR_XP_ANY && d->k == TR_XP_HELD && d->w_row == TR_XP_HELD && d->lut == 0 &&
         d->row_start == 0 && (d->y_col == 1 || d->y_row == 1);
}

/* A rectangle of outputs by pairs of columns, at least one; an odd last column is done again with
 * the one before it. */
TR_NOINLINE void tr_xp_dense_held(const tr_xp_dense *d, tr_xp_part part) {
  const int32_t step = d->requant->channel_step;
  const int32_t columns = part.columns.end - part.columns.first;
  tr_xp_held_outputs o;
  o.row = d->x + part.rows.first * d->x_row;
  o.row_step = d->x_row;
  o.count = part.rows.end - part.rows.first;
  o.multiplier_step = 4 * step;
  o.y_row = d->y_row;
  o.y_col = d->y_col;
  int32_t column = part.columns.first;
  o.pairs = columns / 2;
  TR_NO_UNROLL
  for (int32_t pass = 0; pass <= columns % 2; pass++) {
    o.column = d->w + column * TR_XP_HELD;
    o.start = d->column_start + column;
    o.multiplier = d->requant->multiplier + column * step;
    o.y = d->y + part.rows.first * d->y_row + column * d->y_col;
    tr_xp_held_finish(&o);
    column = part.columns.end - 2;
    o.pairs = 1;
  }
}

/* A rectangle of outputs. Three rows or columns that are left over form a tile with one that was
 * done; one or two are done by lines. */
TR_NOINLINE void tr_xp_dense_part(const tr_xp_dense *d, tr_xp_part part) {
  const tr_xp_form form = tr_xp_form_of(d->requant, d->lut, d->k);
  const int32_t height = part.rows.end - part.rows.first;
  if (tr_xp_dense_holds(d, form) && height > 0 && part.columns.end - part.columns.first > 1) {
    tr_xp_dense_held(d, part);
    return;
  }
  const int32_t width = part.columns.end - part.columns.first;
  const int overlap_rows = height % TR_XP_TILE == 3 && height > TR_XP_TILE;
  const int overlap_columns = width % TR_XP_TILE == 3 && width > TR_XP_TILE;
  const tr_share rows = {part.rows.first, part.rows.end - height % TR_XP_TILE};
  const tr_share last_rows = {part.rows.end - TR_XP_TILE, part.rows.end};
  int32_t column = part.columns.first;
  TR_NO_UNROLL
  while (column < part.columns.end) {
    const int32_t left = part.columns.end - column;
    if (left < TR_XP_TILE && overlap_columns) {
      column = part.columns.end - TR_XP_TILE;
    }
    const int whole = column + TR_XP_TILE <= part.columns.end;
    for (int pass = 0; pass <= overlap_rows; pass++) {
      const tr_share some = pass == 0 ? rows : last_rows;
      if (!whole) {
        tr_xp_dense_column(d, some, column);
      } else if (form == TR_XP_HIGH) {
        tr_xp_tiles_high(d, some, column);
      } else if (form == TR_XP_SHORT) {
        tr_xp_tiles_short(d, some, column);
      } else if (form == TR_XP_TAIL) {
        tr_xp_tiles_tail(d, some, column);
      } else {
        tr_xp_tiles_any(d, some, column);
      }
    }
    column += whole ? TR_XP_TILE : 1;
  }
  if (!overlap_rows) {
    for (int32_t row = rows.end; row < part.rows.end; row++) {
      tr_xp_dense_row(d, row, part.columns);
    }
  }
}

#endif
