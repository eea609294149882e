/* A convolution by panels of three output cells (arm/conv_cells.h), all of which are widened before
 * the first is multiplied: weights are copied to scratch a piece of the columns at a time, and flash
 * that waits for every line of them is read once, whatever cells there are. */
#ifndef TINYRIG_CONV_PIECES_H
#define TINYRIG_CONV_PIECES_H

#include "arm/conv_cells.h"
#include "arm/kept.h"

/* Columns of a piece; the last has one more rather than a piece of one behind it. */
#define TR_PIECE 16

/* The cells of one image, `run` of which follow each other, of indices from `first` on. */
typedef struct {
  int32_t cells;
  int32_t run;
  int32_t most;
} tr_pieces_cells;

/* How many cells the panel has whose first is of index `at`. */
TR_INLINE int32_t tr_pieces_next(const tr_pieces_cells *c, int32_t at) {
  return tr_cells_next(c->run - at % c->run, c->most);
}

/* Panels of all cells, one behind the other; returns what is behind them. */
TR_NOINLINE uint32_t *tr_pieces_pack(const tr_conv2d_s8_params *p, const tr_pieces_cells *c,
                                     int32_t k, const int8_t *x, uint32_t *panel) {
  const int32_t out_w = p->window.out_w;
  int32_t count;
  for (int32_t at = 0; at < c->cells; at += count) {
    count = tr_pieces_next(c, at);
    tr_pack_cells(p, k, x, at / out_w, at % out_w, count, panel);
    panel += tr_panel_words(count, k);
  }
  return panel;
}

/* All of them by the columns of a piece, the first of which is y's. */
TR_NOINLINE void tr_pieces_rows(const tr_window *g, const tr_pieces_cells *c, const tr_dense *piece,
                                const uint32_t *panel, int8_t *y, const tr_form form) {
  int32_t count;
  for (int32_t at = 0; at < c->cells; at += count) {
    count = tr_pieces_next(c, at);
    tr_stream_tiles tiles = tr_dense_tiles(piece, panel, count, form);
    tr_dense_rows(piece, &tiles,
                  y + at / g->out_w * g->y_stride[2] + at % g->out_w * g->y_stride[3], count, form);
    panel += tr_panel_words(count, piece->k);
  }
}

TR_INLINE void tr_conv_pieces(const tr_conv2d_s8_params *p, const int8_t *x, int8_t *y,
                              void *scratch, const tr_form form) {
  const tr_window *const g = &p->window;
  const int32_t k = g->kernel_h * g->kernel_w * g->in_c;
  tr_dense piece = {p->weight, &p->requant,    p->lut,        k,
                    g->out_c,  g->y_stride[3], g->y_stride[1]};
  const int32_t pair = tr_dense_pair_bytes(&piece, form);
  const int32_t cells = g->out_h * g->out_w;
  const int one_run = g->y_stride[2] == g->out_w * g->y_stride[3];
  const tr_pieces_cells c = {cells, one_run ? cells : g->out_w, tr_dense_most(&piece)};
  for (int32_t b = 0; b < g->batch; b++) {
    int8_t *const copy =
        (int8_t *)tr_pieces_pack(p, &c, k, x + b * g->x_stride[0], (uint32_t *)scratch);
    int8_t *to = y + b * g->y_stride[0];
    const int8_t *from = p->weight;
    piece.stream = copy;
    for (int32_t left = g->out_c; left > 0; left -= piece.n) {
      piece.n = left > TR_PIECE + 1 ? TR_PIECE : left;
      const int32_t bytes = (piece.n + 1) / 2 * pair;
      (void)tr_kept(from, bytes, copy);
      tr_pieces_rows(g, &c, &piece, scratch, to, form);
      from += bytes;
      to += piece.n * g->y_stride[1];
    }
  }
}

#endif
