/* Rows of x times sparse weights (common/sparse_stream.h), six or three at a time.
 *
 * A panel of rows is, for each four columns of k, two groups of pairs of int16 in words, a word a
 * row: the columns 0 and 2, then 1 and 3; for blocks of two, 0 and 1, then 2 and 3. Of fewer rows
 * some come again, and their outputs are written again. */
#ifndef TINYRIG_SPARSE_ROWS_H
#define TINYRIG_SPARSE_ROWS_H

#include "arm/gather.h"
#include "arm/sparse_frame.h"

#define TR_SPARSE_THREE 3

typedef struct {
  const int8_t *weight;
  const int32_t *start;
  const tr_requant *requant; /* or 0 for sums */
  const int8_t *lut;
  int32_t k;
  int32_t n;
  int32_t y_row;
  int32_t y_col;
} tr_sparse;

/* Rows of x in a panel: each is a sum's, or two channels share one's. */
TR_INLINE int32_t tr_sparse_height(const tr_sparse_core *core) {
  return TR_SPARSE_SUMS / core->form->rows;
}

/* Where rows of a panel come from: row i of the first three from i * next of them, of the other
 * three from `second` rows further. */
typedef struct {
  int32_t next;
  int32_t third;
  int32_t second;
} tr_sparse_places;

TR_INLINE tr_sparse_places tr_sparse_places_of(int32_t rows) {
  const tr_sparse_places places = {rows > 1, rows > 2 ? 2 : rows > 1,
                                   rows > TR_SPARSE_THREE ? rows - TR_SPARSE_THREE : 0};
  return places;
}

/* The row of a panel at place i. */
TR_INLINE int32_t tr_sparse_row_at(tr_sparse_places places, int32_t i) {
  const int32_t within = i % TR_SPARSE_THREE;
  return (within == 2 ? places.third : within * places.next) +
         (i < TR_SPARSE_THREE ? 0 : places.second);
}

TR_INLINE void tr_sparse_pack_four(const tr_sparse_core *core, uint32_t *to, uint32_t bytes) {
  const uint32_t even = tr_even_bytes(bytes);
  const uint32_t odd = tr_odd_bytes(bytes);
  const int neighbours = core->form->size == 2;
  to[0] = neighbours ? tr_low_halves(even, odd) : even;
  to[tr_sparse_height(core)] = neighbours ? tr_high_halves(even, odd) : odd;
}

/* One row of a panel: columns by eights, by fours, then those left over. */
TR_INLINE void tr_sparse_pack_row(const tr_sparse_core *core, uint32_t *to, const int8_t *x,
                                  int32_t k) {
  const int32_t four = 2 * tr_sparse_height(core);
  const int8_t *const eights = x + (k & ~7);
  TR_NO_UNROLL
  while (x != eights) {
    const uint32_t bytes = tr_load4(x);
    const uint32_t behind = tr_load4(x + 4);
    tr_sparse_pack_four(core, to, bytes);
    tr_sparse_pack_four(core, to + four, behind);
    x += 8;
    to += 2 * four;
  }
  if ((k & 4) != 0) {
    tr_sparse_pack_four(core, to, tr_load4(x));
    x += 4;
    to += four;
  }
  if ((k & 3) != 0) {
    uint32_t bytes = 0;
    for (int32_t c = k & 3; c-- > 0;) {
      bytes = bytes << 8 | (uint8_t)x[c];
    }
    tr_sparse_pack_four(core, to, bytes);
  }
}

TR_INLINE void tr_sparse_pack(const tr_sparse_core *core, uint32_t *panel, const int8_t *x,
                              int32_t x_row, int32_t k, int32_t rows) {
  const tr_sparse_places places = tr_sparse_places_of(rows);
  TR_NO_UNROLL
  for (int32_t i = 0; i < tr_sparse_height(core); i++) {
    tr_sparse_pack_row(core, panel + i, x + tr_sparse_row_at(places, i) * x_row, k);
  }
}

/* Every row of blocks and what `p` says of it, into y and so on; `frame` has its first columns. */
TR_INLINE void tr_sparse_any(const tr_sparse_core *core, const tr_sparse *s,
                             tr_sparse_frame *frame) {
  const int32_t next[] = {0, frame->y_next, frame->y_third};
  const int32_t *multiplier = frame->multiplier;
  int8_t *y = frame->y;
  while (frame->start != frame->start_end) {
    tr_sparse_sums(core, frame);
    for (int i = TR_SPARSE_SUMS; i-- > 0;) {
      const int second = i >= TR_SPARSE_THREE;
      const int32_t q = tr_finish(s->requant, s->lut, frame->sums[i],
                                  multiplier[second ? frame->multiplier_second / 4 : 0]);
      y[next[i % TR_SPARSE_THREE] + (second ? frame->y_second : 0)] = (int8_t)q;
    }
    multiplier += frame->multiplier_step / 4;
    y += frame->y_step;
  }
}

TR_INLINE void tr_sparse_columns(const tr_sparse_core *core, const tr_sparse *s,
                                 tr_sparse_frame *frame) {
  if (frame->start == frame->start_end) {
    return;
  }
  if (tr_finish_is_narrow(s->requant)) {
    tr_sparse_narrow(core, frame);
  } else {
    tr_sparse_any(core, s, frame);
  }
}

/* A panel's address less a block, as a frame has it. */
TR_INLINE uintptr_t tr_sparse_panel(const tr_sparse_core *core, const uint32_t *panel) {
  return (uintptr_t)panel - (uintptr_t)(2 * TR_SPARSE_SUMS * core->form->size / core->form->rows);
}

/* The frame of a panel, but for what two channels that share their blocks have of their own. */
TR_INLINE tr_sparse_frame tr_sparse_frame_of(const tr_sparse_core *core, const tr_sparse *s,
                                             const uint32_t *panel, tr_sparse_stream stream,
                                             int32_t rows, int8_t *y) {
  const tr_sparse_places places = tr_sparse_places_of(rows);
  const tr_sparse_frame frame = {
      .panel = tr_sparse_panel(core, panel),
      .values = stream.values + tr_sparse_step_bytes(core->form),
      .gaps = stream.gaps,
      .row = stream.row,
      .start = s->start,
      .start_end = s->start + s->n,
      .multiplier = s->requant->multiplier,
      .multiplier_step = 4 * s->requant->channel_step,
      .y = y,
      .y_step = s->y_col,
      .y_second = places.second * s->y_row,
      .y_next = places.next * s->y_row,
      .y_third = places.third * s->y_row,
      .lut = s->lut == 0 ? 0 : s->lut + 128,
  };
  return frame;
}

/* The outputs of a panel. */
TR_INLINE void tr_sparse_outputs(const tr_sparse_core *core, const tr_sparse *s,
                                 tr_sparse_frame *frame) {
  if (core->form->rows == 1) {
    tr_sparse_columns(core, s, frame);
    return;
  }
  const int32_t odd = s->n % 2;
  frame->start_end -= odd;
  frame->multiplier_second = frame->multiplier_step;
  frame->multiplier_step *= 2;
  frame->y_second = s->y_col;
  frame->y_step *= 2;
  const int32_t *const last = s->requant->multiplier + (s->n - 1) * s->requant->channel_step;
  int8_t *const y = frame->y + (s->n - 1) * s->y_col;
  tr_sparse_columns(core, s, frame);
  if (odd != 0) {
    const int32_t start[] = {s->start[s->n - 1], s->start[s->n - 1]};
    frame->start = start;
    frame->start_end = start + 2;
    frame->multiplier = last;
    frame->multiplier_second = 0;
    frame->y = y;
    frame->y_second = 0;
    tr_sparse_columns(core, s, frame);
  }
}

/* m rows of x into m of y. scratch: a panel, and its rows as bytes where x_col is not 1. */
TR_INLINE void tr_sparse_rows(const tr_sparse_core *core, const tr_sparse *s, const int8_t *x,
                              int32_t x_row, int32_t x_col, int8_t *y, int32_t m, void *scratch) {
  const int32_t height = tr_sparse_height(core);
  uint32_t *const panel = scratch;
  int8_t *const copy = (int8_t *)(panel + 2 * height * ((s->k + 3) / 4));
  const tr_sparse_stream stream = tr_sparse_open(core->form, s->weight, s->n);
  for (int32_t i = 0; i < m; i += height) {
    const int32_t rows = m - i < height ? m - i : height;
    const int8_t *from = x + i * x_row;
    int32_t row = x_row;
    if (x_col != 1) {
      tr_gather_rows(copy, s->k, from, x_row, x_col, rows, s->k, 0);
      from = copy;
      row = s->k;
    }
    tr_sparse_pack(core, panel, from, row, s->k, rows);
    tr_sparse_frame frame = tr_sparse_frame_of(core, s, panel, stream, rows, y + i * s->y_row);
    tr_sparse_outputs(core, s, &frame);
  }
}

#endif
