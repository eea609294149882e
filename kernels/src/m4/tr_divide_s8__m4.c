#include "common/block.h"
#include "common/dsp.h"
#include "tinyrig/variants.h"

#define TURN 4 /* elements of a loop, all loaded before one is stored */

/* What an element of a row needs; `reciprocal` is that of 0. */
typedef struct {
  const int32_t *reciprocal;
  int32_t zero_point;
  int32_t start;
  int32_t shift;
  int32_t lo;
  int32_t hi;
} quotient;

/* `count` elements, a constant, of a divisor each, `step` apart, or of one for all; `bytes` where
 * the limits are those of a byte. */
TR_INLINE void turn(const quotient *q, const int8_t *a, const int8_t *b, int32_t step, int8_t *y,
                    const int count, const int each, const int bytes) {
  int32_t sum[TURN];
  const int32_t only = q->reciprocal[*b];
  for (int i = 0; i < count; i++) {
    sum[i] = a[i] - q->zero_point;
  }
  for (int i = 0; i < count; i++) {
    const int32_t factor = each ? q->reciprocal[*b] : only;
    sum[i] = sum[i] * factor + q->start;
    b += step;
  }
  for (int i = 0; i < count; i++) {
    const int32_t whole = sum[i] >> q->shift;
    y[i] = (int8_t)(bytes ? tr_saturate8(whole) : tr_clamp(whole, q->lo, q->hi));
  }
}

TR_INLINE void divide(const tr_divide_s8_params *p, const int8_t *a, const int8_t *b, int8_t *y,
                      const int each, const int bytes) {
  const quotient q = {p->reciprocal + 128, p->a_zero_point, p->start, p->shift, p->lo, p->hi};
  const int32_t step = each ? p->b_stride[TR_MAX_AXES - 1] : 0;
  int32_t count = p->extent[TR_MAX_AXES - 1];
  TR_NO_UNROLL
  for (; count >= TURN; count -= TURN) {
    turn(&q, a, b, step, y, TURN, each, bytes);
    a += TURN;
    b += TURN * step;
    y += TURN;
  }
  TR_NO_UNROLL
  for (; count > 0; count--) {
    turn(&q, a++, b, step, y++, 1, each, bytes);
    b += step;
  }
}

TR_NOINLINE void by_each(const tr_divide_s8_params *p, const int8_t *a, const int8_t *b,
                         int8_t *y) {
  divide(p, a, b, y, 1, 0);
}

TR_NOINLINE void by_each_to_bytes(const tr_divide_s8_params *p, const int8_t *a, const int8_t *b,
                                  int8_t *y) {
  divide(p, a, b, y, 1, 1);
}

TR_NOINLINE void by_one(const tr_divide_s8_params *p, const int8_t *a, const int8_t *b,
                        int8_t *y) {
  divide(p, a, b, y, 0, 0);
}

TR_NOINLINE void by_one_to_bytes(const tr_divide_s8_params *p, const int8_t *a, const int8_t *b,
                                 int8_t *y) {
  divide(p, a, b, y, 0, 1);
}

void tr_divide_s8__m4(const tr_divide_s8_params *p, const int8_t *a, const int8_t *b, int8_t *y,
                      void *scratch) {
  (void)scratch;
  const int32_t *const stride[] = {p->a_stride, p->b_stride, p->y_stride};
  const int each = p->b_stride[TR_MAX_AXES - 1] != 0;
  const int bytes = p->lo == INT8_MIN && p->hi == INT8_MAX;
  tr_block at = {0};
  do {
    const int8_t *const a_row = a + at.offset[0];
    const int8_t *const b_row = b + at.offset[1];
    int8_t *const y_row = y + at.offset[2];
    if (each) {
      (bytes ? by_each_to_bytes : by_each)(p, a_row, b_row, y_row);
    } else {
      (bytes ? by_one_to_bytes : by_one)(p, a_row, b_row, y_row);
    }
  } while (tr_block_next(&at, p->extent, stride, 3));
}
