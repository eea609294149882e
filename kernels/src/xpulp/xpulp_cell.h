/* Output cells of a window operator, numbered row by row, image by image: what cores share. */
#ifndef TINYRIG_XPULP_CELL_H
#define TINYRIG_XPULP_CELL_H

#include "common/dsp.h"
#include "tinyrig/cluster.h"
#include "tinyrig/window.h"

typedef struct {
  int32_t image;
  int32_t row;
  int32_t column;
} tr_xp_cell;

TR_INLINE tr_xp_cell tr_xp_cell_of(const tr_window *g, int32_t number) {
  const int32_t row = number / g->out_w;
  const int32_t image = row / g->out_h;
  const tr_xp_cell cell = {image, row - image * g->out_h, number - row * g->out_w};
  return cell;
}

/* The calling core's cells. */
TR_INLINE tr_share tr_xp_cells(const tr_window *g) {
  return tr_cluster_share(g->batch * g->out_h * g->out_w);
}

/* Where a cell's first channel lies in y. */
TR_INLINE int8_t *tr_xp_cell_output(const tr_window *g, tr_xp_cell cell, int8_t *y) {
  return y + cell.image * g->y_stride[0] + cell.row * g->y_stride[2] +
         cell.column * g->y_stride[3];
}

#endif
