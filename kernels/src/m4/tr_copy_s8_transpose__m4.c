#include "tinyrig/dsp.h"
#include "tinyrig/elementwise.h"

#define SIDE 4
#define EVEN_BYTES 0x00FF00FFU
#define ODD_BYTES 0xFF00FF00U

/* The two axes that are turned: x is contiguous along `row`, y along `column`. */
typedef struct {
  int32_t rows;
  int32_t columns;
  int32_t x_step; /* of x along `column` */
  int32_t y_step; /* of y along `row` */
} matrix;

/* The low and the high halfwords of two words side by side. */
TR_INLINE uint32_t low_halves(uint32_t a, uint32_t b) { return (a & 0xFFFFU) | b << 16; }

TR_INLINE uint32_t high_halves(uint32_t a, uint32_t b) { return a >> 16 | (b & 0xFFFF0000U); }

/* Four words at x become their columns at y. */
TR_INLINE void tile(const int8_t *x, int32_t x_step, int8_t *y, int32_t y_step) {
  const uint32_t a = tr_load4(x);
  const uint32_t b = tr_load4(x + x_step);
  const uint32_t c = tr_load4(x + 2 * x_step);
  const uint32_t d = tr_load4(x + 3 * x_step);
  const uint32_t ac = low_halves(a, c);
  const uint32_t bd = low_halves(b, d);
  tr_store4(y, (ac & EVEN_BYTES) | (bd & EVEN_BYTES) << 8);
  tr_store4(y + y_step, (ac >> 8 & EVEN_BYTES) | (bd & ODD_BYTES));
  const uint32_t ac_high = high_halves(a, c);
  const uint32_t bd_high = high_halves(b, d);
  tr_store4(y + 2 * y_step, (ac_high & EVEN_BYTES) | (bd_high & EVEN_BYTES) << 8);
  tr_store4(y + 3 * y_step, (ac_high >> 8 & EVEN_BYTES) | (bd_high & ODD_BYTES));
}

/* Four columns of y; the last tile may overlap. */
TR_NOINLINE void strip(const matrix *given, const int8_t *x, int8_t *y) {
  const matrix m = *given;
  int32_t left = m.rows;
  TR_NO_UNROLL
  for (; left >= SIDE; left -= SIDE) {
    tile(x, m.x_step, y, m.y_step);
    x += SIDE;
    y += SIDE * m.y_step;
  }
  if (left > 0) {
    const int32_t back = SIDE - left;
    tile(x - back, m.x_step, y - back * m.y_step, m.y_step);
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
