/* Softmax of contiguous elements, in parts that a row, or the runs of a masked row, are made of. */
#ifndef TINYRIG_SOFTMAX_RUN_H
#define TINYRIG_SOFTMAX_RUN_H

#include "arm/finish.h"
#include "common/row_rounding.h"
#include "tinyrig/softmax.h"

/* No score is larger: where the largest of a row begins. */
#define TR_NO_LARGEST 0x80808080U

/* The largest of a run and of `largest`, byte by byte. */
TR_INLINE uint32_t tr_larger_of(uint32_t largest, const int8_t *x, int32_t length) {
  int32_t left = length;
  TR_NO_UNROLL
  for (; left >= 8; left -= 8) {
    const uint32_t first = tr_load4(x);
    const uint32_t second = tr_load4(x + 4);
    largest = tr_max4(largest, tr_max4(first, second));
    x += 8;
  }
  for (; left > 0; left--) {
    largest = tr_max4(largest, 0x80808000U | (uint32_t)(uint8_t)*x++);
  }
  return largest;
}

/* The largest of four bytes, in all four. */
TR_INLINE uint32_t tr_in_all_bytes(uint32_t largest) {
  largest = tr_max4(largest, largest >> 16 | largest << 16);
  return tr_max4(largest, largest >> 8 | largest << 24);
}

/* What the scale divides a run's exponentials by, where `exp` is too coarse to be summed. */
TR_NOINLINE uint32_t tr_fine_sum(const uint32_t *fine, uint32_t largest, const int8_t *x,
                                 int32_t length) {
  uint32_t sum = 0;
  TR_NO_UNROLL
  for (; length >= 4; length -= 4) {
    const uint32_t below = tr_sub4(largest, tr_load4(x));
    sum += fine[below & 0xFFU] + fine[below >> 8 & 0xFFU];
    sum += fine[below >> 16 & 0xFFU] + fine[below >> 24];
    x += 4;
  }
  for (; length > 0; length--) {
    sum += fine[tr_sub4(largest, (uint32_t)(uint8_t)*x++) & 0xFFU];
  }
  return sum;
}

/* Writes the exponentials of a run to `to`, and returns their sum. */
TR_INLINE uint32_t tr_look_up_run(const uint16_t *exp, uint32_t largest, const int8_t *x,
                                  int32_t length, uint16_t *to) {
  int32_t sum = 0;
  TR_NO_UNROLL
  for (; length >= 4; length -= 4) {
    const uint32_t below = tr_sub4(largest, tr_load4(x));
    const uint32_t low = exp[below & 0xFFU] | (uint32_t)exp[below >> 8 & 0xFFU] << 16;
    const uint32_t high = exp[below >> 16 & 0xFFU] | (uint32_t)exp[below >> 24] << 16;
    tr_store4((int8_t *)to, low);
    tr_store4((int8_t *)(to + 2), high);
    sum = tr_dot2(low, 0x00010001U, sum);
    sum = tr_dot2(high, 0x00010001U, sum);
    x += 4;
    to += 4;
  }
  for (; length > 0; length--) {
    *to = exp[tr_sub4(largest, (uint32_t)(uint8_t)*x++) & 0xFFU];
    sum += *to++;
  }
  return (uint32_t)sum;
}

TR_INLINE uint32_t tr_probability(int32_t product, int32_t half, int32_t shift,
                                  int32_t zero_point) {
  return (uint32_t)tr_saturate8(zero_point + ((product + half) >> shift)) & 0xFFU;
}

/* Multiplies exponentials, where the shift is small. */
TR_INLINE void tr_normalise_run(const uint16_t *row, int8_t *y, int32_t length,
                                tr_row_multiplier scale, int32_t zero_point) {
  const int32_t shift = scale.shift + 8;
  const int32_t half = (int32_t)(1U << (shift - 1));
  const int32_t m = scale.multiplier;
  TR_NO_UNROLL
  for (; length >= 4; length -= 4) {
    const uint32_t low = tr_load4((const int8_t *)row);
    const uint32_t high = tr_load4((const int8_t *)(row + 2));
    const uint32_t y0 = tr_probability(tr_multiply_low(m, low), half, shift, zero_point);
    const uint32_t y1 = tr_probability(tr_multiply_high(m, low), half, shift, zero_point);
    const uint32_t y2 = tr_probability(tr_multiply_low(m, high), half, shift, zero_point);
    const uint32_t y3 = tr_probability(tr_multiply_high(m, high), half, shift, zero_point);
    tr_store4(y, y0 | y1 << 8 | y2 << 16 | y3 << 24);
    row += 4;
    y += 4;
  }
  for (; length > 0; length--) {
    *y++ = (int8_t)tr_probability(tr_multiply_low(m, *row++), half, shift, zero_point);
  }
}

/* Turns the exponentials of a run into probabilities. */
TR_INLINE void tr_probabilities(const tr_softmax_s8_params *p, const uint16_t *row, int8_t *y,
                                int32_t length, tr_row_multiplier scale) {
  if (scale.shift <= TR_LARGEST_RUN_SHIFT) {
    tr_normalise_run(row, y, length, scale, p->zero_point);
    return;
  }
  for (int32_t j = 0; j < length; j++) {
    const int32_t value = tr_row_scaled(scale, (int32_t)row[j] << 8);
    y[j] = (int8_t)tr_saturate8(p->zero_point + value);
  }
}

#endif
