/* A convolution by panels of three output cells; variants as in linear_rows.h. */
#ifndef TINYRIG_CONV_CELLS_H
#define TINYRIG_CONV_CELLS_H

#include "arm/dense_rows.h"
#include "arm/window_rows.h"
#include "tinyrig/conv.h"

/* One to three neighbouring cells of an output row, from v on. */
TR_NOINLINE void tr_row_cells(const tr_conv2d_s8_params *p, const tr_dense *dense, const int8_t *x,
                              int8_t *y, int32_t h, int32_t v, int32_t count, tr_stream_tiles *tiles,
                              uint32_t *panel) {
  const tr_window *const g = &p->window;
  const int8_t *rows = x + h * g->stride_h * g->x_stride[2] + v * g->stride_w * g->x_stride[3];
  int32_t row = g->stride_w * g->x_stride[3];
  if (dense->k != g->in_c || g->x_stride[1] != 1 || g->pad_top != 0 || g->pad_left != 0) {
    int8_t *const copy = (int8_t *)(panel + tr_panel_words(3, dense->k));
    for (int32_t i = 0; i < count; i++) {
      tr_gather_window(p, x, h, v + i, copy + i * dense->k);
    }
    rows = copy;
    row = dense->k;
  }
  tr_panel_pack(panel, rows, row, dense->k, count, 0);
  tr_dense_rows(dense, tiles, y + h * g->y_stride[2] + v * g->y_stride[3], count);
}

TR_INLINE void tr_conv_cells(const tr_conv2d_s8_params *p, const int8_t *x, int8_t *y,
                             void *scratch) {
  const tr_window *const g = &p->window;
  const int32_t k = g->kernel_h * g->kernel_w * g->in_c;
  const tr_dense dense = {p->weight, &p->requant,    p->lut,        k,
                          g->out_c,  g->y_stride[3], g->y_stride[1]};
  const int32_t step = tr_dense_most(&dense);
  tr_stream_tiles tiles = tr_dense_tiles(&dense, scratch, 3);
  for (int32_t b = 0; b < g->batch; b++) {
    for (int32_t h = 0; h < g->out_h; h++) {
      for (int32_t v = 0; v < g->out_w; v += step) {
        const int32_t count = g->out_w - v < step ? g->out_w - v : step;
        tr_row_cells(p, &dense, x + b * g->x_stride[0], y + b * g->y_stride[0], h, v, count,
                     &tiles, scratch);
      }
    }
  }
}

#endif
