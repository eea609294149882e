/* Rows of any length by the steps of tr_layernorm_s8__m4. */
#ifndef TINYRIG_LAYERNORM_ROW_H
#define TINYRIG_LAYERNORM_ROW_H

#include "arm/finish.h"
#include "common/normaliser.h"
#include "tinyrig/layernorm.h"

/* The constants begin with what all rows have in common, modulo 2^32: length * 2^fraction; eps
 * with what the square of an RMSNorm's zero point adds to V; the least V of a tame row; a and b by
 * which the row's mean, times -length * 2^fraction, is a * sum + b; and by how much the products
 * with the root move up beside half of V's leading zeros. A row is tame where length * 2^(fraction
 * + up + zeros / 2) is below 2^24: its factor stays below 2^23, and the products are high words.
 * The third is 0 where V may have more than 32 bits, and where rows are shorter than 16 elements
 * or longer than TR_NORM_PART. */
#define TR_NORM_HEAD 6
#define TR_NORM_LEAST 2

/* Constants of four elements: start[0], start[2], gamma[2]:gamma[0], start[1], start[3],
 * gamma[3]:gamma[1], a word each; of a gamma the upper half. */
#define TR_NORM_FOUR 6

/* The sums of a row are taken in parts of at most so many elements. */
#define TR_NORM_PART 480

#define TR_NORM_RAISE 0x40004000U

typedef struct {
  int32_t sum;
  int32_t squares;
} tr_moments;

/* Sums in the making: of the bytes as unsigned numbers, and of (x + 2^14)^2, wrapping. */
typedef struct {
  uint32_t bytes;
  int32_t raised;
} tr_raised_sums;

TR_INLINE void tr_raised_four(tr_raised_sums *to, uint32_t word) {
  const uint32_t even = tr_add_even_bytes(TR_NORM_RAISE, word);
  const uint32_t odd = tr_add_odd_bytes(TR_NORM_RAISE, word);
  to->bytes = tr_add_unsigned_bytes(to->bytes, word);
  to->raised = tr_dot2(odd, odd, tr_dot2(even, even, to->raised));
}

/* The sums of at most TR_NORM_PART elements. One product a pair is enough for both: with
 * `negative` elements below 0, the sum of (x + 2^14)^2, less what is the same for all rows, less
 * 2^15 times the bytes, is the sum of x^2, which needs 23 bits, less 2^23 * negative. */
TR_INLINE tr_moments tr_moments_of_part(const int8_t *x, int32_t count) {
  tr_raised_sums s = {0, (int32_t)(0U - ((uint32_t)count << 28))};
  const int8_t *const end = x + count;
  TR_NO_UNROLL
  for (; end - x >= 4; x += 4) {
    tr_raised_four(&s, tr_load4(x));
  }
  TR_NO_UNROLL
  for (; x < end; x++) {
    const int32_t value = *x + (1 << 14);
    s.bytes += (uint8_t)*x;
    s.raised = tr_wrapping_add(s.raised, value * value);
  }
  const uint32_t mixed = (uint32_t)s.raised - (s.bytes << 15);
  const uint32_t squares = mixed & 0x7FFFFFU;
  const uint32_t negative = (squares - mixed) >> 23;
  const tr_moments found = {(int32_t)(s.bytes - (negative << 8)), (int32_t)squares};
  return found;
}

TR_INLINE tr_moments tr_moments_of(const int8_t *x, int32_t count) {
  tr_moments all = {0, 0};
  while (count > 0) {
    const int32_t part = count < TR_NORM_PART ? count : TR_NORM_PART;
    const tr_moments found = tr_moments_of_part(x, part);
    all.sum += found.sum;
    all.squares += found.squares;
    x += part;
    count -= part;
  }
  return all;
}

/* Two elements of a tame row, as pair (y[0], y[1]); x holds them times 2^8, and the
 * requantisation is the upper half of the accumulator. */
TR_INLINE uint32_t tr_norm_two(const tr_normaliser *a, const int32_t *constants, uint32_t x) {
  const int32_t factor = (int32_t)(a->factor << 8);
  const uint32_t gamma = (uint32_t)constants[2];
  const int32_t low = tr_multiply_low_add(factor, x, (int32_t)a->offset);
  const int32_t high = tr_multiply_high_add(factor, x, (int32_t)a->offset);
  return tr_pair(tr_saturate8(tr_multiply_low_add(low, gamma, constants[0]) >> 16),
                 tr_saturate8(tr_multiply_high_add(high, gamma, constants[1]) >> 16));
}

/* Elements [0, count) of a tame row, a multiple of four. */
TR_INLINE void tr_norm_fours(const int32_t *constants, const tr_normaliser *a, const int8_t *x,
                             int8_t *y, int32_t count) {
  TR_NO_UNROLL
  for (int32_t i = 0; i < count; i += 4) {
    const uint32_t word = tr_load4(x + i);
    const uint32_t even = tr_norm_two(a, constants, word << 8 & 0xFF00FF00U);
    const uint32_t odd = tr_norm_two(a, constants + TR_NORM_FOUR / 2, word & 0xFF00FF00U);
    tr_store4(y + i, (even & 0xFF00FFU) | (odd << 8 & 0xFF00FF00U));
    constants += TR_NORM_FOUR;
  }
}

/* Elements [first, length) of any row in any form. */
TR_INLINE void tr_norm_rest(const tr_layernorm_s8_params *p, const tr_normaliser *a,
                            const int8_t *x, int8_t *y, int32_t first) {
  const tr_requant form = p->requant;
  const int32_t multiplier = *form.multiplier;
  TR_NO_UNROLL
  for (int32_t i = first; i < p->length; i++) {
    const int32_t *const two = p->start + TR_NORM_HEAD + i / 4 * TR_NORM_FOUR + i % 2 * (TR_NORM_FOUR / 2);
    const uint32_t gammas = (uint32_t)two[2];
    const int32_t upper = i / 2 % 2;
    const int32_t n = tr_normalised(a, x[i]);
    const int32_t acc = upper != 0 ? tr_multiply_high_add(n, gammas, two[1])
                                   : tr_multiply_low_add(n, gammas, two[0]);
    y[i] = (int8_t)tr_finish(&form, 0, acc, multiplier);
  }
}

/* A whole row; `upper` tells that the requantisation is the upper half of the accumulator. */
TR_NOINLINE void tr_norm_row(const tr_layernorm_s8_params *p, int upper, const int8_t *x,
                             int8_t *y) {
  const tr_moments m = tr_moments_of(x, p->length);
  const tr_normaliser a = tr_normaliser_of(p, m.sum, m.squares);
  const int32_t fours = upper && a.tame ? p->length / 4 * 4 : 0;
  tr_norm_fours(p->start + TR_NORM_HEAD, &a, x, y, fours);
  tr_norm_rest(p, &a, x, y, fours);
}

#endif
