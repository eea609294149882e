#include "tinyrig/finish.h"
#include "tinyrig/inverse_sqrt.h"
#include "tinyrig/layernorm.h"

/* Elements normalised before they are scaled; their buffer is on the stack. */
#define CHUNK 32

/* What turns x into 2^7 times its normalised value: (x * factor + offset) * root, rounded. */
typedef struct {
  uint32_t factor;
  uint32_t offset;
  int32_t root;
  int32_t half;
  int32_t down;
} affine;

TR_INLINE int32_t normalised(const affine *a, int32_t x) {
  const int32_t centred = (int32_t)((uint32_t)x * a->factor + a->offset);
  return tr_high_multiply_add(centred, a->root, a->half) >> a->down;
}

/* Normalises count / 4 * 4 elements. */
TR_NOINLINE void normalise_four(const affine *given, const int8_t *x, int16_t *to, int32_t count) {
  const affine a = *given;
  TR_NO_UNROLL
  for (; count >= 4; count -= 4) {
    const uint32_t bytes = tr_load4(x);
    const int32_t n0 = normalised(&a, (int8_t)(bytes & 0xFFU));
    const int32_t n1 = normalised(&a, (int8_t)(bytes >> 8 & 0xFFU));
    const int32_t n2 = normalised(&a, (int8_t)(bytes >> 16 & 0xFFU));
    const int32_t n3 = normalised(&a, (int8_t)(bytes >> 24));
    tr_store4((int8_t *)to, tr_pair(n0, n1));
    tr_store4((int8_t *)(to + 2), tr_pair(n2, n3));
    x += 4;
    to += 4;
  }
}

/* Scales, shifts and requantises count / 4 * 4 normalised elements in the plain form. */
TR_NOINLINE void scale_four(const int16_t *n, const int16_t *gamma, const int32_t *start,
                            int32_t multiplier, int32_t count, int8_t *y) {
  TR_NO_UNROLL
  for (; count >= 4; count -= 4) {
    const uint32_t low = tr_load4((const int8_t *)n);
    const uint32_t high = tr_load4((const int8_t *)(n + 2));
    const uint32_t by_low = tr_load4((const int8_t *)gamma);
    const uint32_t by_high = tr_load4((const int8_t *)(gamma + 2));
    /* Loaded before the first store, which the compiler must take for one of them. */
    const int32_t start0 = start[0];
    const int32_t start1 = start[1];
    const int32_t start2 = start[2];
    const int32_t start3 = start[3];
    y[0] = (int8_t)tr_finish_narrow(tr_add_low_products(low, by_low, start0), multiplier);
    y[1] = (int8_t)tr_finish_narrow(tr_add_high_products(low, by_low, start1), multiplier);
    y[2] = (int8_t)tr_finish_narrow(tr_add_low_products(high, by_high, start2), multiplier);
    y[3] = (int8_t)tr_finish_narrow(tr_add_high_products(high, by_high, start3), multiplier);
    n += 4;
    gamma += 4;
    start += 4;
    y += 4;
  }
}

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
  const affine a = {(uint32_t)length << up, 0U - ((uint32_t)sum << up), inverse.root,
                    (int32_t)(1U << (down - 1)), down};
  left = length;
  if (plain) { /* in two passes, because the constants of one are all registers */
    while (left >= 4) {
      int16_t normal[CHUNK];
      const int32_t count = left < CHUNK ? left / 4 * 4 : CHUNK;
      normalise_four(&a, x, normal, count);
      scale_four(normal, gamma, start, multiplier, count, y);
      x += count;
      gamma += count;
      start += count;
      y += count;
      left -= count;
    }
  }
  TR_NO_UNROLL
  for (; left > 0; left--) {
    const int32_t acc = *start++ + normalised(&a, *x++) * *gamma++;
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
