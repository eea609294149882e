#include "tinyrig/finish.h"
#include "tinyrig/softmax.h"

/* The largest of a row, in four bytes. */
TR_INLINE uint32_t largest_of(const int8_t *x, int32_t length) {
  uint32_t largest = 0x80808080U;
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
  largest = tr_max4(largest, largest >> 16 | largest << 16);
  return tr_max4(largest, largest >> 8 | largest << 24);
}

/* Where scaled(e << 8) is (((e * M) >> 16) + half) >> shift, half and shift both 2^8 times and 8
 * more than the row multiplier's: the two floors are one, and nothing leaves int32. */
#define LARGEST_SHIFT 23

TR_INLINE uint32_t byte_of(int32_t product, int32_t half, int32_t shift, int32_t zero_point) {
  return (uint32_t)tr_saturate8(zero_point + ((product + half) >> shift)) & 0xFFU;
}

/* Multiplies a row of exponentials. */
TR_INLINE void normalise(const uint16_t *row, int8_t *y, int32_t length, tr_row_multiplier scale,
                         int32_t zero_point) {
  const int32_t shift = scale.shift + 8;
  const int32_t half = (int32_t)(1U << (shift - 1));
  const int32_t m = scale.multiplier;
  TR_NO_UNROLL
  for (; length >= 4; length -= 4) {
    const uint32_t low = tr_load4((const int8_t *)row);
    const uint32_t high = tr_load4((const int8_t *)(row + 2));
    const uint32_t y0 = byte_of(tr_multiply_low(m, low), half, shift, zero_point);
    const uint32_t y1 = byte_of(tr_multiply_high(m, low), half, shift, zero_point);
    const uint32_t y2 = byte_of(tr_multiply_low(m, high), half, shift, zero_point);
    const uint32_t y3 = byte_of(tr_multiply_high(m, high), half, shift, zero_point);
    tr_store4(y, y0 | y1 << 8 | y2 << 16 | y3 << 24);
    row += 4;
    y += 4;
  }
  for (; length > 0; length--) {
    *y++ = (int8_t)byte_of(tr_multiply_low(m, *row++), half, shift, zero_point);
  }
}

/* One row of contiguous elements. */
TR_NOINLINE void softmax_row(const tr_softmax_s8_params *p, const int8_t *x, int8_t *y,
                             uint16_t *row) {
  const uint16_t *const exp = p->exp;
  const uint32_t largest = largest_of(x, p->length);
  uint16_t *to = row;
  int32_t sum = 0;
  int32_t left = p->length;
  TR_NO_UNROLL
  for (; left >= 4; left -= 4) {
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
  for (; left > 0; left--) {
    *to = exp[tr_sub4(largest, (uint32_t)(uint8_t)*x++) & 0xFFU];
    sum += *to++;
  }
  const tr_row_multiplier scale = tr_row_scale_for(p->scale, (uint32_t)sum);
  if (scale.shift <= LARGEST_SHIFT) {
    normalise(row, y, p->length, scale, p->zero_point);
    return;
  }
  for (int32_t j = 0; j < p->length; j++) {
    const int32_t value = tr_row_scaled(scale, (int32_t)row[j] << 8);
    y[j] = (int8_t)tr_saturate8(p->zero_point + value);
  }
}

void tr_softmax_s8__m4(const tr_softmax_s8_params *p, const int8_t *x, int8_t *y, void *scratch) {
  for (int32_t i = 0; i < p->outer0; i++) {
    for (int32_t j = 0; j < p->outer1; j++) {
      softmax_row(p, x + i * p->x_stride[0] + j * p->x_stride[1],
                  y + i * p->y_stride[0] + j * p->y_stride[1], scratch);
    }
  }
}
