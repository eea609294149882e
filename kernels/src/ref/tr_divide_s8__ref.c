#include "common/block.h"
#include "tinyrig/variants.h"

void tr_divide_s8__ref(const tr_divide_s8_params *p, const int8_t *a, const int8_t *b, int8_t *y,
                       void *scratch) {
  (void)scratch;
  const int32_t *const stride[] = {p->a_stride, p->b_stride, p->y_stride};
  const int32_t last = TR_MAX_AXES - 1;
  tr_block at = {0};
  do {
    for (int32_t i = 0; i < p->extent[last]; i++) {
      const int32_t factor = p->reciprocal[b[at.offset[1] + i * p->b_stride[last]] + 128];
      const int32_t steps = a[at.offset[0] + i * p->a_stride[last]] - p->a_zero_point;
      const int32_t sum = steps * factor + p->start;
      y[at.offset[2] + i * p->y_stride[last]] = (int8_t)tr_clamp(sum >> p->shift, p->lo, p->hi);
    }
  } while (tr_block_next(&at, p->extent, stride, 3));
}
