#include "tinyrig/elementwise.h"
#include "xpulp/xpulp.h"
#include "xpulp/xpulp_block.h"

TR_NOINLINE void look_up(const int8_t *middle, const int8_t *x, int32_t x_step, int8_t *y,
                         int32_t y_step, int32_t count) {
  TR_NO_UNROLL
  for (int32_t i = 0; i < count; i++) {
    y[i * y_step] = middle[x[i * x_step]];
  }
}

void tr_unary_s8_any__xpulp(const tr_unary_s8_params *p, const int8_t *x, int8_t *y,
                            void *scratch) {
  (void)scratch;
  const int32_t *const stride[] = {p->x_stride, p->y_stride};
  const int32_t x_step = p->x_stride[TR_MAX_AXES - 1];
  const int32_t y_step = p->y_stride[TR_MAX_AXES - 1];
  tr_xp_run run = tr_xp_run_first(p->extent, stride, 2);
  do {
    look_up(p->lut - INT8_MIN, x + run.at.offset[0] + run.first * x_step, x_step,
            y + run.at.offset[1] + run.first * y_step, y_step, run.end - run.first);
  } while (tr_xp_run_next(&run, p->extent, stride, 2));
  tr_cluster_barrier();
}
