#include "common/block.h"
#include "tinyrig/elementwise.h"

void tr_copy_s8__ref(const tr_copy_s8_params *p, const int8_t *x, int8_t *y, void *scratch) {
  (void)scratch;
  const int32_t *const stride[] = {p->x_stride, p->y_stride};
  const int32_t last = TR_MAX_AXES - 1;
  tr_block at = {0};
  do {
    for (int32_t i = 0; i < p->extent[last]; i++) {
      y[at.offset[1] + i * p->y_stride[last]] = x[at.offset[0] + i * p->x_stride[last]];
    }
  } while (tr_block_next(&at, p->extent, stride, 2));
}
