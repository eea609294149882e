#include "tinyrig/cluster.h"
#include "tinyrig/elementwise.h"
#include "xpulp/xpulp.h"

TR_NOINLINE void gather_row(const int8_t *x, int32_t x_step, int8_t *y, int32_t y_step,
                            int32_t count) {
  TR_NO_UNROLL
  for (int32_t i = 0; i < count; i++) {
    y[i * y_step] = x[i * x_step];
  }
}

void tr_gather_s8__xpulp(const tr_gather_s8_params *p, const int8_t *x, int8_t *y, void *scratch) {
  (void)scratch;
  const tr_share share = tr_cluster_share(p->outer * p->count);
  for (int32_t row = share.first; row < share.end; row++) {
    const int32_t o = row / p->count;
    const int32_t i = row - o * p->count;
    gather_row(x + o * p->x_outer + p->index[i] * p->x_step, p->x_inner,
               y + o * p->y_outer + i * p->y_step, p->y_inner, p->inner);
  }
  tr_cluster_barrier();
}
