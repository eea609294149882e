/* Windows of a convolution gathered into rows of bytes. */
#ifndef TINYRIG_WINDOW_ROWS_H
#define TINYRIG_WINDOW_ROWS_H

#include "arm/gather_cell.h"

/* Writes the window of output cell (h, v) of an image as a row of weights' order. */
TR_NOINLINE void tr_gather_window(const tr_conv2d_s8_params *p, const int8_t *x, int32_t h, int32_t v,
                                  int8_t *to) {
  const tr_window *const g = &p->window;
  const int32_t top = h * g->stride_h - g->pad_top;
  const int32_t left = v * g->stride_w - g->pad_left;
  for (int32_t i = top; i < top + g->kernel_h; i++) {
    for (int32_t j = left; j < left + g->kernel_w; j++) {
      tr_gather_at(p, x, i, j, to);
      to += g->in_c;
    }
  }
}

#endif
