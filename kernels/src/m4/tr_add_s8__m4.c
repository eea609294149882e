#include "common/block.h"
#include "common/dsp.h"
#include "tinyrig/elementwise.h"

#define UPPER_BYTES 0xFF00FF00U
#define LARGEST (1 << 23)

typedef struct {
  int32_t a;
  int32_t b;
  int32_t start;
  int32_t shift;
  int32_t lo;
  int32_t hi;
} constants;

/* The output byte; `plain` when the clamp is saturation. */
TR_INLINE uint32_t sum(const constants *c, int32_t a, int32_t b, const int plain) {
  const int32_t y = (a * c->a + b * c->b + c->start) >> c->shift;
  return (uint32_t)(plain ? tr_saturate8(y) : tr_clamp(y, c->lo, c->hi)) & 0xFFU;
}

/* Two elements of each operand in the upper bytes of halfwords, times multipliers that are as much
 * larger as those: the product loses nothing. */
TR_INLINE void sum_two(const constants *c, uint32_t a, uint32_t b, int8_t *y) {
  const int32_t low = tr_multiply_low_add(c->b, b, tr_multiply_low_add(c->a, a, c->start));
  const int32_t high = tr_multiply_high_add(c->b, b, tr_multiply_high_add(c->a, a, c->start));
  y[0] = (int8_t)tr_saturate8(low >> c->shift);
  y[2] = (int8_t)tr_saturate8(high >> c->shift);
}

/* Contiguous elements by fours where the clamp is saturation and the multipliers are below
 * LARGEST; returns how many are done. */
TR_NOINLINE int32_t fours(const constants *given, const int8_t *a, const int8_t *b, int8_t *y,
                          int32_t count) {
  constants c = *given;
  c.a *= 1 << 8;
  c.b *= 1 << 8;
  int32_t left = count;
  TR_NO_UNROLL
  for (; left >= 4; left -= 4) {
    const uint32_t a4 = tr_load4(a);
    const uint32_t b4 = tr_load4(b);
    sum_two(&c, a4 << 8 & UPPER_BYTES, b4 << 8 & UPPER_BYTES, y);
    sum_two(&c, a4 & UPPER_BYTES, b4 & UPPER_BYTES, y + 1);
    a += 4;
    b += 4;
    y += 4;
  }
  return count - left;
}

/* Contiguous elements, four at a time. */
TR_INLINE void row(const constants *constant, const int8_t *a, const int8_t *b, int8_t *y,
                   int32_t count, const int plain) {
  const constants c = *constant;
  TR_NO_UNROLL
  for (; count >= 4; count -= 4) {
    const uint32_t a4 = tr_load4(a);
    const uint32_t b4 = tr_load4(b);
    const uint32_t y0 = sum(&c, (int8_t)(a4 & 0xFFU), (int8_t)(b4 & 0xFFU), plain);
    const uint32_t y1 = sum(&c, (int8_t)(a4 >> 8 & 0xFFU), (int8_t)(b4 >> 8 & 0xFFU), plain);
    const uint32_t y2 = sum(&c, (int8_t)(a4 >> 16 & 0xFFU), (int8_t)(b4 >> 16 & 0xFFU), plain);
    const uint32_t y3 = sum(&c, (int8_t)(a4 >> 24), (int8_t)(b4 >> 24), plain);
    tr_store4(y, y0 | y1 << 8 | y2 << 16 | y3 << 24);
    a += 4;
    b += 4;
    y += 4;
  }
  for (; count > 0; count--) {
    *y++ = (int8_t)sum(&c, *a++, *b++, plain);
  }
}

void tr_add_s8__m4(const tr_add_s8_params *p, const int8_t *a, const int8_t *b, int8_t *y,
                   void *scratch) {
  (void)scratch;
  const constants c = {p->a_multiplier, p->b_multiplier, p->start, p->shift, p->lo, p->hi};
  const int32_t count = p->extent[TR_MAX_AXES - 1];
  const int plain = c.lo == INT8_MIN && c.hi == INT8_MAX;
  const int small = c.a < LARGEST && c.a > -LARGEST && c.b < LARGEST && c.b > -LARGEST;
  const int32_t *const stride[] = {p->a_stride, p->b_stride, p->y_stride};
  tr_block at = {0};
  do {
    const int8_t *const a_row = a + at.offset[0];
    const int8_t *const b_row = b + at.offset[1];
    int8_t *const y_row = y + at.offset[2];
    if (plain) {
      const int32_t done = small ? fours(&c, a_row, b_row, y_row, count) : 0;
      row(&c, a_row + done, b_row + done, y_row + done, count - done, 1);
    } else {
      row(&c, a_row, b_row, y_row, count, 0);
    }
  } while (tr_block_next(&at, p->extent, stride, 3));
}
