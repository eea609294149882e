/* What one core needs for the queries of one (batch, head) of attention. */
#ifndef TINYRIG_XPULP_HEAD_H
#define TINYRIG_XPULP_HEAD_H

#include "tinyrig/attention.h"
#include "xpulp/xpulp_finish.h"

/* Queries of a block. */
#define TR_XP_QUERIES 4

/* Keys and values are read in place, or from copies where their rows are short or not
 * contiguous. */
typedef struct {
  const tr_attention_s8_params *p;
  const int8_t *key;
  int32_t key_row;
  const int8_t *value; /* column c at c * value_row */
  int32_t value_row;
  int32_t width;       /* bytes of a query or key row */
  int32_t length;      /* keys, rounded up to whole words */
  int32_t *key_start;  /* a key's part of the score; or its pair, where p is at most 2 */
  uint32_t *panel;     /* exponentials of four queries */
  int8_t *scores;      /* [group of queries][length][query], or words of four keys of a query: */
  int32_t score_row;   /* bytes from a query's word to the next query's, where the group is 1 */
  int32_t score_step;  /* bytes from a query's word to its next */
  int32_t *sums;       /* weighted values [column][query], where the scores were */
  int8_t *query;       /* room for a copy of four queries, or 0 */
  tr_xp_form form;     /* of the scores */
  tr_xp_halves halves; /* of their multiplier, in the SHORT form */
  int32_t group;       /* queries whose scores alternate: 1; 2 where they are made by pairs; 4 */
  int32_t short_values;      /* whether outputs are words, in the SHORT form, */
  tr_xp_halves value_halves; /* of these halves */
} tr_xp_head;

/* One to four queries, of which those from `first` to `end` are answered. Where one stands for
 * four, or two, the step from one to the next is 0. */
typedef struct {
  const int8_t *q;
  int32_t q_row;
  int8_t *y;
  int32_t y_row;
  int32_t count;
  int32_t first;
  int32_t end;
} tr_xp_queries;

/* `count` queries from `row` of a (batch, head) on, its last ones where there are fewer: those
 * before `row` or from `end` on belong to others, and are read alone. */
TR_INLINE tr_xp_queries tr_xp_queries_at(const tr_attention_s8_params *p, const int8_t *q,
                                         int8_t *y, int32_t row, int32_t end, int32_t count) {
  const int32_t at = row + count <= p->s ? row : p->s - count;
  const int32_t several = count > 1;
  const int32_t left = end - at;
  return (tr_xp_queries){q + at * p->q_stride[2], several * p->q_stride[2],
                         y + at * p->y_stride[2], several * p->y_stride[2],
                         count, row - at, left < count ? left : count};
}

#endif
