/* A core's share of a strided block: the elements in order, cut evenly, row by row. */
#ifndef TINYRIG_XPULP_BLOCK_H
#define TINYRIG_XPULP_BLOCK_H

#include "common/block.h"
#include "tinyrig/cluster.h"

/* Columns `first` to `end` of the row at `at`; `left` elements of the share lie behind it. */
typedef struct {
  tr_block at;
  int32_t first;
  int32_t end;
  int32_t left;
} tr_xp_run;

/* The share's first run; it is empty where the share is. */
static inline tr_xp_run tr_xp_run_first(const int32_t *extent, const int32_t *const *stride,
                                        int operands) {
  const int32_t length = extent[TR_MAX_AXES - 1];
  int32_t rows = 1;
  for (int axis = 0; axis < TR_MAX_AXES - 1; axis++) {
    rows *= extent[axis];
  }
  const tr_share share = tr_cluster_share(rows * length);
  tr_xp_run run = {0};
  int32_t row = rows == 1 ? 0 : share.first / length;
  run.first = share.first - row * length;
  for (int axis = TR_MAX_AXES - 2; axis >= 0 && row > 0; axis--) {
    const int32_t above = row / extent[axis];
    run.at.index[axis] = row - above * extent[axis];
    for (int i = 0; i < operands; i++) {
      run.at.offset[i] += stride[i][axis] * run.at.index[axis];
    }
    row = above;
  }
  const int32_t count = share.end - share.first;
  run.end = run.first + count < length ? run.first + count : length;
  run.left = count - (run.end - run.first);
  return run;
}

/* Moves to the next run; returns 0 when there is none. */
static inline int tr_xp_run_next(tr_xp_run *run, const int32_t *extent,
                                 const int32_t *const *stride, int operands) {
  if (run->left == 0) {
    return 0;
  }
  const int32_t length = extent[TR_MAX_AXES - 1];
  (void)tr_block_next(&run->at, extent, stride, operands);
  run->first = 0;
  run->end = run->left < length ? run->left : length;
  run->left -= run->end;
  return 1;
}

#endif
