/* Copies of contiguous rows: what the schedules of the cores share. */
#ifndef TINYRIG_COPY_ROWS_H
#define TINYRIG_COPY_ROWS_H

#include "arm/copy_run.h"
#include "common/block.h"
#include "tinyrig/elementwise.h"

#define TR_COPY_ROWS (TR_MAX_AXES - 2) /* the axis of the innermost rows */

/* Rows a step apart, where x and y begin; each is TR_COPY_MANY bytes or more, or any number. */
TR_INLINE void tr_copy_inner(const tr_copy_s8_params *p, const int8_t *x, int8_t *y, const int many,
                             const tr_form form) {
  const int32_t count = p->extent[TR_MAX_AXES - 1];
  const int32_t x_step = p->x_stride[TR_COPY_ROWS];
  const int32_t y_step = p->y_stride[TR_COPY_ROWS];
  int32_t from = 0;
  int32_t to = 0;
  TR_NO_UNROLL
  for (int32_t left = p->extent[TR_COPY_ROWS]; left > 0; left--) {
    if (many) {
      tr_copy_long(x + from, y + to, count, form);
    } else {
      tr_copy_run(x + from, y + to, count, form);
    }
    from += x_step;
    to += y_step;
  }
}

typedef void tr_copy_inner_fn(const tr_copy_s8_params *p, const int8_t *x, int8_t *y);

TR_INLINE void tr_copy_rows(const tr_copy_s8_params *p, const int8_t *x, int8_t *y,
                            tr_copy_inner_fn *long_rows, tr_copy_inner_fn *short_rows) {
  int32_t outer[TR_MAX_AXES];
  for (int axis = 0; axis < TR_MAX_AXES; axis++) {
    outer[axis] = axis < TR_COPY_ROWS ? p->extent[axis] : 1;
  }
  tr_copy_inner_fn *const inner =
      p->extent[TR_MAX_AXES - 1] >= TR_COPY_MANY ? long_rows : short_rows;
  const int32_t *const stride[] = {p->x_stride, p->y_stride};
  tr_block at = {0};
  do {
    inner(p, x + at.offset[0], y + at.offset[1]);
  } while (tr_block_next(&at, outer, stride, 2));
}

#endif
