/* A pointwise convolution by pairs of cells (arm/quads.h): of the whole image where its lines follow
 * each other without a gap, else line by line. */
#ifndef TINYRIG_QUADS_CONV_H
#define TINYRIG_QUADS_CONV_H

#include "arm/quads.h"
#include "tinyrig/conv.h"

TR_INLINE tr_quads tr_quads_of(const tr_conv2d_s8_params *p) {
  const tr_window *const g = &p->window;
  const tr_quads q = {p->weight, p->lut != 0 ? p->lut - INT8_MIN : 0,
                      g->in_c,   g->out_c,
                      g->stride_w * g->x_stride[3], g->y_stride[3]};
  return q;
}

/* All cells by the columns of `q`, the first of which is y's. */
TR_INLINE void tr_quads_cells(const tr_conv2d_s8_params *p, const tr_quads *q, const int8_t *x,
                              int8_t *y, void *scratch, const tr_form form) {
  const tr_window *const g = &p->window;
  const int32_t line = g->stride_h * g->x_stride[2];
  const int one_run = line == g->out_w * q->x_row && g->y_stride[2] == g->out_w * q->y_row;
  const int32_t run = one_run ? g->out_h * g->out_w : g->out_w;
  const int32_t runs = one_run ? 1 : g->out_h;
  for (int32_t b = 0; b < g->batch; b++) {
    for (int32_t h = 0; h < runs; h++) {
      tr_quads_all(q, x + b * g->x_stride[0] + h * line,
                   y + b * g->y_stride[0] + h * g->y_stride[2], run, scratch, form);
    }
  }
}

TR_INLINE void tr_quads_conv(const tr_conv2d_s8_params *p, const int8_t *x, int8_t *y,
                             void *scratch, const tr_form form) {
  const tr_quads q = tr_quads_of(p);
  tr_quads_cells(p, &q, x, y, scratch, form);
}

#endif
