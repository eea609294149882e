#include "xpulp/xpulp_batch.h"
#include "xpulp/xpulp_panel.h"
#include "xpulp/xpulp_probable.h"
#include "xpulp/xpulp_rounding.h"
#include "xpulp/xpulp_scores.h"
#include "xpulp/xpulp_values.h"

/* Turns the scores of four queries, a word of each in turn, into complements; tells the smallest of
 * every query. */
static void complement(uint32_t *word, int32_t words, int32_t *smallest) {
  uint32_t least[TR_XP_QUERIES];
  for (int i = 0; i < TR_XP_QUERIES; i++) {
    least[i] = 0x7F7F7F7FU;
  }
  TR_NO_UNROLL
  for (; words > 0; words--) {
    for (int i = 0; i < TR_XP_QUERIES; i++) {
      word[i] = ~word[i];
      least[i] = tr_xp_min4(least[i], word[i]);
    }
    word += TR_XP_QUERIES;
  }
  for (int i = 0; i < TR_XP_QUERIES; i++) {
    smallest[i] = tr_xp_least_byte(least[i]);
  }
}

/* Turns the complements of a query into probabilities; returns their sum. Behind the last key they
 * are those of TR_XP_NO_SCORE, and become zeros. */
TR_NOINLINE int32_t probabilities(const tr_xp_head *h, uint32_t *word, int32_t smallest) {
  const tr_attention_s8_params *const p = h->p;
  const int32_t words = h->length / 4;
  const int32_t behind = h->length - p->t;
  uint32_t sum = tr_xp_exponential_sum(p->exp, smallest, word, words) -
                 (uint32_t)behind * p->exp[~TR_XP_NO_SCORE - smallest];
  if (p->rounding.fine != 0) {
    sum = 0;
    TR_NO_UNROLL
    for (int32_t j = 0; j < p->t; j++) {
      sum += p->rounding.fine[tr_xp_byte(word[j / 4 * TR_XP_QUERIES], j % 4) - smallest];
    }
  }
  const tr_row_rounding r = tr_row_rounding_for(p->value, sum);
  const int32_t all = tr_xp_probable(r, p->rounding.most, p->exp, smallest, word, words);
  if (behind == 0) {
    return all;
  }
  uint32_t *const last = word + TR_XP_QUERIES * (words - 1);
  const int32_t none = (int32_t)(*last >> 24);
  *last &= ~0U >> (8 * behind);
  return all - behind * none;
}

/* Outputs of a block from its probabilities and what the sums of its weighted values start at. */
static void weigh(const tr_xp_head *h, const tr_xp_queries *b, const int32_t *start) {
  const tr_attention_s8_params *const p = h->p;
  const tr_requant *const form = &p->rounding.requant;
  const int32_t y_col = p->y_stride[3];
  /* Wraps only where the form is not narrow, which does not use it. */
  const tr_xp_weighted_scale last = {(int32_t)(2U * (uint32_t)*form->multiplier),
                                     TR_XP_ROUNDED_SHIFT, TR_XP_ROUNDED_OFFSET};
  int32_t sums[TR_XP_SUMS];
  tr_xp_weighted w;
  w.panel = (const uint32_t *)(const void *)h->scores;
  w.planes = 1;
  w.column = h->value;
  w.column_step = h->value_row;
  w.column_back = 4 - 3 * h->value_row;
  w.words = h->length / 4;
  w.sums = sums;
  for (int i = 0; i < TR_XP_QUERIES; i++) {
    w.row_start[i] = start[i < b->count ? i : 0];
  }
  const int ends = form->narrow != 0 && p->lo == INT8_MIN && p->hi == INT8_MAX;
  const int32_t tiled = ends ? p->r - p->r % TR_XP_TILE : 0;
  int8_t *y = b->y;
  int32_t done = 0;
  TR_NO_UNROLL
  for (; done < tiled; done += TR_XP_TILE) {
    tr_xp_weighted_sums(&w);
    TR_NO_UNROLL
    for (int32_t i = b->first; i < b->end; i++) {
      int8_t *const to = y + i * b->y_row;
      if (y_col == 1) {
        tr_xp_store(to, tr_xp_weighted_word(&last, sums + i));
      } else {
        tr_xp_weighted_outputs(&last, sums + i, TR_XP_TILE, to, y_col);
      }
    }
    w.column += TR_XP_TILE * h->value_row;
    y += TR_XP_TILE * y_col;
  }
  for (; done < p->r; done++) {
    tr_xp_weighted_line(&w, h->value + done * h->value_row, sums);
    tr_xp_keep_values(h, 0, sums, b, y);
    y += y_col;
  }
}

static void answer(const tr_xp_head *h, const tr_xp_queries *b) {
  const tr_attention_s8_params *const p = h->p;
  uint32_t *const word = (uint32_t *)(void *)h->scores;
  int32_t smallest[TR_XP_QUERIES];
  int32_t start[TR_XP_QUERIES];
  tr_xp_score_wide(h, b);
  for (int32_t j = p->t; j < h->length; j++) {
    for (int32_t i = 0; i < TR_XP_QUERIES; i++) {
      h->scores[j / 4 * h->score_step + i * h->score_row + j % 4] = TR_XP_NO_SCORE;
    }
  }
  complement(word, h->length / 4, smallest);
  TR_NO_UNROLL
  for (int32_t i = 0; i < TR_XP_QUERIES; i++) {
    const int32_t weights = probabilities(h, word + i, smallest[i]);
    start[i] = p->rounding.start - p->v_zero_point * weights;
  }
  weigh(h, b, start);
}

/* Queries `rows` of one (batch, head), with room for what the scores of its keys start at. */
static void attend(const tr_attention_s8_params *p, const tr_xp_batch *now, int32_t *key_start,
                   int8_t *scores) {
  const int32_t length = (p->t + 3) / 4 * 4;
  tr_xp_head h;
  h.p = p;
  h.key = now->k;
  h.key_row = p->k_stride[2];
  h.value = now->v;
  h.value_row = p->v_stride[3];
  h.width = p->p;
  h.length = length;
  h.key_start = key_start;
  h.scores = scores;
  h.score_row = TR_XP_TILE;
  h.score_step = TR_XP_QUERIES * TR_XP_TILE;
  h.query = 0;
  h.group = 1;
  h.form = tr_xp_form_of(&p->score, 0, p->p);
  if (h.form == TR_XP_SHORT) {
    h.halves = tr_xp_split(*p->score.multiplier);
  }
  tr_xp_prepare_keys(&h);
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
