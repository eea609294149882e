#include "arm/copy_run.h"
#include "common/block.h"
#include "tinyrig/elementwise.h"

#define ROWS (TR_MAX_AXES - 2)

/* Rows a step apart, where x and y begin. */
TR_INLINE void rows_of(const tr_copy_s8_params *p, const int8_t *x, int8_t *y,
                       void run(const int8_t *, int8_t *, int32_t)) {
  const int32_t count = p->extent[TR_MAX_AXES - 1];
  const int32_t x_step = p->x_stride[ROWS];
  const int32_t y_step = p->y_stride[ROWS];
  int32_t from = 0;
  int32_t to = 0;
  TR_NO_UNROLL
  for (int32_t left = p->extent[ROWS]; left > 0; left--) {
    run(x + from, y + to, count);
    from += x_step;
    to += y_step;
  }
}

TR_NOINLINE void long_rows(const tr_copy_s8_params *p, const int8_t *x, int8_t *y) {
  rows_of(p, x, y, tr_copy_long);
}

TR_NOINLINE void short_rows(const tr_copy_s8_params *p, const int8_t *x, int8_t *y) {
  rows_of(p, x, y, tr_copy_run);
}

void tr_copy_s8__m4(const tr_copy_s8_params *p, const int8_t *x, int8_t *y, void *scratch) {
  (void)scratch;
  int32_t outer[TR_MAX_AXES];
  for (int axis = 0; axis < TR_MAX_AXES; axis++) {
    outer[axis] = axis < ROWS ? p->extent[axis] : 1;
  }
  const int32_t *const stride[] = {p->x_stride, p->y_stride};
  tr_block at = {0};
  do {
    (p->extent[ROWS + 1] >= TR_COPY_MANY ? long_rows : short_rows)(p, x + at.offset[0],
                                                                   y + at.offset[1]);
  } while (tr_block_next(&at, outer, stride, 2));
}
