#include "arm/gather.h"
#include "common/block.h"
#include "tinyrig/elementwise.h"

#define SIDE 4

/* The two axes that are turned: x is contiguous along `row`, y along `column`. */
typedef struct {
  int32_t rows;
  int32_t columns;
  int32_t x_step; /* of x along `column` */
  int32_t y_step; /* of y along `row` */
} matrix;

/* Four columns of y; the last tile may overlap. */
TR_NOINLINE void strip(const matrix *given, const int8_t *x, int8_t *y) {
  const matrix m = *given;
  int32_t left = m.rows;
  TR_NO_UNROLL
  for (; left >= SIDE; left -= SIDE) {
    tr_transpose4(y, m.y_step, x, m.x_step);
    x += SIDE;
    y += SIDE * m.y_step;
  }
  if (left > 0) {
    const int32_t back = SIDE - left;
    tr_transpose4(y - back * m.y_step, m.y_step, x - back, m.x_step);
  }
}

void tr_copy_s8_transpose__m4(const tr_copy_s8_params *p, const int8_t *x, int8_t *y,
                              void *scratch) {
  (void)scratch;
  const int column = p->y_stride[TR_MAX_AXES - 1] == 1 ? TR_MAX_AXES - 1 : TR_MAX_AXES - 2;
  const int row = 2 * TR_MAX_AXES - 3 - column;
  const matrix m = {p->extent[row], p->extent[column], p->x_stride[column], p->y_stride[row]};
  int32_t outer[TR_MAX_AXES];
  for (int axis = 0; axis < TR_MAX_AXES; axis++) {
    outer[axis] = axis < TR_MAX_AXES - 2 ? p->extent[axis] : 1;
  }
  const int32_t *const stride[] = {p->x_stride, p->y_stride};
  tr_block at = {0};
  do {
    const int8_t *const from = x + at.offset[0];
    int8_t *const to = y + at.offset[1];
    for (int32_t i = 0; i < m.columns; i += SIDE) {
      const int32_t first = i < m.columns - SIDE ? i : m.columns - SIDE;
      strip(&m, from + first * m.x_step, to + first);
    }
  } while (tr_block_next(&at, outer, stride, 2));
}
