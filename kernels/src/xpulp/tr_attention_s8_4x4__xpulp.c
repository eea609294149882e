#include "common/row_multiplier.h"
#include "xpulp/xpulp_batch.h"
#include "xpulp/xpulp_panel.h"
#include "xpulp/xpulp_rounding.h"
#include "xpulp/xpulp_scores.h"
#include "xpulp/xpulp_values.h"

/* Turns the scores into complements, and tells the smallest of every query. */
static void complement(const tr_xp_head *h, int32_t *smallest) {
  uint32_t least[TR_XP_QUERIES];
  tr_xp_complement(h->scores, h->length / 4, least);
  const uint32_t first = tr_xp_min4(least[0], least[1]);
  const uint32_t second = tr_xp_min4(least[2], least[3]);
  const uint32_t all = tr_xp_min4(first, second);
  if (h->group == 4) {
    for (int i = 0; i < TR_XP_QUERIES; i++) {
      smallest[i] = tr_xp_byte(all, i);
    }
  } else if (h->group == 2) {
    smallest[0] = tr_xp_least_even(first);
    smallest[1] = tr_xp_least_even(first >> 8);
    smallest[2] = tr_xp_least_even(second);
    smallest[3] = tr_xp_least_even(second >> 8);
  } else {
    for (int i = 0; i < TR_XP_QUERIES; i++) {
      smallest[i] = tr_xp_least_byte(least[i]);
    }
  }
}

/* Turns the exponentials of query i, of complements `step` bytes apart and the sum given, into
 * probabilities in the plane of the low bytes; returns their sum. */
TR_NOINLINE int32_t rounded(const tr_xp_head *h, int32_t i, const int8_t *row, int32_t step,
                            int32_t smallest, uint32_t sum) {
  const tr_rounding *const rounding = &h->p->rounding;
  if (rounding->fine != 0) {
    sum = tr_xp_fine_sum(rounding->fine, row, step, smallest, h->p->t);
  }
  const tr_row_rounding r = tr_row_rounding_for(h->p->value, sum);
  return tr_xp_round(r, rounding->most, h->panel + h->length + i, h->panel + i, h->length / 4,
                     4 * TR_XP_TILE);
}

static void answer(const tr_xp_head *h, const tr_xp_queries *b) {
  const int32_t t = h->p->t;
  const int32_t step = h->group;
  int32_t smallest[TR_XP_QUERIES];
  uint32_t sum[TR_XP_QUERIES];
  int32_t start[TR_XP_QUERIES];
  if (h->group == 2) {
    tr_xp_score_by_pairs(h, b);
  } else if (h->group == 4) {
    tr_xp_score_narrow(h, b);
  } else {
    tr_xp_score_wide(h, b, (tr_share){0, t});
  }
  for (int32_t i = 0; i < TR_XP_QUERIES; i += step) {
    for (int32_t j = step * t; j < step * h->length; j++) {
      h->scores[i * h->length + j] = TR_XP_NO_SCORE;
    }
  }
  complement(h, smallest);
  TR_NO_UNROLL
  for (int32_t i = 0; i < b->count; i++) {
    const int8_t *const row = h->scores + i / step * step * h->length + i % step;
    sum[i] = (uint32_t)tr_xp_exponentials(h->p->exp, row, step, smallest[i], t, h->panel, i);
    int32_t weights = (int32_t)sum[i];
    if (h->p->rounding.most != 0) {
      weights = rounded(h, i, row, step, smallest[i], sum[i]);
    }
    start[i] = h->p->rounding.start - h->p->v_zero_point * weights;
  }
  tr_xp_weigh(h, b, sum, start);
}

/* How many queries the next block has, of which `left` are to be answered. */
static int32_t block_size(const tr_xp_head *h, int32_t left) {
  if (h->p->s >= TR_XP_QUERIES && (left > 2 || h->group != 2)) {
    return TR_XP_QUERIES;
  }
  return h->group == 2 && left >= 2 ? 2 : 1;
}

/* Bytes of a core's scratch without copies: starts of the keys, the panel, and scores or sums. */
static int32_t own_bytes(const tr_attention_s8_params *p) {
  const int32_t length = (p->t + 3) / 4 * 4;
  const int32_t scores = TR_XP_QUERIES * length;
  const int32_t sums = 4 * TR_XP_QUERIES * p->r;
  return 12 * length + (scores > sums ? scores : sums);
}

/* Queries first to end of one (batch, head). */
static void attend(const tr_attention_s8_params *p, tr_share rows, const int8_t *q,
                   const int8_t *k, const int8_t *v, int8_t *y, int8_t *scratch) {
  const int32_t length = (p->t + 3) / 4 * 4;
  const int32_t width = (p->p + 3) / 4 * 4;
  int8_t *copy = scratch + own_bytes(p);
  tr_xp_head h;
  h.p = p;
  h.key = k;
  h.key_row = p->k_stride[2];
  h.value = v;
  h.value_row = p->v_stride[3];
  h.width = p->p > 3 ? p->p : width;
  h.length = length;
  h.key_start = (int32_t *)(void *)scratch;
  h.panel = (uint32_t *)(void *)(scratch + 4 * length);
  h.scores = scratch + 12 * length;
  h.score_row = length;
  h.score_step = TR_XP_TILE;
  h.sums = (int32_t *)(void *)h.scores; /* the scores are exponentials by then */
  h.query = 0;
  h.group = 1;
  if (p->v_stride[2] != 1 || (p->t % 4 != 0 && p->v_stride[3] < (p->t + 7) / 8 * 8)) {
    tr_xp_gather(copy, length, v, p->v_stride[3], p->v_stride[2], p->r, p->t);
    h.value = copy;
    h.value_row = length;
    copy += p->r * length;
  }
  if (p->p > 2 && (p->p == 3 || p->k_stride[3] != 1 || p->q_stride[3] != 1)) {
    tr_xp_gather(copy, width, k, p->k_stride[2], p->k_stride[3], p->t, p->p);
    h.key = copy;
    h.key_row = width;
    h.width = width;
    h.query = copy + p->t * width;
  }
  h.form = tr_xp_form_of(&p->score, 0, p->p > 2 ? h.width : 4);
  if (h.form == TR_XP_SHORT) {
    h.halves = tr_xp_split(*p->score.multiplier);
  }
  if (p->p <= 2) {
    h.group = 4;
  } else if (h.width == TR_XP_HELD && h.query == 0 && h.form != TR_XP_ANY) {
    h.group = 2;
  }
  tr_xp_value_form(&h);
  tr_xp_prepare_keys(&h, (tr_share){0, p->t});
  for (int32_t row = rows.first; row < rows.end;) {
    const int32_t count = block_size(&h, rows.end - row);
    const tr_xp_queries b = tr_xp_queries_at(p, q, y, row, rows.end, count);
    answer(&h, &b);
    row += count;
  }
}

void tr_attention_s8_4x4__xpulp(const tr_attention_s8_params *p, const int8_t *q, const int8_t *k,
                                const int8_t *v, int8_t *y, void *scratch) {
  const int32_t length = (p->t + 3) / 4 * 4;
  const int32_t width = (p->p + 3) / 4 * 4;
  const int32_t keys = p->p > 2 && (p->p == 3 || p->k_stride[3] != 1 || p->q_stride[3] != 1)
                           ? (p->t + TR_XP_QUERIES) * width
                           : 0;
  const int32_t values = p->v_stride[2] != 1 || (p->t % 4 != 0 && p->v_stride[3] < (p->t + 7) / 8 * 8)
                             ? p->r * length
                             : 0;
  int8_t *const own = tr_cluster_scratch(scratch, own_bytes(p) + keys + values);
  tr_share share = tr_cluster_share(p->batch0 * p->batch1 * p->s);
  while (share.first < share.end) {
    const tr_xp_batch now = tr_xp_take_batch(p, &share, q, k, v, y);
    attend(p, now.rows, now.q, now.k, now.v, now.y, own);
  }
  tr_cluster_barrier();
}
