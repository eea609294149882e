/* A pointwise convolution of sparse weights: cells are rows, those of an image as one run where
 * they lie in one. Variants as in sparse_blocks.h. */
#ifndef TINYRIG_CONV_SPARSE_H
#define TINYRIG_CONV_SPARSE_H

#include "arm/sparse_rows.h"
#include "tinyrig/conv.h"

TR_INLINE void tr_conv_sparse(const tr_conv2d_s8_params *p, const int8_t *x, int8_t *y,
                              void *scratch) {
  const tr_window *const g = &p->window;
  const tr_sparse sparse = {p->weight, p->start, &p->requant,    p->lut,
                            g->in_c,   g->out_c, g->y_stride[3], g->y_stride[1]};
  const int32_t x_cell = g->stride_w * g->x_stride[3];
  const int32_t x_line = g->stride_h * g->x_stride[2];
  const int one_run = x_line == g->out_w * x_cell && g->y_stride[2] == g->out_w * g->y_stride[3];
  const int32_t lines = one_run ? 1 : g->out_h;
  const int32_t cells = one_run ? g->out_h * g->out_w : g->out_w;
  for (int32_t b = 0; b < g->batch; b++) {
    for (int32_t h = 0; h < lines; h++) {
      tr_sparse_rows(&sparse, x + b * g->x_stride[0] + h * x_line, x_cell, g->x_stride[1],
                     y + b * g->y_stride[0] + h * g->y_stride[2], cells, scratch);
    }
  }
}

#endif
