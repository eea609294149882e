#include "common/block.h"
#include "common/dsp.h"
#include "tinyrig/elementwise.h"

TR_NOINLINE void contiguous(int8_t *y, int32_t value, int32_t count) {
  const uint32_t word = ((uint32_t)value & 0xFFU) * 0x01010101U;
  TR_NO_UNROLL
  for (; count >= 16; count -= 16) {
    tr_store4(y, word);
    tr_store4(y + 4, word);
    tr_store4(y + 8, word);
    tr_store4(y + 12, word);
    y += 16;
  }
  TR_NO_UNROLL
  for (; count > 0; count--) {
    *y++ = (int8_t)value;
  }
}

/* A row of any step; the offset is an integer, so that no pointer leaves its object. */
TR_NOINLINE void strided(int8_t *y, int32_t step, int32_t value, int32_t count) {
  int32_t at = 0;
  TR_NO_UNROLL
  for (; count > 0; count--) {
    y[at] = (int8_t)value;
    at += step;
  }
}

void tr_fill_s8__m4(const tr_fill_s8_params *p, int8_t *y, void *scratch) {
  (void)scratch;
  const int32_t step = p->y_stride[TR_MAX_AXES - 1];
  const int32_t count = p->extent[TR_MAX_AXES - 1];
  const int32_t *const stride[] = {p->y_stride};
  tr_block at = {0};
  do {
    if (step == 1) {
      contiguous(y + at.offset[0], p->value, count);
    } else {
      strided(y + at.offset[0], step, p->value, count);
    }
  } while (tr_block_next(&at, p->extent, stride, 1));
}
