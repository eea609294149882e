/* Attention whose probabilities, of one byte, stand where their scores were (xpulp_probable.h), on
 * an XpulpV2 core. The scores of four queries are a word of each in turn: four keys of the first
 * query, the same four of the second, and so on. */
#ifndef TINYRIG_XPULP_BYTES_H
#define TINYRIG_XPULP_BYTES_H

#include "xpulp/xpulp_batch.h"
#include "xpulp/xpulp_panel.h"
#include "xpulp/xpulp_probable.h"
#include "xpulp/xpulp_scores.h"
#include "xpulp/xpulp_values.h"

/* Turns the scores of a query into complements; returns the smallest of them. */
TR_INLINE int32_t tr_xp_turn(uint32_t *word, int32_t words) {
  uint32_t least = 0x7F7F7F7FU;
#if defined(TR_XPULP_INSN)
  uint32_t x;
  __asm__ volatile(TR_XP_BEGIN TR_XP_LOOP(0, "%[words]", 4)
                   "lw %[x], 0(%[word])\n\t"
                   "xori %[x], %[x], -1\n\t"
                   TR_XP_MIN4("%[least]", "%[least]", "%[x]")
                   TR_XP_STORE_NEXT("%[x]", "%[word]", 16) TR_XP_END
                   : [word] "+&r"(word), [least] "+&r"(least), [x] "=&r"(x)
                   : [words] "r"(words)
                   : "memory");
#else
  for (; words > 0; words--) {
    *word = ~*word;
    least = tr_xp_min4(least, *word);
    word += TR_XP_TILE;
  }
#endif
  return tr_xp_least_byte(least);
}

/* Turns the scores of a query into probabilities; returns what the sums of its weighted values
 * start at. Behind the last key stands TR_XP_NO_SCORE, and zeros in the end. */
TR_NOINLINE int32_t tr_xp_to_bytes(const tr_xp_head *h, uint32_t *word) {
  const tr_attention_s8_params *const p = h->p;
  const int32_t words = h->length / 4;
  const int32_t behind = h->length - p->t;
  const int32_t smallest = tr_xp_turn(word, words);
  const uint32_t *const fine = p->rounding.fine;
  const int32_t none_at = ~TR_XP_NO_SCORE - smallest;
  const uint32_t sum = fine != 0 ? tr_xp_fine_words(fine, smallest, word, words) -
                                       (uint32_t)behind * fine[none_at]
                                 : tr_xp_exponential_sum(p->exp, smallest, word, words) -
                                       (uint32_t)behind * p->exp[none_at];
  const tr_row_rounding r = tr_row_rounding_for(p->value, sum);
  int32_t all = tr_xp_probable(r, p->rounding.most, p->exp, smallest, word, words);
  if (behind != 0) {
    uint32_t *const last = word + TR_XP_QUERIES * (words - 1);
    const int32_t none = (int32_t)(*last >> 24);
    *last &= ~0U >> (8 * behind);
    all -= behind * none;
  }
  return p->rounding.start - p->v_zero_point * all;
}

/* What stands behind the scores of a block's last key. */
TR_INLINE void tr_xp_no_scores(const tr_xp_head *h) {
  for (int32_t j = h->p->t; j < h->length; j++) {
    for (int32_t i = 0; i < TR_XP_QUERIES; i++) {
      h->scores[j / 4 * h->score_step + i * h->score_row + j % 4] = TR_XP_NO_SCORE;
    }
  }
}

/* Outputs of a block's queries and some columns, the first of which is a multiple of four, from its
 * probabilities and what the sums of the answered queries' weighted values start at. */
TR_INLINE void tr_xp_weigh_bytes(const tr_xp_head *h, const tr_xp_queries *b, const int32_t *start,
                                 tr_share columns) {
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
  w.column = h->value + columns.first * h->value_row;
  w.column_step = h->value_row;
  w.column_back = 4 - 3 * h->value_row;
  w.words = h->length / 4;
  w.sums = sums;
  w.halves = h->value_halves;
  for (int i = 0; i < TR_XP_QUERIES; i++) {
    w.row_start[i] = start[i < b->first || i >= b->end ? b->first : i];
  }
  const int ends = form->narrow != 0 && p->lo == INT8_MIN && p->hi == INT8_MAX;
  const int32_t tiled = ends ? columns.end - columns.end % TR_XP_TILE : 0;
  int8_t *y = b->y + columns.first * y_col;
  int32_t done = columns.first;
  TR_NO_UNROLL
  for (; done < tiled; done += TR_XP_TILE) {
    if (h->short_values != 0) {
      tr_xp_keep_words(&w, b, y);
    } else {
      tr_xp_weighted_sums(&w);
      TR_NO_UNROLL
      for (int32_t i = b->first; i < b->end; i++) {
        tr_xp_weighted_outputs(&last, sums + i, TR_XP_TILE, y + i * b->y_row, y_col);
      }
    }
    w.column += TR_XP_TILE * h->value_row;
    y += TR_XP_TILE * y_col;
  }
  for (; done < columns.end; done++) {
    tr_xp_weighted_line(&w, h->value + done * h->value_row, sums);
    tr_xp_keep_values(h, 0, sums, b, y);
    y += y_col;
  }
}

/* What a core needs to read keys and values in place, with `key_start` for all keys of a (batch,
 * head), the scores of four queries at `scores`, and rows of `width` bytes to be multiplied. */
TR_INLINE void tr_xp_bytes_head(tr_xp_head *h, const tr_attention_s8_params *p, int32_t width,
                                const int8_t *k, const int8_t *v, int32_t *key_start,
                                int8_t *scores) {
  h->p = p;
  h->key = k;
  h->key_row = p->k_stride[2];
  h->value = v;
  h->value_row = p->v_stride[3];
  h->width = width;
  h->length = (p->t + 3) / 4 * 4;
  h->key_start = key_start;
  h->scores = scores;
  h->score_row = TR_XP_TILE;
  h->score_step = TR_XP_QUERIES * TR_XP_TILE;
  h->query = 0;
  h->group = 1;
  h->form = tr_xp_form_of(&p->score, 0, width);
  if (h->form == TR_XP_SHORT) {
    h->halves = tr_xp_split(*p->score.multiplier);
  }
  tr_xp_value_form(h);
}

#endif
