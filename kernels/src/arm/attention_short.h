/* Scores of queries of one or two columns: one product a key. */
#ifndef TINYRIG_ATTENTION_SHORT_H
#define TINYRIG_ATTENTION_SHORT_H

#include "arm/attention_head.h"

/* Three queries of one or two columns, widened, and where their scores begin. */
typedef struct {
  uint32_t query[TR_QUERIES];
  int32_t start[TR_QUERIES];
} tr_short_queries;

TR_INLINE tr_short_queries tr_short_of(const tr_attention_s8_params *p, const int8_t *q) {
  tr_short_queries s;
  for (int i = 0; i < TR_QUERIES; i++) {
    const int32_t low = q[0] - p->q_zero_point;
    const int32_t high = p->p == 2 ? q[p->q_stride[3]] - p->q_zero_point : 0;
    s.query[i] = tr_pair(low, high);
    s.start[i] = tr_wrapping_mls(p->score_start, p->k_zero_point, low + high);
    q += p->q_stride[2];
  }
  return s;
}

/* The scores of three queries in any form: one product a key. */
TR_NOINLINE void tr_score_short(const tr_head *h, const int8_t *q) {
  const tr_attention_s8_params *const p = h->p;
  const tr_short_queries s = tr_short_of(p, q);
  const int32_t second = p->p == 2 ? p->k_stride[3] : 0;
  const int8_t *key = h->key;
  for (int32_t j = 0; j < p->t; j++) {
    const uint32_t pair = tr_pair(key[0], key[second]);
    for (int i = 0; i < TR_QUERIES; i++) {
      const int32_t acc = tr_dot2(s.query[i], pair, s.start[i]);
      h->scores[i * h->length + j] = (int8_t)tr_finish(&p->score, 0, acc, *p->score.multiplier);
    }
    key += h->key_row;
  }
}

#endif
