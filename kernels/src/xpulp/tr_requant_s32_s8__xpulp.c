#include "tinyrig/cluster.h"
#include "tinyrig/linear.h"
#include "xpulp/xpulp_finish.h"

/* When the outputs lie over the sums, every core would write what another has yet to read: then
 * the first does all of them in order. */
void tr_requant_s32_s8__xpulp(const tr_requant_s32_s8_params *p, const int32_t *acc, int8_t *y,
                              void *scratch) {
  (void)scratch;
  const int apart = (const void *)acc != (const void *)y;
  const tr_share all = {0, tr_cluster_core() == 0 ? p->m : 0};
  const tr_share share = apart ? tr_cluster_share(p->m) : all;
  const tr_requant form = p->requant;
  const int8_t *const lut = p->lut;
  for (int32_t i = share.first; i < share.end; i++) {
    const int32_t *const row = acc + i * p->acc_row;
    const int32_t *multiplier = form.multiplier;
    int8_t *to = y + i * p->y_row;
    TR_NO_UNROLL
    for (int32_t n = 0; n < p->n; n++) {
      *to = (int8_t)tr_xp_finish_any(&form, lut, row[n], *multiplier);
      multiplier += form.channel_step;
      to += n < p->n - 1 ? p->y_col : 0;
    }
  }
  tr_cluster_barrier();
}
