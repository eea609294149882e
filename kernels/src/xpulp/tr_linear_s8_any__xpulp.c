#include "tinyrig/cluster.h"
#include "tinyrig/linear.h"
#include "xpulp/xpulp_finish.h"

void tr_linear_s8_any__xpulp(const tr_linear_s8_params *p, const int8_t *x, int8_t *y,
                             void *scratch) {
  (void)scratch;
  const tr_share share = tr_cluster_share(p->m * p->n);
  for (int32_t i = share.first; i < share.end; i++) {
    const int32_t m = i / p->n;
    const int32_t n = i - m * p->n;
    const int8_t *const row = x + m * p->x_row;
    const int8_t *const w = p->weight + n * p->k;
    int32_t acc = p->start[n];
    TR_NO_UNROLL
    for (int32_t k = 0; k < p->k; k++) {
      acc = tr_xp_mac(row[k * p->x_col], w[k], acc);
    }
    const int32_t multiplier = p->requant.multiplier[n * p->requant.channel_step];
    y[m * p->y_row + n * p->y_col] = (int8_t)tr_xp_finish_any(&p->requant, p->lut, acc, multiplier);
  }
  tr_cluster_barrier();
}
