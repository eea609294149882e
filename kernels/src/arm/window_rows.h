/* Windows of a convolution gathered into rows of bytes. */
#ifndef TINYRIG_WINDOW_ROWS_H
#define TINYRIG_WINDOW_ROWS_H

#include "common/dsp.h"
#include "tinyrig/conv.h"

/* Writes the window of output cell (h, v) of an image as a row of weights' order. */
TR_NOINLINE void tr_gather_window(const tr_conv2d_s8_params *p, const int8_t *x, int32_t h,
                                  int32_t v, int8_t *to) {
  const tr_window *const g = &p->window;
  const int32_t top = h * g->stride_h - g->pad_top;
  const int32_t left = v * g->stride_w - g->pad_left;
  for (int32_t i = top; i < top + g->kernel_h; i++) {
    for (int32_t j = left; j < left + g->kernel_w; j++) {
      const int outside = i < 0 || i >= g->in_h || j < 0 || j >= g->in_w;
      const int8_t *const cell = x + (outside ? 0 : i * g->x_stride[2] + j * g->x_stride[3]);
      int32_t c = 0;
      if (outside) {
        TR_NO_UNROLL
        for (; c < g->in_c; c++) {
          to[c] = (int8_t)p->x_zero_point;
        }
      } else if (g->x_stride[1] == 1) {
        TR_NO_UNROLL
        for (; c + 4 <= g->in_c; c += 4) {
          tr_store4(to + c, tr_load4(cell + c));
        }
      }
      TR_NO_UNROLL
      for (; c < g->in_c; c++) {
        to[c] = cell[c * g->x_stride[1]];
      }
      to += g->in_c;
    }
  }
}

#endif
