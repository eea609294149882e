/* The cells of a window that lie inside its image. */
#ifndef TINYRIG_WINDOW_PART_H
#define TINYRIG_WINDOW_PART_H

#include "tinyrig/window.h"

/* `first` is the upper left cell, in the channel the image was given for. */
typedef struct {
  const int8_t *first;
  int32_t rows;
  int32_t columns;
} tr_window_part;

/* The window of output cell (row, column) in the image at x; at least one cell is inside. */
static inline tr_window_part tr_window_part_of(const tr_window *g, const int8_t *x, int32_t row,
                                               int32_t column) {
  const int32_t top = row * g->stride_h - g->pad_top;
  const int32_t left = column * g->stride_w - g->pad_left;
  const int32_t below = top + g->kernel_h < g->in_h ? top + g->kernel_h : g->in_h;
  const int32_t right = left + g->kernel_w < g->in_w ? left + g->kernel_w : g->in_w;
  const int32_t i = top < 0 ? 0 : top;
  const int32_t j = left < 0 ? 0 : left;
  const tr_window_part found = {x + i * g->x_stride[2] + j * g->x_stride[3], below - i,
                                right - j};
  return found;
}

#endif
