#include "xpulp/xpulp_bytes.h"

static void answer(const tr_xp_head *h, const tr_xp_queries *b) {
  uint32_t *const word = (uint32_t *)(void *)h->scores;
  int32_t start[TR_XP_QUERIES];
  tr_xp_score_wide(h, b, (tr_share){0, h->p->t});
  tr_xp_no_scores(h);
  TR_NO_UNROLL
  for (int32_t i = b->first; i < b->end; i++) {
    start[i] = tr_xp_to_bytes(h, word + i);
  }
  tr_xp_weigh_bytes(h, b, start, (tr_share){0, h->p->r});
}

/* Queries `rows` of one (batch, head), with room for what the scores of its keys start at. */
static void attend(const tr_attention_s8_params *p, const tr_xp_batch *now, int32_t *key_start,
                   int8_t *scores) {
  tr_xp_head h;
  tr_xp_bytes_head(&h, p, p->p, now->k, now->v, key_start, scores);
  tr_xp_prepare_keys(&h, (tr_share){0, p->t});
  const int32_t count = p->s >= TR_XP_QUERIES ? TR_XP_QUERIES : 1;
  TR_NO_UNROLL
  for (int32_t row = now->rows.first; row < now->rows.end; row += count) {
    const tr_xp_queries b = tr_xp_queries_at(p, now->q, now->y, row, now->rows.end, count);
    answer(&h, &b);
  }
}

void tr_attention_s8_bytes__xpulp(const tr_attention_s8_params *p, const int8_t *q, const int8_t *k,
                                  const int8_t *v, int8_t *y, void *scratch) {
  const int32_t own = 4 * ((p->t + 3) / 4 * 4);
  const int32_t heads = p->batch0 * p->batch1;
  int8_t *const scores = tr_cluster_scratch(scratch, own);
  /* Those of the one head there is are the same for all cores: each writes all of them, and reads
   * what it wrote, or what another wrote, which is equal. */
  void *const behind = (int8_t *)scratch + (int32_t)tr_cluster_cores() * own;
  int32_t *const starts = heads == 1 ? behind : tr_cluster_scratch(behind, own);
  tr_share share = tr_cluster_share(heads * p->s);
  while (share.first < share.end) {
    const tr_xp_batch now = tr_xp_take_batch(p, &share, q, k, v, y);
    attend(p, &now, starts, scores);
  }
  tr_cluster_barrier();
}
