#include "common/row_multiplier.h"
#include "xpulp/xpulp_batch.h"
#include "xpulp/xpulp_eight.h"
#include "xpulp/xpulp_rounding.h"
#include "xpulp/xpulp_sums.h"
#include "xpulp/xpulp_tile.h"

#define KEYS 8

/* One function for keys and queries: where rows are few, code that is not in the instruction cache
 * costs more than its work. */
TR_NOINLINE int32_t row_sum(const int8_t *row, int32_t k) { return tr_xp_sum(row, k); }

/* What the scores of every query start at, key by key. */
static void start_keys(const tr_attention_s8_params *p, const int8_t *k, int32_t *start) {
  const int32_t both = p->score_start + p->p * p->q_zero_point * p->k_zero_point;
  TR_NO_UNROLL
  for (int32_t j = 0; j < p->t; j++) {
    start[j] = tr_wrapping_mls(both, p->q_zero_point, row_sum(k + j * p->k_stride[2], p->p));
  }
}

/* Scores of one query; returns the largest. The last four keys overlap those before them. */
static int32_t score(const tr_attention_s8_params *p, const int8_t *q, const int8_t *k,
                     const int32_t *key_start, int32_t *scores) {
  const int32_t start = tr_wrapping_mls(0, p->k_zero_point, row_sum(q, p->p));
  const int32_t multiplier = *p->score.multiplier;
  int32_t largest = INT8_MIN;
  TR_NO_UNROLL
  for (int32_t done = 0; done < p->t; done += TR_XP_TILE) {
    const int32_t first = done + TR_XP_TILE <= p->t ? done : p->t - TR_XP_TILE;
    const int8_t *row = q;
    const int8_t *key = k + first * p->k_stride[2];
    int32_t sum[TR_XP_TILE];
    for (int i = 0; i < TR_XP_TILE; i++) {
      sum[i] = tr_wrapping_add(start, key_start[first + i]);
    }
    tr_xp_line_words(&row, &key, p->k_stride[2], p->p / 4, sum);
    for (int i = 0; i < TR_XP_TILE; i++) {
      scores[first + i] = tr_xp_finish_high(sum[i], multiplier);
      largest = tr_xp_max(largest, scores[first + i]);
    }
  }
  return largest;
}

/* Exponentials of one query's scores, in planes; returns their sum. */
static uint32_t exponentials(const tr_attention_s8_params *p, const int32_t *scores,
                             int32_t largest, tr_xp_eight *planes) {
  uint8_t *const low = (uint8_t *)planes->low;
  uint8_t *const high = (uint8_t *)planes->high;
  uint32_t sum = 0;
  TR_NO_UNROLL
  for (int32_t j = 0; j < p->t; j++) {
    const uint32_t e = p->exp[largest - scores[j]];
    low[j] = (uint8_t)e;
    high[j] = (uint8_t)(e >> 8);
    sum += e;
  }
  return sum;
}

/* Turns exponentials, whose sum is given, into probabilities; returns their sum. */
TR_NOINLINE int32_t rounded(const tr_attention_s8_params *p, const int32_t *scores, int32_t largest,
                            uint32_t sum, tr_xp_eight *planes) {
  const uint32_t *const fine = p->rounding.fine;
  if (fine != 0) {
    sum = 0;
    TR_NO_UNROLL
    for (int32_t j = 0; j < p->t; j++) {
      sum += fine[largest - scores[j]];
    }
  }
  const tr_row_rounding r = tr_row_rounding_for(p->value, sum);
  const int32_t weights = tr_xp_round(r, p->rounding.most, planes->low, planes->high, 2, 4);
  planes->high[0] = 0;
  planes->high[1] = 0;
  return weights;
}

/* Queries first to end of one (batch, head). */
static void attend(const tr_attention_s8_params *p, tr_share rows, const int8_t *q,
                   const int8_t *k, const int8_t *v, int8_t *y) {
  int32_t key_start[KEYS];
  int32_t scores[KEYS];
  tr_xp_eight planes = {{0, 0}, {0, 0}};
  start_keys(p, k, key_start);
  TR_NO_UNROLL
  for (int32_t n = rows.first; n < rows.end; n++) {
    const int32_t largest = score(p, q + n * p->q_stride[2], k, key_start, scores);
    const uint32_t sum = exponentials(p, scores, largest, &planes);
    tr_xp_eight_scale scale;
    if (p->rounding.most != 0) {
      const int32_t weights = rounded(p, scores, largest, sum, &planes);
      scale.start = p->rounding.start - p->v_zero_point * weights;
      scale.multiplier = 2 * *p->rounding.requant.multiplier;
      scale.shift = TR_XP_ROUNDED_SHIFT;
      scale.offset = TR_XP_ROUNDED_OFFSET;
    } else {
      const tr_row_multiplier row = tr_row_scale_for(p->value, sum);
      scale.start = -p->v_zero_point * (int32_t)sum;
      scale.multiplier = row.multiplier;
      scale.shift = row.shift;
      scale.offset = (int32_t)((uint32_t)p->y_zero_point << row.shift);
    }
    tr_xp_eight_values(&planes, &scale, v, p->v_stride[3], p->r, y + n * p->y_stride[2],
                       p->y_stride[3]);
  }
}

void tr_attention_s8_1x8__xpulp(const tr_attention_s8_params *p, const int8_t *q, const int8_t *k,
                                const int8_t *v, int8_t *y, void *scratch) {
  (void)scratch;
  tr_share share = tr_cluster_share(p->batch0 * p->batch1 * p->s);
  TR_NO_UNROLL
  while (share.first < share.end) {
    const tr_xp_batch now = tr_xp_take_batch(p, &share, q, k, v, y);
    attend(p, now.rows, now.q, now.k, now.v, now.y);
  }
  tr_cluster_barrier();
}
