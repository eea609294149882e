/* Walks a strided block of six axes: the caller loops over the last one, tr_block_next steps the
 * five before it. Offsets are integers, so no pointer ever leaves its object. */
#ifndef TINYRIG_BLOCK_H
#define TINYRIG_BLOCK_H

#include "tinyrig/elementwise.h"

#define TR_BLOCK_OPERANDS 3

/* Zero-initialised at the first row; offset[i] belongs to operand i. */
typedef struct {
  int32_t index[TR_MAX_AXES - 1];
  int32_t offset[TR_BLOCK_OPERANDS];
} tr_block;

/* Moves to the next row of the block; returns 0 when there is none. All extents >= 1. */
static inline int tr_block_next(tr_block *block, const int32_t *extent,
                                const int32_t *const *stride, int operands) {
  for (int axis = TR_MAX_AXES - 2; axis >= 0; axis--) {
    if (++block->index[axis] < extent[axis]) {
      for (int i = 0; i < operands; i++) {
        block->offset[i] += stride[i][axis];
      }
      return 1;
    }
    block->index[axis] = 0;
    for (int i = 0; i < operands; i++) {
      block->offset[i] -= stride[i][axis] * (extent[axis] - 1);
    }
  }
  return 0;
}

#endif
