/* A panel's rows times a weight stream, requantised: what linear layers and convolutions share. */
#ifndef TINYRIG_DENSE_ROWS_H
#define TINYRIG_DENSE_ROWS_H

#include "arm/stream_two.h"

/* n columns; y [row][column] with its strides. */
typedef struct {
  const int8_t *stream;
  const tr_requant *requant;
  const int8_t *lut;
  int32_t k;
  int32_t n;
  int32_t y_row;
  int32_t y_col;
} tr_dense;

/* Bytes of a pair of columns in the stream. */
TR_INLINE int32_t tr_dense_pair_bytes(const tr_dense *d, const tr_form form) {
  return 16 + tr_stream_pair(d->k, form);
}

/* Where the outputs of the pair behind n / 2 others lie, when n is odd: column n - 2, done once
 * more with the last, or the only column, done twice. */
TR_INLINE int8_t *tr_dense_odd(const tr_dense *d, int8_t *y) {
  return d->n > 1 ? y + (d->n - 2) * d->y_col : y;
}

/* The tiles of `rows` rows packed at `panel`, all but y and an odd last column. */
TR_INLINE tr_stream_tiles tr_dense_tiles(const tr_dense *d, const uint32_t *panel, int32_t rows,
                                         const tr_form form) {
  const tr_stream_tiles tiles = {panel + tr_panel_words(rows, d->k),
                                 panel,
                                 d->stream + d->n / 2 * tr_dense_pair_bytes(d, form),
                                 0,
                                 d->y_row,
                                 d->y_col,
                                 d->lut != 0 ? d->lut - INT8_MIN : 0};
  return tiles;
}

TR_INLINE void tr_dense_pairs(const tr_stream_tiles *tiles, const int8_t *stream, const int rows,
                              const tr_form form) {
  if (rows == 3) {
    tr_stream_narrow(tiles, stream, form);
  } else {
    tr_stream_narrow_two(tiles, stream, form);
  }
}

/* Two or three rows, where a saturating high multiply and a table finish them. */
TR_INLINE void tr_dense_narrow(const tr_dense *d, tr_stream_tiles *tiles, int8_t *y, const int rows,
                               const tr_form form) {
  tiles->y = y;
  if (d->n > 1) {
    tr_dense_pairs(tiles, d->stream, rows, form);
  }
  if (d->n % 2 != 0) {
    tr_stream_tiles odd = *tiles;
    odd.stream_end = tiles->stream_end + tr_dense_pair_bytes(d, form);
    odd.y = tr_dense_odd(d, y);
    odd.y_col = d->n > 1 ? d->y_col : 0;
    tr_dense_pairs(&odd, tiles->stream_end, rows, form);
  }
}

/* One pair of columns of one or two rows. */
TR_INLINE void tr_dense_pair(const tr_dense *d, const uint32_t *panel, const int8_t *stream,
                             int8_t *y, int32_t y_col, const int rows, const int plain,
                             const tr_form form) {
  const int8_t *const scales = stream + 8 + tr_stream_pair(d->k, form);
  int32_t acc[4];
  tr_stream_tile(panel, stream + 8, d->k, acc, rows, form);
  for (int c = 0; c < 2; c++) {
    const int32_t start = (int32_t)tr_load4(stream + 4 * c);
    const int32_t m = (int32_t)tr_load4(scales + 4 * c);
    for (int i = 0; i < rows; i++) {
      const int32_t sum = tr_lowered(tr_wrapping_add(start, acc[rows * c + i]), form);
      y[i * d->y_row + c * y_col] =
          (int8_t)(plain ? tr_finish_narrow(sum, m) : tr_finish(d->requant, d->lut, sum, m));
    }
  }
}

TR_INLINE void tr_dense_few(const tr_dense *d, const uint32_t *panel, int8_t *y, const int rows,
                            const int plain, const tr_form form) {
  const int8_t *stream = d->stream;
  int8_t *to = y;
  TR_NO_UNROLL
  for (int32_t pair = d->n / 2; pair > 0; pair--) {
    tr_dense_pair(d, panel, stream, to, d->y_col, rows, plain, form);
    stream += tr_dense_pair_bytes(d, form);
    to += 2 * d->y_col;
  }
  if (d->n % 2 != 0) {
    tr_dense_pair(d, panel, stream, tr_dense_odd(d, y), d->n > 1 ? d->y_col : 0, rows, plain, form);
  }
}

TR_NOINLINE void tr_dense_two(const tr_dense *d, const uint32_t *panel, int8_t *y,
                              const tr_form form) {
  tr_stream_tiles tiles = tr_dense_tiles(d, panel, 2, form);
  tr_dense_narrow(d, &tiles, y, 2, form);
}

TR_NOINLINE void tr_dense_one(const tr_dense *d, const uint32_t *panel, int8_t *y,
                              const tr_form form) {
  tr_dense_few(d, panel, y, 1, 1, form);
}

TR_SMALL void tr_dense_two_any(const tr_dense *d, const uint32_t *panel, int8_t *y,
                               const tr_form form) {
  tr_dense_few(d, panel, y, 2, 0, form);
}

TR_SMALL void tr_dense_one_any(const tr_dense *d, const uint32_t *panel, int8_t *y,
                               const tr_form form) {
  tr_dense_few(d, panel, y, 1, 0, form);
}

/* How many rows a panel is to have: three where tr_dense_narrow does, else two. */
TR_INLINE int32_t tr_dense_most(const tr_dense *d) { return tr_finish_is_narrow(d->requant) ? 3 : 2; }

/* One or two rows, as the panel was packed. */
TR_NOINLINE void tr_dense_rest(const tr_dense *d, const uint32_t *panel, int8_t *y, int32_t rows,
                               const tr_form form) {
  if (rows == 2) {
    if (tr_finish_is_narrow(d->requant)) {
      tr_dense_two(d, panel, y, form);
    } else {
      tr_dense_two_any(d, panel, y, form);
    }
  } else if (tr_finish_is_plain(d->requant, d->lut)) {
    tr_dense_one(d, panel, y, form);
  } else {
    tr_dense_one_any(d, panel, y, form);
  }
}

/* As many rows as the panel was packed with, tr_dense_most at most. */
TR_INLINE void tr_dense_rows(const tr_dense *d, tr_stream_tiles *tiles, int8_t *y, int32_t rows,
                             const tr_form form) {
  if (rows == 3) {
    tr_dense_narrow(d, tiles, y, 3, form);
  } else {
    tr_dense_rest(d, tiles->panel, y, rows, form);
  }
}

#endif
