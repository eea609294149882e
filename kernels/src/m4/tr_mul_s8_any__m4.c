#include "arm/finish.h"
#include "common/block.h"
#include "common/dsp.h"
#include "tinyrig/elementwise.h"

/* A row of any steps; offsets are integers, so that no pointer leaves its object. */
TR_INLINE void row(const tr_mul_s8_params *p, const int8_t *a, const int8_t *b, int8_t *y,
                   const int narrow) {
  const tr_requant *const form = &p->requant;
  const int32_t multiplier = *form->multiplier;
  const int32_t a_zero = p->a_zero_point;
  const int32_t b_zero = p->b_zero_point;
  const int32_t start = p->start;
  const int32_t a_step = p->a_stride[TR_MAX_AXES - 1];
  const int32_t b_step = p->b_stride[TR_MAX_AXES - 1];
  const int32_t y_step = p->y_stride[TR_MAX_AXES - 1];
  int32_t a_at = 0;
  int32_t b_at = 0;
  int32_t y_at = 0;
  TR_NO_UNROLL
  for (int32_t left = p->extent[TR_MAX_AXES - 1]; left > 0; left--) {
    const int32_t acc = start + (a[a_at] - a_zero) * (b[b_at] - b_zero);
    y[y_at] = (int8_t)(narrow ? tr_finish_narrow(acc, multiplier)
                              : tr_finish(form, 0, acc, multiplier));
    a_at += a_step;
    b_at += b_step;
    y_at += y_step;
  }
}

TR_NOINLINE void narrow_row(const tr_mul_s8_params *p, const int8_t *a, const int8_t *b,
                            int8_t *y) {
  row(p, a, b, y, 1);
}

TR_NOINLINE void other_row(const tr_mul_s8_params *p, const int8_t *a, const int8_t *b, int8_t *y) {
  row(p, a, b, y, 0);
}

void tr_mul_s8_any__m4(const tr_mul_s8_params *p, const int8_t *a, const int8_t *b, int8_t *y,
                       void *scratch) {
  (void)scratch;
  const int narrow = tr_finish_is_narrow(&p->requant);
  const int32_t *const stride[] = {p->a_stride, p->b_stride, p->y_stride};
  tr_block at = {0};
  do {
    if (narrow) {
      narrow_row(p, a + at.offset[0], b + at.offset[1], y + at.offset[2]);
    } else {
      other_row(p, a + at.offset[0], b + at.offset[1], y + at.offset[2]);
    }
  } while (tr_block_next(&at, p->extent, stride, 3));
}
