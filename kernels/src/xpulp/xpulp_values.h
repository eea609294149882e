/* Outputs of a block of queries on an XpulpV2 core: their weighted values, scaled a row. */
#ifndef TINYRIG_XPULP_VALUES_H
#define TINYRIG_XPULP_VALUES_H

#include "common/row_multiplier.h"
#include "xpulp/xpulp_head.h"
#include "xpulp/xpulp_rounding.h"
#include "xpulp/xpulp_weighted.h"

/* Largest shift at which an output's zero point, shifted up, leaves room for the product. */
#define TR_XP_OFFSET_SHIFT 22

/* Whether outputs of rounded probabilities can be made four at a time, and by which halves. */
TR_INLINE void tr_xp_value_form(tr_xp_head *h) {
  const tr_attention_s8_params *const p = h->p;
  const tr_requant *const form = &p->rounding.requant;
  h->short_values = p->rounding.most != 0 && p->y_stride[3] == 1 && p->lo == INT8_MIN &&
                    p->hi == INT8_MAX && tr_xp_form_of(form, 0, 0) == TR_XP_SHORT;
  h->value_halves.upper = 0;
  h->value_halves.lower = 0;
  h->value_halves.bound = 0;
  if (h->short_values != 0) {
    h->value_halves = tr_xp_split(*form->multiplier);
  }
}

/* Outputs of a block's queries and four columns of one plane, in the SHORT form. */
TR_INLINE void tr_xp_keep_words(const tr_xp_weighted *w, const tr_xp_queries *b, int8_t *y) {
  uint32_t word[TR_XP_QUERIES];
  int8_t *to = y + b->first * b->y_row;
  tr_xp_weighted_words(w, word);
  TR_NO_UNROLL
  for (int32_t i = b->first; i < b->end; i++) {
    tr_xp_store(to, word[i]);
    to += b->y_row;
  }
}

/* Outputs of a block's queries and one column from their sums, in general. */
TR_NOINLINE void tr_xp_keep_values(const tr_xp_head *h, const tr_row_multiplier *scale,
                                   const int32_t *sum, const tr_xp_queries *b, int8_t *y) {
  const tr_attention_s8_params *const p = h->p;
  const int32_t y_row = b->y_row;
  for (int32_t i = b->first; i < b->end; i++) {
    if (p->rounding.most != 0) {
      const tr_requant *const form = &p->rounding.requant;
      y[i * y_row] = (int8_t)tr_xp_finish_any(form, 0, sum[i], *form->multiplier);
    } else {
      const int32_t value = p->y_zero_point + tr_row_scaled(scale[i], sum[i]);
      y[i * y_row] = (int8_t)tr_xp_min(tr_xp_max(value, p->lo), p->hi);
    }
  }
}

/* The sums of query i and the first columns, a multiple of four: h->sums [column][query]. */
TR_NOINLINE void tr_xp_value_row(const tr_xp_head *h, const tr_xp_weighted *w, int32_t i,
                                 int32_t columns) {
  int32_t *to = h->sums + i;
  TR_NO_UNROLL
  for (int32_t c = 0; c < columns; c += TR_XP_TILE) {
    int32_t sum[TR_XP_TILE];
    tr_xp_weighted_row(w, i, h->value + c * h->value_row, sum);
    for (int k = 0; k < TR_XP_TILE; k++) {
      *to = sum[k];
      to += TR_XP_QUERIES;
    }
  }
}

/* Outputs of a block from its panel, the sums of its exponentials and what those of its weighted
 * values start at. */
TR_NOINLINE void tr_xp_weigh(const tr_xp_head *h, const tr_xp_queries *b, const uint32_t *sum,
                             const int32_t *start) {
  const tr_attention_s8_params *const p = h->p;
  const int32_t y_col = p->y_stride[3];
  tr_row_multiplier scale[TR_XP_QUERIES];
  tr_xp_weighted w;
  const int rounds = p->rounding.most != 0;
  w.panel = h->panel + (rounds ? h->length : 0);
  w.planes = rounds ? 1 : 2;
  w.column = h->value;
  w.column_step = h->value_row;
  w.column_back = 4 - 3 * h->value_row;
  w.words = h->length / 4;
  int32_t done = p->lo == INT8_MIN && p->hi == INT8_MAX ? p->r - p->r % TR_XP_TILE : 0;
  done = rounds && p->rounding.requant.narrow == 0 ? 0 : done;
  TR_NO_UNROLL
  for (int i = 0; i < TR_XP_QUERIES; i++) {
    const int row = i < b->count ? i : 0;
    if (rounds) {
      /* Wraps only where the form is not narrow, which does not use it. */
      scale[i].multiplier = (int32_t)(2U * (uint32_t)*p->rounding.requant.multiplier);
      scale[i].shift = TR_XP_ROUNDED_SHIFT;
    } else {
      scale[i] = tr_row_scale_for(p->value, sum[row]);
    }
    done = scale[i].shift > TR_XP_OFFSET_SHIFT ? 0 : done;
    w.row_start[i] = start[row];
  }
  const int words = h->short_values != 0 && b->count == TR_XP_QUERIES;
  if (words) {
    int8_t *y = b->y;
    w.halves = h->value_halves;
    TR_NO_UNROLL
    for (int32_t left = done; left > 0; left -= TR_XP_TILE) {
      tr_xp_keep_words(&w, b, y);
      w.column += TR_XP_TILE * h->value_row;
      y += TR_XP_TILE;
    }
  } else if (b->count == TR_XP_QUERIES) {
    w.sums = h->sums;
    TR_NO_UNROLL
    for (int32_t left = done; left > 0; left -= TR_XP_TILE) {
      tr_xp_weighted_sums(&w);
      w.column += TR_XP_TILE * h->value_row;
      w.sums += TR_XP_SUMS;
    }
  }
  TR_NO_UNROLL
  for (int32_t i = b->first; !words && done > 0 && i < b->end; i++) {
    const tr_xp_weighted_scale last = {
        scale[i].multiplier, scale[i].shift,
        rounds ? TR_XP_ROUNDED_OFFSET : (int32_t)((uint32_t)p->y_zero_point << scale[i].shift)};
    if (b->count != TR_XP_QUERIES) {
      tr_xp_value_row(h, &w, i, done);
    }
    tr_xp_weighted_outputs(&last, h->sums + i, done, b->y + i * b->y_row, y_col);
  }
  for (; done < p->r; done++) {
    int32_t sums[TR_XP_QUERIES];
    tr_xp_weighted_line(&w, h->value + done * h->value_row, sums);
    tr_xp_keep_values(h, scale, sums, b, b->y + done * y_col);
  }
}

#endif
