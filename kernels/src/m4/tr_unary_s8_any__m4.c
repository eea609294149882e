#include "common/block.h"
#include "common/dsp.h"
#include "tinyrig/elementwise.h"

/* A row of any steps; offsets are integers, so that no pointer leaves its object. */
TR_NOINLINE void row(const int8_t *middle, const int8_t *x, int32_t x_step, int8_t *y,
                     int32_t y_step, int32_t count) {
  int32_t x_at = 0;
  int32_t y_at = 0;
  TR_NO_UNROLL
  for (; count > 0; count--) {
    y[y_at] = middle[x[x_at]];
    x_at += x_step;
    y_at += y_step;
  }
}

void tr_unary_s8_any__m4(const tr_unary_s8_params *p, const int8_t *x, int8_t *y, void *scratch) {
  (void)scratch;
  const int last = TR_MAX_AXES - 1;
  const int32_t *const stride[] = {p->x_stride, p->y_stride};
  tr_block at = {0};
  do {
    row(p->lut - INT8_MIN, x + at.offset[0], p->x_stride[last], y + at.offset[1],
        p->y_stride[last], p->extent[last]);
  } while (tr_block_next(&at, p->extent, stride, 2));
}
