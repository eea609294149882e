#include "common/block.h"
#include "common/dsp.h"
#include "tinyrig/elementwise.h"

/* A row of any steps; offsets are integers, so that no pointer leaves its object. */
TR_NOINLINE void row(const tr_add_s8_params *p, const int8_t *a, const int8_t *b, int8_t *y) {
  const int32_t by_a = p->a_multiplier;
  const int32_t by_b = p->b_multiplier;
  const int32_t start = p->start;
  const int32_t shift = p->shift;
  const int32_t a_step = p->a_stride[TR_MAX_AXES - 1];
  const int32_t b_step = p->b_stride[TR_MAX_AXES - 1];
  const int32_t y_step = p->y_stride[TR_MAX_AXES - 1];
  int32_t a_at = 0;
  int32_t b_at = 0;
  int32_t y_at = 0;
  TR_NO_UNROLL
  for (int32_t left = p->extent[TR_MAX_AXES - 1]; left > 0; left--) {
    y[y_at] = (int8_t)tr_saturate8((b[b_at] * by_b + (a[a_at] * by_a + start)) >> shift);
    a_at += a_step;
    b_at += b_step;
    y_at += y_step;
  }
}

/* Saturated elements into [lo, hi]. */
TR_NOINLINE void clamp(const tr_add_s8_params *p, int8_t *y) {
  const int32_t step = p->y_stride[TR_MAX_AXES - 1];
  int32_t at = 0;
  TR_NO_UNROLL
  for (int32_t left = p->extent[TR_MAX_AXES - 1]; left > 0; left--) {
    y[at] = (int8_t)tr_clamp(y[at], p->lo, p->hi);
    at += step;
  }
}

void tr_add_s8_any__m4(const tr_add_s8_params *p, const int8_t *a, const int8_t *b, int8_t *y,
                       void *scratch) {
  (void)scratch;
  const int clamps = p->lo != INT8_MIN || p->hi != INT8_MAX;
  const int32_t *const stride[] = {p->a_stride, p->b_stride, p->y_stride};
  tr_block at = {0};
  do {
    row(p, a + at.offset[0], b + at.offset[1], y + at.offset[2]);
    if (clamps) {
      clamp(p, y + at.offset[2]);
    }
  } while (tr_block_next(&at, p->extent, stride, 3));
}
