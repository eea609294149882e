#include "tinyrig/cluster.h"
#include "tinyrig/pool.h"
#include "xpulp/xpulp_finish.h"

static int32_t reduced_sum(const tr_mean_s8_params *p, const int8_t *x) {
  const int32_t last = p->x_reduced[3];
  int32_t sum = 0;
  for (int32_t a = 0; a < p->reduced[0]; a++) {
    for (int32_t b = 0; b < p->reduced[1]; b++) {
      for (int32_t c = 0; c < p->reduced[2]; c++) {
        const int8_t *const line =
            x + a * p->x_reduced[0] + b * p->x_reduced[1] + c * p->x_reduced[2];
        for (int32_t d = 0; d < p->reduced[3]; d++) {
          sum += line[d * last];
        }
      }
    }
  }
  return sum;
}

void tr_mean_s8__xpulp(const tr_mean_s8_params *p, const int8_t *x, int8_t *y, void *scratch) {
  (void)scratch;
  const tr_share share =
      tr_cluster_share(p->kept[0] * p->kept[1] * p->kept[2] * p->kept[3]);
  for (int32_t n = share.first; n < share.end; n++) {
    int32_t rest = n;
    int32_t from = 0;
    int32_t to = 0;
    for (int axis = TR_MEAN_AXES - 1; axis >= 0; axis--) {
      const int32_t index = rest % p->kept[axis];
      rest /= p->kept[axis];
      from += index * p->x_kept[axis];
      to += index * p->y_kept[axis];
    }
    const int32_t acc = p->start + reduced_sum(p, x + from);
    y[to] = (int8_t)tr_xp_finish_any(&p->requant, 0, acc, *p->requant.multiplier);
  }
  tr_cluster_barrier();
}
