#include "common/block.h"
#include "tinyrig/variants.h"

void tr_extremum_s8__ref(const tr_extremum_s8_params *p, const int8_t *a, const int8_t *b,
                         int8_t *y, void *scratch) {
  (void)scratch;
  const int32_t *const stride[] = {p->a_stride, p->b_stride, p->y_stride};
  const int32_t last = TR_MAX_AXES - 1;
  tr_block at = {0};
  do {
    for (int32_t i = 0; i < p->extent[last]; i++) {
      const int32_t left = a[at.offset[0] + i * p->a_stride[last]] * p->a_multiplier + p->a_start;
      const int32_t right = b[at.offset[1] + i * p->b_stride[last]] * p->b_multiplier + p->b_start;
      const int32_t chosen = (left < right) == (p->least != 0) ? left : right;
      y[at.offset[2] + i * p->y_stride[last]] = (int8_t)tr_clamp(chosen >> p->shift, p->lo, p->hi);
    }
  } while (tr_block_next(&at, p->extent, stride, 3));
}
