/* Attention by panels of three queries. A wide form (arm/form.h) widens keys and values once a head
 * instead of once a tile; with `few` the exponentials of few keys are held in registers. */
#ifndef TINYRIG_ATTENTION_ROWS_H
#define TINYRIG_ATTENTION_ROWS_H

#include "arm/attention_end.h"
#include "arm/attention_exponentials.h"
#include "arm/attention_few.h"
#include "arm/attention_short.h"
#include "arm/gather.h"
#include "common/row_multiplier.h"

/* The scores of three packed queries in any form of requantisation. */
TR_NOINLINE void tr_score_any(const tr_head *h, const int32_t *start, const tr_form form) {
  const tr_requant requant = h->p->score;
  int32_t dot[TR_QUERIES * TR_HELD_COLUMNS];
  for (int32_t j = 0; j < h->p->t; j += TR_HELD_COLUMNS) {
    const int32_t columns = h->p->t - j < TR_HELD_COLUMNS ? h->p->t - j : TR_HELD_COLUMNS;
    tr_products_3x2(h->panel, h->key + j * h->key_row, h->key_row, h->width, columns, dot, form);
    for (int32_t n = 0; n < TR_QUERIES * columns; n++) {
      const int32_t acc = tr_wrapping_add(start[n % TR_QUERIES], dot[n]);
      h->scores[n % TR_QUERIES * h->length + j + n / TR_QUERIES] =
          (int8_t)tr_finish(&requant, 0, acc, *requant.multiplier);
    }
  }
}

TR_NOINLINE void tr_score(const tr_head *h, const int32_t *start, const tr_form form) {
  const tr_attention_s8_params *const p = h->p;
  if (!tr_finish_is_narrow(&p->score)) {
    tr_score_any(h, start, form);
    return;
  }
  tr_row_narrow f = {tr_rows_frame(&h->keys, p->t, h->panel, tr_units(h->width), start, h->scores,
                                   h->length, 1, form),
                     *p->score.multiplier, 0};
  if (p->t > 1) {
    tr_rows_narrow(&f, h->keys.w, h->keys.row, form);
  }
  if (p->t % 2 != 0) {
    const int8_t *const odd = tr_rows_odd(&h->keys, p->t, &f.to, form);
    tr_rows_narrow(&f, odd, 0, form);
  }
}

/* The weighted values that a saturation ends, of rows with small shifts. */
TR_INLINE void tr_values_plain(const tr_head *h, const tr_row_multiplier *scale,
                               const int32_t *start, int8_t *y, const tr_form form) {
  const tr_attention_s8_params *const p = h->p;
  tr_row_scaled_frame f = {tr_rows_frame(&h->values, p->r, h->weights, h->length / TR_UNIT, start,
                                         y, p->y_stride[2], p->y_stride[3], form),
                           {0}};
  for (int i = 0; i < TR_QUERIES; i++) {
    f.scale[3 * i] = scale[i].multiplier;
    f.scale[3 * i + 1] = tr_attention_half(p, scale[i].shift);
    f.scale[3 * i + 2] = scale[i].shift;
  }
  if (p->r > 1) {
    tr_rows_scaled(&f, h->values.w, h->values.row, form);
  }
  if (p->r % 2 != 0) {
    const int8_t *const odd = tr_rows_odd(&h->values, p->r, &f.to, form);
    tr_rows_scaled(&f, odd, 0, form);
  }
}

/* The same for every clamp, shift and requantisation. */
TR_NOINLINE void tr_values_any(const tr_head *h, const tr_row_multiplier *scale,
                               const int32_t *start, int8_t *y, const tr_form form) {
  const tr_attention_s8_params *const p = h->p;
  const uint32_t *const panel = h->weights;
  int32_t dot[TR_QUERIES * TR_HELD_COLUMNS];
  for (int32_t c = 0; c < p->r; c += TR_HELD_COLUMNS) {
    const int32_t columns = p->r - c < TR_HELD_COLUMNS ? p->r - c : TR_HELD_COLUMNS;
    tr_products_3x2(panel, h->value + c * h->value_row, h->value_row, h->length, columns, dot,
                    form);
    for (int32_t n = 0; n < TR_QUERIES * columns; n++) {
      const int i = n % TR_QUERIES;
      const int32_t acc = tr_wrapping_add(start[i], dot[n]);
      y[i * p->y_stride[2] + (c + n / TR_QUERIES) * p->y_stride[3]] =
          (int8_t)tr_attention_output(p, scale[i], acc);
    }
  }
}

/* Outputs of the panel: rounded probabilities, or exponentials with these sums. */
TR_NOINLINE void tr_weighted_values(const tr_head *h, const uint32_t *sum, const int32_t *start,
                                    int8_t *y, const tr_form form) {
  const tr_attention_s8_params *const p = h->p;
  int plain = tr_attention_is_plain(p);
  tr_row_multiplier scale[TR_QUERIES];
  for (int i = 0; i < TR_QUERIES; i++) {
    scale[i] = tr_attention_scale(p, sum[i]);
    plain = plain && scale[i].shift <= TR_LARGEST_FOLDED_SHIFT;
  }
  if (plain) {
    tr_values_plain(h, scale, start, y, form);
  } else {
    tr_values_any(h, scale, start, y, form);
  }
}

/* The scores of queries of any width. */
TR_NOINLINE void tr_score_panel(const tr_head *h, const int8_t *q, const tr_form form) {
  const tr_attention_s8_params *const p = h->p;
  int32_t query_row = p->q_stride[2];
  int32_t start[TR_QUERIES];
  if (h->query_copied) {
    tr_gather_rows(h->query, h->width, q, query_row, p->q_stride[3], TR_QUERIES, p->p, p->q_zero_point);
    q = h->query;
    query_row = h->width;
  }
  tr_panel_pack(h->panel, q, query_row, h->width, TR_QUERIES,
                tr_pair(-p->q_zero_point, -p->q_zero_point));
  tr_panel_sums(h->panel, TR_QUERIES, h->width, start);
  for (int i = 0; i < TR_QUERIES; i++) {
    start[i] = tr_wrapping_mls(p->score_start, p->k_zero_point, start[i]);
  }
  tr_score(h, start, form);
}

/* Words of the panel of exponentials. */
TR_INLINE int32_t tr_weight_words(int32_t length, const int few) {
  return few ? 0 : TR_QUERIES * length / 2;
}

/* Whether columns of values can be read where they are. */
TR_INLINE int tr_values_are_rows(const tr_attention_s8_params *p, int32_t length, const int few) {
  return p->v_stride[2] == 1 && (few ? p->v_stride[3] == length : p->v_stride[3] >= length);
}

/* The outputs of three queries from their scores. */
TR_INLINE void tr_three_outputs(const tr_head *h, int8_t *y, const tr_form form) {
  const tr_attention_s8_params *const p = h->p;
  uint32_t sum[TR_QUERIES];
  int32_t start[TR_QUERIES];
  for (int i = 0; i < TR_QUERIES; i++) {
    sum[i] = tr_exponentials(h, i);
    const int32_t weights = p->rounding.most != 0 ? tr_round_row(h, i, sum[i]) : (int32_t)sum[i];
    start[i] = p->rounding.start - p->v_zero_point * weights;
  }
  tr_weighted_values(h, sum, start, y, form);
}

/* Three queries, the first `done` of which have their outputs. */
TR_NOINLINE void tr_three_queries(const tr_head *h, const int8_t *q, int8_t *y, int32_t done,
                                  const tr_form form, const int few) {
  if (h->p->p <= 2) {
    tr_score_short(h, q);
  } else {
    tr_score_panel(h, q, form);
  }
  if (few) {
    tr_few_outputs(h, done, y);
  } else {
    tr_three_outputs(h, y, form);
  }
}

/* Words of the keys and values widened. */
TR_INLINE int32_t tr_wide_words(const tr_attention_s8_params *p, int32_t width, int32_t length,
                                const tr_form form) {
  if (!tr_is_wide(form)) {
    return 0;
  }
  const int32_t keys = p->p > 2 ? (p->t + 1) / 2 * tr_panel_words(2, width) : 0;
  return keys + (p->r + 1) / 2 * tr_panel_words(2, length);
}

/* Widens `count` rows of k bytes, an odd last one twice; returns what lies behind. */
TR_NOINLINE uint32_t *tr_widen_rows(uint32_t *to, const int8_t *w, int32_t row, int32_t k,
                                    int32_t count) {
  for (; count > 0; count -= 2) {
    tr_panel_pack(to, w, count > 1 ? row : 0, k, 2, 0);
    to += tr_panel_words(2, k);
    w += 2 * row;
  }
  return to;
}

TR_INLINE void tr_choose_rows(tr_head *h, uint32_t *wide, const tr_form form) {
  const tr_attention_s8_params *const p = h->p;
  if (!tr_is_wide(form)) {
    h->keys = (tr_rows){h->key, h->key_row, 2 * h->key_row, h->width};
    h->values = (tr_rows){h->value, h->value_row, 2 * h->value_row, h->length};
    return;
  }
  if (p->p > 2) {
    h->keys = (tr_rows){(const int8_t *)wide, 0, 4 * tr_panel_words(2, h->width), 0};
    wide = tr_widen_rows(wide, h->key, h->key_row, h->width, p->t);
  }
  h->values = (tr_rows){(const int8_t *)wide, 0, 4 * tr_panel_words(2, h->length), 0};
  (void)tr_widen_rows(wide, h->value, h->value_row, h->length, p->r);
}

TR_NOINLINE void tr_attend(const tr_attention_s8_params *p, const int8_t *q, const int8_t *k,
                           const int8_t *v, int8_t *y, void *scratch, const tr_form form,
                           const int few) {
  const int32_t width = p->p < TR_UNIT ? TR_UNIT : p->p;
  const int32_t length = tr_units(p->t) * TR_UNIT;
  uint32_t *const panel = (uint32_t *)scratch + tr_weight_words(length, few);
  uint32_t *const wide = panel + (p->p > 2 ? tr_panel_words(TR_QUERIES, width) : 0);
  int8_t *const scores = (int8_t *)(wide + tr_wide_words(p, width, length, form));
  int8_t *copy = scores + TR_QUERIES * length;
  tr_head h = {p,
               k,
               p->k_stride[2],
               v,
               p->v_stride[3],
               width,
               length,
               0,
               width != p->p || p->q_stride[3] != 1,
               scores,
               scratch,
               panel,
               {0},
               {0},
               tr_attention_clips(p),
               {0}};
  if (!tr_values_are_rows(p, length, few)) {
    tr_gather_rows(copy, length, v, p->v_stride[3], p->v_stride[2], p->r, p->t, 0);
    h.value = copy;
    h.value_row = length;
    copy += p->r * length;
  }
  if (p->p > 2 && (p->k_stride[3] != 1 || p->p + p->k_slack < width)) {
    tr_gather_rows(copy, width, k, p->k_stride[2], p->k_stride[3], p->t, p->p, 0);
    h.key = copy;
    h.key_row = width;
    copy += p->t * width;
  }
  h.query = copy;
  tr_choose_rows(&h, wide, form);
  for (int32_t i = 0; i < 4; i++) {
    const int32_t key = length - TR_UNIT + i / 2 * 4 + i % 2;
    h.kept[i] = key + 2 < p->t ? 0xFFFFFFFFU : (key < p->t ? 0x0000FFFFU : 0U);
  }
  for (int32_t j = p->t; j < length; j++) {
    for (int i = 0; i < TR_QUERIES; i++) {
      scores[i * length + j] = INT8_MIN;
    }
  }
  for (int32_t n = 0; n < p->s; n += TR_QUERIES) {
    const int32_t row = n < p->s - TR_QUERIES ? n : p->s - TR_QUERIES; /* the last block may overlap */
    tr_three_queries(&h, q + row * p->q_stride[2], y + row * p->y_stride[2], n - row, form, few);
  }
}

TR_INLINE void tr_attention_rows(const tr_attention_s8_params *p, const int8_t *q, const int8_t *k,
                                 const int8_t *v, int8_t *y, void *scratch, const tr_form form,
                                 const int few) {
  for (int32_t i = 0; i < p->batch0; i++) {
    for (int32_t j = 0; j < p->batch1; j++) {
      tr_attend(p, q + i * p->q_stride[0] + j * p->q_stride[1],
                k + i * p->k_stride[0] + j * p->k_stride[1],
                v + i * p->v_stride[0] + j * p->v_stride[1],
                y + i * p->y_stride[0] + j * p->y_stride[1], scratch, form, few);
    }
  }
}

#endif
