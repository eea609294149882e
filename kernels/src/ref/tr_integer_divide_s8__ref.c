#include "common/block.h"
#include "tinyrig/variants.h"

static int32_t quotient(const tr_integer_divide_s8_params *p, int32_t a, int32_t b) {
  const int32_t above = (a - p->a_zero_point) * p->factor;
  const int32_t below = (b - p->b_zero_point) * p->eta + p->eps;
  if (p->rounded != 0) {
    return (above + (above < 0 ? -(below >> 1) : below >> 1)) / below;
  }
  return above / below - (above % below < 0);
}

static int8_t divided(const tr_integer_divide_s8_params *p, int32_t a, int32_t b) {
  const int64_t product = (int64_t)quotient(p, a, b) * p->multiplier + p->addend;
  const int64_t y = (product >> p->shift) + p->zero_point;
  return (int8_t)(y < p->lo ? p->lo : (y > p->hi ? p->hi : y));
}

void tr_integer_divide_s8__ref(const tr_integer_divide_s8_params *p, const int8_t *a,
                               const int8_t *b, int8_t *y, void *scratch) {
  (void)scratch;
  const int32_t *const stride[] = {p->a_stride, p->b_stride, p->y_stride};
  const int32_t last = TR_MAX_AXES - 1;
  tr_block at = {0};
  do {
    for (int32_t i = 0; i < p->extent[last]; i++) {
      const int32_t dividend = a[at.offset[0] + i * p->a_stride[last]];
      const int32_t divisor = b[at.offset[1] + i * p->b_stride[last]];
      y[at.offset[2] + i * p->y_stride[last]] = divided(p, dividend, divisor);
    }
  } while (tr_block_next(&at, p->extent, stride, 3));
}
