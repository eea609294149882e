#include "tinyrig/elementwise.h"
#include "xpulp/xpulp.h"
#include "xpulp/xpulp_block.h"

TR_NOINLINE void copy_bytes(const int8_t *x, int32_t x_step, int8_t *y, int32_t y_step,
                            int32_t count) {
  if (x_step == 1 && y_step == 1) {
    TR_NO_UNROLL
    for (; count >= 8; count -= 8) {
      const uint32_t first = tr_xp_load(x);
      const uint32_t second = tr_xp_load(x + 4);
      tr_xp_store(y, first);
      tr_xp_store(y + 4, second);
      x += 8;
      y += 8;
    }
  }
  for (int32_t i = 0; i < count; i++) {
    y[i * y_step] = x[i * x_step];
  }
}

void tr_copy_s8__xpulp(const tr_copy_s8_params *p, const int8_t *x, int8_t *y, void *scratch) {
  (void)scratch;
  const int32_t *const stride[] = {p->x_stride, p->y_stride};
  const int32_t x_step = p->x_stride[TR_MAX_AXES - 1];
  const int32_t y_step = p->y_stride[TR_MAX_AXES - 1];
  tr_xp_run run = tr_xp_run_first(p->extent, stride, 2);
  do {
    copy_bytes(x + run.at.offset[0] + run.first * x_step, x_step,
               y + run.at.offset[1] + run.first * y_step, y_step, run.end - run.first);
  } while (tr_xp_run_next(&run, p->extent, stride, 2));
  tr_cluster_barrier();
}
