#include "common/block.h"
#include "tinyrig/elementwise.h"

void tr_fill_s8__ref(const tr_fill_s8_params *p, int8_t *y, void *scratch) {
  (void)scratch;
  const int32_t *const stride[] = {p->y_stride};
  const int32_t last = TR_MAX_AXES - 1;
  tr_block at = {0};
  do {
    for (int32_t i = 0; i < p->extent[last]; i++) {
      y[at.offset[0] + i * p->y_stride[last]] = (int8_t)p->value;
    }
  } while (tr_block_next(&at, p->extent, stride, 1));
}
