#include "tinyrig/elementwise.h"
#include "xpulp/xpulp.h"
#include "xpulp/xpulp_block.h"

TR_NOINLINE void fill_run(int8_t *y, int32_t step, int32_t value, int32_t count) {
  TR_NO_UNROLL
  for (int32_t i = 0; i < count; i++) {
    y[i * step] = (int8_t)value;
  }
}

void tr_fill_s8__xpulp(const tr_fill_s8_params *p, int8_t *y, void *scratch) {
  (void)scratch;
  const int32_t *const stride[] = {p->y_stride};
  const int32_t step = p->y_stride[TR_MAX_AXES - 1];
  tr_xp_run run = tr_xp_run_first(p->extent, stride, 1);
  do {
    fill_run(y + run.at.offset[0] + run.first * step, step, p->value, run.end - run.first);
  } while (tr_xp_run_next(&run, p->extent, stride, 1));
  tr_cluster_barrier();
}
