#include "arm/finish.h"
#include "common/block.h"
#include "common/dsp.h"
#include "tinyrig/elementwise.h"

typedef struct {
  uint32_t a_minus; /* pairs of the negated zero points */
  uint32_t b_minus;
  int32_t start;
  int32_t multiplier;
} constants;

/* One product; `narrow` when a high multiply and a saturation are all that follows it. */
TR_INLINE int8_t finish(const tr_requant *r, const constants *c, int32_t acc, const int narrow) {
  return (int8_t)(narrow ? tr_finish_narrow(acc, c->multiplier)
                         : tr_finish(r, 0, acc, c->multiplier));
}

/* Contiguous elements, four at a time; y may be a or b. */
TR_INLINE void row(const tr_requant *r, const constants *given, const int8_t *a, const int8_t *b,
                   int8_t *y, int32_t count, const int narrow) {
  const constants c = *given;
  TR_NO_UNROLL
  for (; count >= 4; count -= 4) {
    const uint32_t a4 = tr_load4(a);
    const uint32_t b4 = tr_load4(b);
    const uint32_t a_even = tr_add_even_bytes(c.a_minus, a4);
    const uint32_t b_even = tr_add_even_bytes(c.b_minus, b4);
    y[0] = finish(r, &c, tr_add_low_products(a_even, b_even, c.start), narrow);
    y[2] = finish(r, &c, tr_add_high_products(a_even, b_even, c.start), narrow);
    const uint32_t a_odd = tr_add_odd_bytes(c.a_minus, a4);
    const uint32_t b_odd = tr_add_odd_bytes(c.b_minus, b4);
    y[1] = finish(r, &c, tr_add_low_products(a_odd, b_odd, c.start), narrow);
    y[3] = finish(r, &c, tr_add_high_products(a_odd, b_odd, c.start), narrow);
    a += 4;
    b += 4;
    y += 4;
  }
  for (; count > 0; count--) {
    const int32_t one = *a++ + tr_low(c.a_minus);
    const int32_t other = *b++ + tr_low(c.b_minus);
    *y++ = finish(r, &c, c.start + one * other, narrow);
  }
}

void tr_mul_s8__m4(const tr_mul_s8_params *p, const int8_t *a, const int8_t *b, int8_t *y,
                   void *scratch) {
  (void)scratch;
  const constants c = {tr_pair(-p->a_zero_point, -p->a_zero_point),
                       tr_pair(-p->b_zero_point, -p->b_zero_point), p->start,
                       *p->requant.multiplier};
  const int32_t count = p->extent[TR_MAX_AXES - 1];
  const int narrow = tr_finish_is_narrow(&p->requant);
  const int32_t *const stride[] = {p->a_stride, p->b_stride, p->y_stride};
  tr_block at = {0};
  do {
    const int8_t *const a_row = a + at.offset[0];
    const int8_t *const b_row = b + at.offset[1];
    if (narrow) {
      row(&p->requant, &c, a_row, b_row, y + at.offset[2], count, 1);
    } else {
      row(&p->requant, &c, a_row, b_row, y + at.offset[2], count, 0);
    }
  } while (tr_block_next(&at, p->extent, stride, 3));
}
