/* A convolution by panels of three output cells; forms as in linear_rows.h. */
#ifndef TINYRIG_CONV_CELLS_H
#define TINYRIG_CONV_CELLS_H

#include "arm/dense_rows.h"
#include "arm/window_rows.h"
#include "tinyrig/conv.h"

/* `lines` runs of `line` bytes, x_line apart, as one row of a panel of `rows`. */
TR_INLINE void tr_pack_lines(uint32_t *panel, const int8_t *x, int32_t x_line, int32_t line,
                             int32_t lines, const int rows) {
  const int32_t words = tr_panel_words(rows, line);
  if (line % (2 * TR_UNIT) == 0) {
    TR_NO_UNROLL
    for (; lines > 0; lines--) {
      tr_pack_pairs(panel, x, line, rows, 0);
      panel += words;
      x += x_line;
    }
    return;
  }
  TR_NO_UNROLL
  for (; lines > 0; lines--) {
    tr_pack_rows(panel, x, 0, line, rows, 1, 0);
    panel += words;
    x += x_line;
  }
}

/* The window of output cell (h, v) as row `row` of a panel of `rows`: from where it lies if it is
 * all inside the image and its lines fill whole units, else gathered. */
TR_NOINLINE void tr_pack_window(const tr_conv2d_s8_params *p, const int8_t *x, int32_t h,
                                int32_t v, int32_t row, int32_t rows, uint32_t *panel) {
  const tr_window *const g = &p->window;
  const int32_t top = h * g->stride_h - g->pad_top;
  const int32_t left = v * g->stride_w - g->pad_left;
  int32_t line = g->kernel_w * g->in_c;
  int32_t lines = g->kernel_h;
  int8_t *const copy = (int8_t *)(panel + tr_panel_words(3, lines * line));
  const int8_t *from = copy;
  if (top < 0 || left < 0 || top + g->kernel_h > g->in_h || left + g->kernel_w > g->in_w ||
      g->x_stride[1] != 1 || (g->kernel_w > 1 && g->x_stride[3] != g->in_c) ||
      (line % TR_UNIT != 0 && g->kernel_h > 1)) {
    tr_gather_window(p, x, h, v, copy);
    line *= lines;
    lines = 1;
  } else {
    from = x + top * g->x_stride[2] + left * g->x_stride[3];
  }
  if (rows == 3) {
    tr_pack_lines(panel + 2 * row, from, g->x_stride[2], line, lines, 3);
  } else if (rows == 2) {
    tr_pack_lines(panel + 2 * row, from, g->x_stride[2], line, lines, 2);
  } else {
    tr_pack_lines(panel, from, g->x_stride[2], line, lines, 1);
  }
}

/* One to three cells of an image from cell (h, v) on, widened. */
TR_INLINE void tr_pack_cells(const tr_conv2d_s8_params *p, int32_t k, const int8_t *x, int32_t h,
                             int32_t v, int32_t count, uint32_t *panel) {
  const tr_window *const g = &p->window;
  if (k == g->in_c && g->x_stride[1] == 1 && g->pad_top == 0 && g->pad_left == 0 &&
      v + count <= g->out_w) {
    const int8_t *const from = x + h * g->stride_h * g->x_stride[2] + v * g->stride_w * g->x_stride[3];
    tr_panel_pack(panel, from, g->stride_w * g->x_stride[3], k, count, 0);
    return;
  }
  for (int32_t i = 0; i < count; i++) {
    tr_pack_window(p, x, h, v, i, count, panel);
    v++;
    if (v == g->out_w) {
      v = 0;
      h++;
    }
  }
}

/* One to three cells of an image from the one of index `at` on, whose outputs lie side by side. */
TR_NOINLINE void tr_some_cells(const tr_conv2d_s8_params *p, const tr_dense *dense, const int8_t *x,
                               int8_t *y, int32_t at, int32_t count, tr_stream_tiles *tiles,
                               uint32_t *panel, const tr_form form) {
  const tr_window *const g = &p->window;
  const int32_t h = at / g->out_w;
  const int32_t v = at - h * g->out_w;
  tr_pack_cells(p, dense->k, x, h, v, count, panel);
  tr_dense_rows(dense, tiles, y + h * g->y_stride[2] + v * g->y_stride[3], count, form);
}

/* How many of the cells that are left are done next: two of four, because one alone takes nearly as
 * long. */
TR_INLINE int32_t tr_cells_next(int32_t left, int32_t most) {
  if (left <= most) {
    return left;
  }
  return left == 4 ? 2 : most;
}

TR_INLINE void tr_conv_cells(const tr_conv2d_s8_params *p, const int8_t *x, int8_t *y,
                             void *scratch, const tr_form form) {
  const tr_window *const g = &p->window;
  const int32_t k = g->kernel_h * g->kernel_w * g->in_c;
  const tr_dense dense = {p->weight, &p->requant,    p->lut,        k,
                          g->out_c,  g->y_stride[3], g->y_stride[1]};
  const int32_t most = tr_dense_most(&dense);
  tr_stream_tiles tiles = tr_dense_tiles(&dense, scratch, 3, form);
  const int one_run = g->y_stride[2] == g->out_w * g->y_stride[3];
  const int32_t cells = g->out_h * g->out_w;
  const int32_t run = one_run ? cells : g->out_w;
  for (int32_t b = 0; b < g->batch; b++) {
    for (int32_t first = 0; first < cells; first += run) {
      int32_t count;
      for (int32_t at = first; at < first + run; at += count) {
        count = tr_cells_next(first + run - at, most);
        tr_some_cells(p, &dense, x + b * g->x_stride[0], y + b * g->y_stride[0], at, count, &tiles,
                      scratch, form);
      }
    }
  }
}

#endif
