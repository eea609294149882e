#include "common/block.h"
#include "common/dsp.h"
#include "tinyrig/elementwise.h"

/* Contiguous elements; x and y are the same or do not overlap. */
static void row(const int8_t *x, int8_t *y, int32_t count) {
  TR_NO_UNROLL
  for (; count >= 16; count -= 16) {
    const uint32_t a = tr_load4(x);
    const uint32_t b = tr_load4(x + 4);
    const uint32_t c = tr_load4(x + 8);
    const uint32_t d = tr_load4(x + 12);
    tr_store4(y, a);
    tr_store4(y + 4, b);
    tr_store4(y + 8, c);
    tr_store4(y + 12, d);
    x += 16;
    y += 16;
  }
  TR_NO_UNROLL
  for (; count >= 4; count -= 4) {
    tr_store4(y, tr_load4(x));
    x += 4;
    y += 4;
  }
  for (; count > 0; count--) {
    *y++ = *x++;
  }
}

void tr_copy_s8__m4(const tr_copy_s8_params *p, const int8_t *x, int8_t *y, void *scratch) {
  (void)scratch;
  const int32_t *const stride[] = {p->x_stride, p->y_stride};
  tr_block at = {0};
  do {
    row(x + at.offset[0], y + at.offset[1], p->extent[TR_MAX_AXES - 1]);
  } while (tr_block_next(&at, p->extent, stride, 2));
}
