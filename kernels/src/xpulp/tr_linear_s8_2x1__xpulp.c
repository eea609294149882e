#include "tinyrig/cluster.h"
#include "tinyrig/linear.h"
#include "xpulp/xpulp_streamed.h"

void tr_linear_s8_2x1__xpulp(const tr_linear_s8_params *p, const int8_t *x, int8_t *y,
                             void *scratch) {
  (void)scratch;
  const tr_share columns = tr_cluster_share(p->n);
  const int32_t step = p->requant.channel_step;
  tr_xp_streamed o;
  o.h.row = p->weight + columns.first * TR_XP_HELD;
  o.h.row_step = TR_XP_HELD;
  o.h.count = columns.end - columns.first;
  o.start = p->start + columns.first;
  o.multiplier = p->requant.multiplier + columns.first * step;
  o.multiplier_step = 4 * step;
  o.y_col = p->y_col;
  TR_NO_UNROLL
  for (int32_t done = 0; o.h.count > 0 && done < p->m; done += 2) {
    const int32_t row = done + 2 <= p->m ? done : p->m - 2;
    o.h.column0 = x + row * p->x_row;
    o.h.column1 = o.h.column0 + p->x_row;
    o.to0 = y + row * p->y_row + columns.first * p->y_col;
    o.to1 = o.to0 + p->y_row;
    tr_xp_streamed_outputs(&o);
  }
  tr_cluster_barrier();
}
