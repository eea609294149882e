#include "tinyrig/finish.h"
#include "tinyrig/inverse_sqrt.h"
#include "tinyrig/layernorm.h"

/* One row of contiguous elements; `plain` chooses the form, which is a constant. */
TR_INLINE void normalise(const tr_layernorm_s8_params *p, const int8_t *x, int8_t *y,
                         const int plain) {
  const int32_t length = p->length;
  const tr_requant form = p->requant;
  const int32_t multiplier = *form.multiplier;
  const int16_t *gamma = p->gamma;
  const int32_t *start = p->start;
  const int8_t *at = x;
  int32_t sum = 0;
  int32_t squares = 0;
  int32_t left = length;
  TR_NO_UNROLL
  for (; left >= 4; left -= 4) {
    const uint32_t bytes = tr_load4(at);
    const uint32_t even = tr_even_bytes(bytes);
    const uint32_t odd = tr_odd_bytes(bytes);
    sum = tr_dot2(even, 0x00010001U, sum);
    sum = tr_dot2(odd, 0x00010001U, sum);
    squares = tr_dot2(even, even, squares);
    squares = tr_dot2(odd, odd, squares);
    at += 4;
  }
  for (; left > 0; left--) {
    sum += *at;
    squares += *at * *at;
    at++;
  }
  const tr_inverse_sqrt inverse =
      tr_inverse_sqrt_of((int64_t)length * squares - (int64_t)sum * sum + p->eps);
  /* (centred * root + 2^(shift-1)) >> shift from the high word alone: where shift is below 33 the
   * centred value moves up first. It is at most 2^(shift-15.5) there, as |centred| <= sqrt(length
   * * V) and V < 2^(2 * shift - 46), so nothing is lost. */
  const int32_t up = inverse.shift < 33 ? 33 - inverse.shift : 0;
  const int32_t down = inverse.shift + up - 32;
  const int32_t half = (int32_t)(1U << (down - 1));
  TR_NO_UNROLL
  for (left = length; left > 0; left--) {
    const int32_t centred = (length * *x++ - sum) * (int32_t)(1U << up);
    const int32_t n = (tr_high_multiply(centred, inverse.root) + half) >> down;
    const int32_t acc = *start++ + n * *gamma++;
    *y++ = (int8_t)(plain ? tr_finish_narrow(acc, multiplier)
                          : tr_finish(&form, 0, acc, multiplier));
  }
}

void tr_layernorm_s8__m4(const tr_layernorm_s8_params *p, const int8_t *x, int8_t *y,
                         void *scratch) {
  (void)scratch;
  const int plain = tr_finish_is_plain(&p->requant, 0);
  for (int32_t i = 0; i < p->rows; i++) {
    if (plain) {
      normalise(p, x + i * p->x_row, y + i * p->y_row, 1);
    } else {
      normalise(p, x + i * p->x_row, y + i * p->y_row, 0);
    }
  }
}
