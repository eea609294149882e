/* 3x3 convolutions at stride 1 by Winograd's F(2x2, 3x3) ("Fast Algorithms for Convolutional Neural
 * Networks", Lavin and Gray), exact: transformed weights times four are integers, so the sums are
 * four times the direct form's, which 2^29 bounds. The weights are a stream of 16 bits a weight
 * (arm/weight_stream.h) whose rows are [place 16][channel]. */
#ifndef TINYRIG_WINOGRAD_H
#define TINYRIG_WINOGRAD_H

#include "arm/winograd_input.h"
#include "arm/winograd_output.h"
#include "tinyrig/conv.h"

/* The panels of some tiles, one a place. */
typedef struct {
  uint32_t *words;
  int32_t rows; /* of which `count` are tiles */
  int32_t count;
  tr_winograd_tile tile[TR_WINOGRAD_TILES];
} tr_winograd_panel;

typedef struct {
  const tr_conv2d_s8_params *p;
  int32_t *sums;
  int8_t *patch; /* shares its place with the sums */
  int32_t units;
  int plain; /* tr_finish_is_plain */
  const int8_t *x; /* an image, and its output */
  int8_t *y;
  tr_winograd_panel *panel;
  const tr_winograd_panel *end; /* of the panels that each pair of columns passes through */
} tr_winograd;

/* `bytes`, a multiple of eight, from `from` on, or of the zero point where that is 0; returns where
 * they end. */
TR_INLINE int8_t *tr_winograd_run(const tr_winograd *w, const int8_t *from, int32_t bytes,
                                  int8_t *to) {
  const int8_t *const end = to + bytes;
  const uint32_t zero = 0x01010101U * (uint8_t)w->p->x_zero_point;
  if (from == 0) {
    TR_NO_UNROLL
    for (; to != end; to += TR_UNIT) {
      tr_store4(to, zero);
      tr_store4(to + 4, zero);
    }
    return to;
  }
  TR_NO_UNROLL
  for (; to != end; to += TR_UNIT) {
    const uint32_t low = tr_load4(from);
    const uint32_t high = tr_load4(from + 4);
    tr_store4(to, low);
    tr_store4(to + 4, high);
    from += TR_UNIT;
  }
  return to;
}

/* The cells of a patch, those outside the image too. */
TR_NOINLINE void tr_winograd_gather(const tr_winograd *w, const int8_t *x, int32_t top,
                                    int32_t left) {
  const tr_window *const g = &w->p->window;
  const int32_t cell = g->in_c;
  int8_t *to = w->patch;
  for (int32_t i = top; i < top + TR_WINOGRAD_PATCH; i++) {
    const int inside = i >= 0 && i < g->in_h;
    const int32_t before = inside && left > -TR_WINOGRAD_PATCH ? tr_clamp(-left, 0, 4)
                                                               : TR_WINOGRAD_PATCH;
    const int32_t most = tr_clamp(g->in_w - left, before, TR_WINOGRAD_PATCH);
    to = tr_winograd_run(w, 0, before * cell, to);
    const int32_t run = g->x_stride[3] == cell ? most - before : 1;
    for (int32_t j = before; j < most; j += run) {
      to = tr_winograd_run(w, x + i * g->x_stride[2] + (left + j) * g->x_stride[3], run * cell, to);
    }
    to = tr_winograd_run(w, 0, (TR_WINOGRAD_PATCH - most) * cell, to);
  }
}

/* The cells of tile (i, j), from where they lie if they are all inside the image. */
TR_INLINE tr_winograd_patch tr_winograd_cells(const tr_winograd *w, const int8_t *x, int32_t i,
                                              int32_t j) {
  const tr_window *const g = &w->p->window;
  const int32_t top = 2 * i - g->pad_top;
  const int32_t left = 2 * j - g->pad_left;
  tr_winograd_patch patch = {w->patch, g->in_c, TR_WINOGRAD_PATCH * g->in_c};
  if (top >= 0 && left >= 0 && top + TR_WINOGRAD_PATCH <= g->in_h &&
      left + TR_WINOGRAD_PATCH <= g->in_w) {
    patch.x = x + top * g->x_stride[2] + left * g->x_stride[3];
    patch.right = g->x_stride[3];
    patch.below = g->x_stride[2];
    return patch;
  }
  tr_winograd_gather(w, x, top, left);
  return patch;
}

/* Tile `at` of an image becomes row `row` of a panel. */
TR_NOINLINE void tr_winograd_pack(const tr_winograd *w, tr_winograd_panel *panel, int32_t at,
                                  int32_t row, const tr_form form) {
  const tr_window *const g = &w->p->window;
  const int32_t across = (g->out_w + 1) / 2;
  const int32_t i = at / across;
  const int32_t j = at - i * across;
  const tr_winograd_patch patch = tr_winograd_cells(w, w->x, i, j);
  const tr_winograd_tile tile = {w->y + 2 * i * g->y_stride[2] + 2 * j * g->y_stride[3],
                                 2 * j + 1 < g->out_w ? g->y_stride[3] : 0,
                                 2 * i + 1 < g->out_h ? g->y_stride[2] : 0};
  panel->tile[row] = tile;
  tr_winograd_input(&patch, g->in_c, panel->words + 2 * row, panel->rows,
                    16 * panel->rows * w->units, form);
}

/* As tr_winograd_put, whatever becomes of sums. */
TR_NOINLINE void tr_winograd_put_any(const tr_winograd *w, const tr_winograd_panel *panel,
                                     const tr_winograd_column *columns, const tr_form form) {
  const int32_t count = panel->count;
  for (int32_t at = 0; at < 2 * count; at++) {
    const tr_winograd_tile *const tile = panel->tile + at % count;
    const tr_winograd_column *const column = columns + at / count;
    int32_t sum[4];
    tr_winograd_sums(w->sums + at / count * TR_WINOGRAD_TILES + at % count, sum, form);
    for (int i = 3; i >= 0; i--) {
      const int32_t whole = tr_wrapping_add(column->start, sum[i] >> 2);
      tile->y[column->offset + i / 2 * tile->below + i % 2 * tile->right] =
          (int8_t)tr_finish(&w->p->requant, w->p->lut, whole, column->multiplier);
    }
  }
}

/* The tiles of all panels in a pair of columns, `at` which they lie; of one, where `most` is 1. */
TR_INLINE void tr_winograd_pair(const tr_winograd *w, const int8_t *stream, const int32_t at[2],
                                const int32_t most, const tr_form form) {
  const int8_t *const units = stream + 8;
  const int8_t *const scales = units + TR_WINOGRAD_PLACES * tr_stream_unit(form) * w->units;
  const tr_winograd_column columns[2] = {
      {(int32_t)tr_load4(stream), (int32_t)tr_load4(scales), at[0]},
      {(int32_t)tr_load4(stream + 4), (int32_t)tr_load4(scales + 4), at[1]}};
  const tr_winograd_panel *panel = w->panel;
  do {
    tr_winograd_product(panel->words, panel->rows, units, w->units, w->sums, form);
    if (w->plain) {
      tr_winograd_put(w->sums, panel->tile, panel->count, columns, form);
    } else {
      tr_winograd_put_any(w, panel, columns, form);
    }
    panel++;
  } while (most > 1 && panel != w->end);
}

TR_NOINLINE void tr_winograd_columns(const tr_winograd *w, const int32_t most, const tr_form form) {
  const int32_t columns = w->p->window.out_c;
  const int32_t step = w->p->window.y_stride[1];
  const int8_t *stream = w->p->weight;
  for (int32_t column = 0; column < columns; column += 2) {
    /* The last of an odd number goes with the one before, or with itself. */
    const int32_t second = column + 1 < columns ? column + 1 : column;
    const int32_t at[2] = {(second > 0 ? second - 1 : 0) * step, second * step};
    tr_winograd_pair(w, stream, at, most, form);
    stream += 16 + TR_WINOGRAD_PLACES * tr_stream_unit(form) * w->units;
  }
}

/* Of the tiles that are left, three are done next, or two: four are twice two. */
TR_INLINE void tr_winograd_size(tr_winograd_panel *panel, int32_t left) {
  panel->rows = left < TR_WINOGRAD_TILES || left == 4 ? 2 : TR_WINOGRAD_TILES;
  panel->count = left < panel->rows ? left : panel->rows;
}

/* Tiles of an image from `at` on fill as many panels as there are, or as they take; returns the
 * tile behind the last. */
TR_INLINE int32_t tr_winograd_fill(tr_winograd *w, int32_t at, int32_t tiles, const int32_t most,
                                   const tr_form form) {
  tr_winograd_panel *panel = w->panel;
  for (; at < tiles && panel != w->panel + most; panel++) {
    tr_winograd_size(panel, tiles - at);
    for (int32_t i = 0; i < panel->count; i++) {
      tr_winograd_pack(w, panel, at + i, i, form);
    }
    at += panel->count;
  }
  w->end = panel;
  return at;
}

/* The weights are read once for `most` panels, which lie in scratch one behind the other. */
TR_INLINE void tr_conv_winograd(const tr_conv2d_s8_params *p, const int8_t *x, int8_t *y,
                                void *scratch, tr_winograd_panel *panels, const int32_t most,
                                const tr_form form) {
  const tr_window *const g = &p->window;
  const int32_t tiles = (g->out_h + 1) / 2 * ((g->out_w + 1) / 2);
  const int32_t words = TR_WINOGRAD_PLACES * tr_panel_words(TR_WINOGRAD_TILES, g->in_c);
  tr_winograd w;
  w.p = p;
  w.panel = panels;
  w.units = g->in_c / TR_UNIT;
  w.plain = tr_finish_is_plain(&p->requant, p->lut);
  w.sums = (int32_t *)scratch + most * words;
  w.patch = (int8_t *)w.sums;
  for (int32_t i = 0; i < most; i++) {
    panels[i].words = (uint32_t *)scratch + i * words;
  }
  for (int32_t b = 0; b < g->batch; b++) {
    w.x = x + b * g->x_stride[0];
    w.y = y + b * g->y_stride[0];
    for (int32_t at = 0; at < tiles;) {
      at = tr_winograd_fill(&w, at, tiles, most, form);
      tr_winograd_columns(&w, most, form);
    }
  }
}

#endif
