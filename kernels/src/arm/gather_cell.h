/* The cells of an image, those outside it too. */
#ifndef TINYRIG_GATHER_CELL_H
#define TINYRIG_GATHER_CELL_H

#include "common/dsp.h"
#include "tinyrig/conv.h"

/* A cell's channels, or as many times the zero point where `cell` is 0. */
TR_INLINE void tr_gather_cell(const tr_conv2d_s8_params *p, const int8_t *cell, int8_t *to) {
  const int32_t channels = p->window.in_c;
  const int32_t step = p->window.x_stride[1];
  const uint32_t zero = 0x01010101U * (uint8_t)p->x_zero_point;
  int32_t c = 0;
  if (cell == 0 || step == 1) {
    TR_NO_UNROLL
    for (; c + 4 <= channels; c += 4) {
      tr_store4(to + c, cell != 0 ? tr_load4(cell + c) : zero);
    }
  }
  TR_NO_UNROLL
  for (; c < channels; c++) {
    to[c] = cell != 0 ? cell[c * step] : (int8_t)p->x_zero_point;
  }
}

/* Cell (i, j) of an image, inside it or not. */
TR_INLINE void tr_gather_at(const tr_conv2d_s8_params *p, const int8_t *x, int32_t i, int32_t j,
                            int8_t *to) {
  const tr_window *const g = &p->window;
  const int outside = i < 0 || i >= g->in_h || j < 0 || j >= g->in_w;
  tr_gather_cell(p, outside ? 0 : x + i * g->x_stride[2] + j * g->x_stride[3], to);
}

#endif
