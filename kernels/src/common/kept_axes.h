/* Walks the kept axes of a reduction. Offsets are integers, so that no pointer ever leaves its
 * object. */
#ifndef TINYRIG_KEPT_AXES_H
#define TINYRIG_KEPT_AXES_H

#include "tinyrig/pool.h"

/* Zero-initialised at the first cell; x and y are offsets from the operands' first elements. */
typedef struct {
  int32_t index[TR_MEAN_AXES];
  int32_t x;
  int32_t y;
} tr_kept_cell;

/* Moves to the next cell, last axis first; returns 0 when there is none. All extents >= 1. */
static inline int tr_kept_next(tr_kept_cell *cell, const int32_t *extent, const int32_t *x_stride,
                               const int32_t *y_stride) {
  for (int axis = TR_MEAN_AXES - 1; axis >= 0; axis--) {
    if (++cell->index[axis] < extent[axis]) {
      cell->x += x_stride[axis];
      cell->y += y_stride[axis];
      return 1;
    }
    cell->index[axis] = 0;
    cell->x -= x_stride[axis] * (extent[axis] - 1);
    cell->y -= y_stride[axis] * (extent[axis] - 1);
  }
  return 0;
}

#endif
