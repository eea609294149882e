/* Look-ups of rows of contiguous elements: what the schedules of the cores share. */
#ifndef TINYRIG_UNARY_ROWS_H
#define TINYRIG_UNARY_ROWS_H

#include "common/block.h"
#include "common/dsp.h"
#include "tinyrig/elementwise.h"

/* y[i] = middle[x[i]]: `middle` is the entry of 0. */
typedef void tr_unary_row(const int8_t *middle, const int8_t *x, int8_t *y, int32_t count);

TR_INLINE void tr_look_up_bytes(const int8_t *middle, const int8_t *x, int8_t *y, int32_t count) {
  TR_NO_UNROLL
  for (; count > 0; count--) {
    *y++ = middle[*x++];
  }
}

TR_INLINE void tr_unary_rows(tr_unary_row *row, const tr_unary_s8_params *p, const int8_t *x,
                             int8_t *y) {
  const int32_t *const stride[] = {p->x_stride, p->y_stride};
  tr_block at = {0};
  do {
    row(p->lut - INT8_MIN, x + at.offset[0], y + at.offset[1], p->extent[TR_MAX_AXES - 1]);
  } while (tr_block_next(&at, p->extent, stride, 2));
}

#endif
