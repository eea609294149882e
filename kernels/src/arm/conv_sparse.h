/* A convolution of sparse weights by panels of output cells. Cells of a pointwise one are rows,
 * those of an image as one run where they lie in one; other windows are gathered. */
#ifndef TINYRIG_CONV_SPARSE_H
#define TINYRIG_CONV_SPARSE_H

#include "arm/sparse_rows.h"
#include "arm/window_rows.h"
#include "tinyrig/conv.h"

TR_INLINE void tr_conv_sparse_cells(const tr_sparse_core *core, const tr_sparse *sparse,
                                    const tr_conv2d_s8_params *p, const int8_t *x, int8_t *y,
                                    void *scratch) {
  const tr_window *const g = &p->window;
  const int32_t x_cell = g->stride_w * g->x_stride[3];
  const int32_t x_line = g->stride_h * g->x_stride[2];
  const int one_run = x_line == g->out_w * x_cell && g->y_stride[2] == g->out_w * g->y_stride[3];
  const int32_t lines = one_run ? 1 : g->out_h;
  const int32_t cells = one_run ? g->out_h * g->out_w : g->out_w;
  for (int32_t h = 0; h < lines; h++) {
    tr_sparse_rows(core, sparse, x + h * x_line, x_cell, g->x_stride[1], y + h * g->y_stride[2],
                   cells, scratch);
  }
}

/* One panel of neighbouring cells of an output row, from v on. */
TR_INLINE void tr_conv_sparse_panel(const tr_sparse_core *core, const tr_sparse *sparse,
                                    const tr_conv2d_s8_params *p, const int8_t *x, int8_t *y,
                                    int32_t h, int32_t v, int32_t rows, uint32_t *panel) {
  const tr_window *const g = &p->window;
  int8_t *const copy = (int8_t *)(panel + 2 * tr_sparse_height(core) * ((sparse->k + 3) / 4));
  for (int32_t i = 0; i < rows; i++) {
    tr_gather_window(p, x, h, v + i, copy + i * sparse->k);
  }
  tr_sparse_pack(core, panel, copy, sparse->k, sparse->k, rows);
  const tr_sparse_stream stream = tr_sparse_open(core->form, sparse->weight, sparse->n);
  tr_sparse_frame frame = tr_sparse_frame_of(core, sparse, panel, stream, rows,
                                             y + h * g->y_stride[2] + v * g->y_stride[3]);
  tr_sparse_outputs(core, sparse, &frame);
}

TR_INLINE void tr_conv_sparse(const tr_sparse_core *core, const tr_conv2d_s8_params *p,
                              const int8_t *x, int8_t *y, void *scratch) {
  const tr_window *const g = &p->window;
  const int32_t k = g->kernel_h * g->kernel_w * g->in_c;
  const tr_sparse sparse = {p->weight, p->start, &p->requant,    p->lut,
                            k,         g->out_c, g->y_stride[3], g->y_stride[1]};
  const int padded = g->pad_top != 0 || g->pad_left != 0 ||
                     (g->out_h - 1) * g->stride_h >= g->in_h ||
                     (g->out_w - 1) * g->stride_w >= g->in_w;
  const int32_t height = tr_sparse_height(core);
  for (int32_t b = 0; b < g->batch; b++) {
    const int8_t *const image = x + b * g->x_stride[0];
    int8_t *const to = y + b * g->y_stride[0];
    if (k == g->in_c && !padded) {
      tr_conv_sparse_cells(core, &sparse, p, image, to, scratch);
      continue;
    }
    for (int32_t h = 0; h < g->out_h; h++) {
      for (int32_t v = 0; v < g->out_w; v += height) {
        const int32_t rows = g->out_w - v < height ? g->out_w - v : height;
        tr_conv_sparse_panel(core, &sparse, p, image, to, h, v, rows, scratch);
      }
    }
  }
}

#endif
