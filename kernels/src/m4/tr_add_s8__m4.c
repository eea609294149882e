#include "tinyrig/dsp.h"
#include "tinyrig/elementwise.h"

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
  const int32_t *const stride[] = {p->a_stride, p->b_stride, p->y_stride};
  tr_block at = {0};
  do {
    const int8_t *const a_row = a + at.offset[0];
    const int8_t *const b_row = b + at.offset[1];
    if (c.lo == INT8_MIN && c.hi == INT8_MAX) {
      row(&c, a_row, b_row, y + at.offset[2], p->extent[TR_MAX_AXES - 1], 1);
    } else {
      row(&c, a_row, b_row, y + at.offset[2], p->extent[TR_MAX_AXES - 1], 0);
    }
  } while (tr_block_next(&at, p->extent, stride, 3));
}
