#include "common/block.h"
#include "common/dsp.h"
#include "tinyrig/elementwise.h"

#define ROWS (TR_MAX_AXES - 2)

TR_NOINLINE void contiguous(int8_t *y, int32_t value, int32_t count) {
  const uint32_t word = ((uint32_t)value & 0xFFU) * 0x01010101U;
  TR_NO_UNROLL
  for (; count >= 64; count -= 64) {
    for (int i = 0; i < 64; i += 4) {
      tr_store4(y + i, word);
    }
    y += 64;
  }
  TR_NO_UNROLL
  for (; count >= 4; count -= 4) {
    tr_store4(y, word);
    y += 4;
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

/* The last two axes; a column of single elements is one row of its own. */
TR_NOINLINE void rows(const tr_fill_s8_params *p, int8_t *y) {
  const int32_t step = p->y_stride[ROWS + 1];
  const int32_t count = p->extent[ROWS + 1];
  if (count == 1) {
    strided(y, p->y_stride[ROWS], p->value, p->extent[ROWS]);
    return;
  }
  int32_t at = 0;
  TR_NO_UNROLL
  for (int32_t left = p->extent[ROWS]; left > 0; left--) {
    if (step == 1) {
      contiguous(y + at, p->value, count);
    } else {
      strided(y + at, step, p->value, count);
    }
    at += p->y_stride[ROWS];
  }
}

void tr_fill_s8__m4(const tr_fill_s8_params *p, int8_t *y, void *scratch) {
  (void)scratch;
  int32_t outer[TR_MAX_AXES];
  for (int axis = 0; axis < TR_MAX_AXES; axis++) {
    outer[axis] = axis < ROWS ? p->extent[axis] : 1;
  }
  const int32_t *const stride[] = {p->y_stride};
  tr_block at = {0};
  do {
    rows(p, y + at.offset[0]);
  } while (tr_block_next(&at, outer, stride, 1));
}
