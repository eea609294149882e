#include "xpulp/xpulp_rounds.h"

/* Between the scores and the first output stands a barrier, so that y may lie over q. What the keys'
 * scores start at is not needed behind it either, where the weighted values' starts are written. */
void tr_attention_s8_once__xpulp(const tr_attention_s8_params *p, const int8_t *q, const int8_t *k,
                                 const int8_t *v, int8_t *y, void *scratch) {
  const int32_t length = (p->t + 3) / 4 * 4;
  const int32_t queries = (p->s + 3) / 4 * 4;
  tr_xp_team o;
  o.q = q;
  o.y = y;
  o.start = scratch;
  o.scores = (int8_t *)(o.start + (queries > length ? queries : length));
  tr_xp_bytes_head(&o.h, p, p->p, k, v, o.start, o.scores);
  tr_xp_prepare_keys(&o.h, tr_xp_lines_of(tr_cluster_share(length / 4), p->t));
  tr_cluster_barrier();
  tr_xp_round_scores(&o, 0, p->s);
  tr_xp_end_round(&o, 0, p->s);
  tr_cluster_barrier();
}
