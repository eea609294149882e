#include "common/block.h"
#include "common/dsp.h"
#include "tinyrig/variants.h"

/* A row of contiguous a and y; slopes are a step apart, an integer, so that no pointer leaves its
 * object. `whole`: no clamp is narrower than a byte. */
TR_INLINE void row(const tr_prelu_s8_params *p, const int8_t *a, const int8_t *b, int8_t *y,
                   const int whole) {
  const int32_t a_zero = p->a_zero_point;
  const int32_t b_zero = p->b_zero_point;
  const int32_t positive = p->positive;
  const int32_t negative = p->negative;
  const int32_t start = p->start;
  const int32_t shift = p->shift;
  const int32_t lo = p->lo;
  const int32_t hi = p->hi;
  const int32_t step = p->b_stride[TR_MAX_AXES - 1];
  int32_t at = 0;
  TR_NO_UNROLL
  for (int32_t left = p->extent[TR_MAX_AXES - 1]; left > 0; left--) {
    const int32_t steps = *a++ - a_zero;
    const int32_t slope = (b[at] - b_zero) * negative;
    const int32_t sum = steps * (steps < 0 ? slope : positive) + start;
    *y++ = (int8_t)(whole ? tr_saturate8(sum >> shift) : tr_clamp(sum >> shift, lo, hi));
    at += step;
  }
}

TR_NOINLINE void whole_row(const tr_prelu_s8_params *p, const int8_t *a, const int8_t *b,
                           int8_t *y) {
  row(p, a, b, y, 1);
}

TR_NOINLINE void clamped_row(const tr_prelu_s8_params *p, const int8_t *a, const int8_t *b,
                             int8_t *y) {
  row(p, a, b, y, 0);
}

void tr_prelu_s8__m4(const tr_prelu_s8_params *p, const int8_t *a, const int8_t *b, int8_t *y,
                     void *scratch) {
  (void)scratch;
  const int whole = p->lo == INT8_MIN && p->hi == INT8_MAX;
  const int32_t *const stride[] = {p->a_stride, p->b_stride, p->y_stride};
  tr_block at = {0};
  do {
    (whole ? whole_row : clamped_row)(p, a + at.offset[0], b + at.offset[1], y + at.offset[2]);
  } while (tr_block_next(&at, p->extent, stride, 3));
}
