/* Scores of a block of queries on an XpulpV2 core: by tiles of four queries and keys, by pairs of
 * queries held in registers, or, where rows have two columns at most, by one product a score.
 * What the assembly reads lies on the stack of the function it stands in, filled field by field: a
 * copied or a cleared struct would be a call of the C library, whose code is cold. */
#ifndef TINYRIG_XPULP_SCORES_H
#define TINYRIG_XPULP_SCORES_H

#include "tinyrig/cluster.h"
#include "xpulp/xpulp_gather.h"
#include "xpulp/xpulp_head.h"
#include "xpulp/xpulp_held.h"
#include "xpulp/xpulp_pairs.h"
#include "xpulp/xpulp_sums.h"
#include "xpulp/xpulp_tile.h"

/* The scores of key j from their sums. */
TR_INLINE void tr_xp_keep_scores(const tr_xp_head *h, const int32_t *sum, int32_t j) {
  const tr_requant *const form = &h->p->score;
  int8_t *const to = h->scores + j / TR_XP_TILE * h->score_step + j % TR_XP_TILE;
  for (int i = 0; i < TR_XP_QUERIES; i++) {
    to[i * h->score_row] = (int8_t)tr_xp_finish_any(form, 0, sum[i], *form->multiplier);
  }
}

/* Tiles of four keys, whose scores are the words of a query's row; moves the tile. */
TR_INLINE void tr_xp_score_tiles(const tr_xp_head *h, tr_xp_tile *tile, tr_share keys,
                                 const tr_xp_form form) {
  const int32_t multiplier = *h->p->score.multiplier;
  int8_t *to = h->scores + keys.first / TR_XP_TILE * h->score_step;
  for (int i = 0; i < TR_XP_TILE; i++) {
    tile->multiplier[i] = multiplier;
  }
  if (form == TR_XP_SHORT) {
    tile->multiplier[0] = h->halves.upper;
    tile->multiplier[1] = h->halves.lower;
    tile->multiplier[2] = h->halves.bound;
  }
  const int32_t next = TR_XP_TILE * h->key_row;
  TR_NO_UNROLL
  for (int32_t left = keys.end - keys.first; left >= TR_XP_TILE; left -= TR_XP_TILE) {
    uint32_t word[TR_XP_TILE];
    int8_t *row = to;
    tr_xp_tile_words(tile, word, form, TR_XP_COLUMN_WORDS);
    for (int i = 0; i < TR_XP_TILE; i++) {
      tr_xp_store(row, word[i]);
      row += i < TR_XP_TILE - 1 ? h->score_row : 0;
    }
    tile->row += next;
    tile->row_start += TR_XP_TILE;
    to += h->score_step;
  }
}

TR_INLINE void tr_xp_score_any(const tr_xp_head *h, tr_xp_tile *tile, tr_share keys) {
  int32_t sums[TR_XP_SUMS];
  tile->sums = sums;
  for (int32_t j = keys.first; j + TR_XP_TILE <= keys.end; j += TR_XP_TILE) {
    tr_xp_tile_sums(tile);
    for (int k = 0; k < TR_XP_TILE; k++) {
      const int32_t sum[TR_XP_QUERIES] = {sums[k], sums[TR_XP_TILE + k], sums[2 * TR_XP_TILE + k],
                                          sums[3 * TR_XP_TILE + k]};
      tr_xp_keep_scores(h, sum, j + k);
    }
    tile->row += TR_XP_TILE * h->key_row;
    tile->row_start += TR_XP_TILE;
  }
}

/* Scores of queries of more than two columns and of some keys, the first of which begins a word. */
TR_NOINLINE void tr_xp_score_wide(const tr_xp_head *h, const tr_xp_queries *b, tr_share keys) {
  const tr_attention_s8_params *const p = h->p;
  const int8_t *query = b->q;
  int32_t query_row = b->q_row;
  tr_xp_tile tile;
  if (h->query != 0) {
    tr_xp_gather(h->query, h->width, query, query_row, p->q_stride[3], TR_XP_QUERIES, p->p);
    query = h->query;
    query_row = h->width;
  }
  tr_xp_tile_length(&tile, h->width);
  tr_xp_tile_rows(&tile, h->key + keys.first * h->key_row, h->key_row);
  tr_xp_tile_columns(&tile, query, query_row);
  tile.row_start = h->key_start + keys.first;
  tile.lut = 0;
  tr_xp_four_sums(query, query_row, h->width, tile.column_start);
  for (int i = 0; i < TR_XP_QUERIES; i++) {
    tile.column_start[i] = tr_wrapping_mls(0, p->k_zero_point, tile.column_start[i]);
  }
  switch (h->form) {
    case TR_XP_SHORT:
      tr_xp_score_tiles(h, &tile, keys, TR_XP_SHORT);
      break;
    case TR_XP_ANY:
      tr_xp_score_any(h, &tile, keys);
      break;
    default:
      tr_xp_score_tiles(h, &tile, keys, TR_XP_TAIL);
  }
  for (int32_t j = keys.end - keys.end % TR_XP_TILE; j < keys.end; j++) {
    int32_t sum[TR_XP_QUERIES];
    for (int i = 0; i < TR_XP_QUERIES; i++) {
      sum[i] = tr_wrapping_add(h->key_start[j], tile.column_start[i]);
    }
    tr_xp_line(h->key + j * h->key_row, query, query_row, h->width, sum);
    tr_xp_keep_scores(h, sum, j);
  }
}

/* Scores of pairs of queries. */
TR_NOINLINE void tr_xp_score_by_pairs(const tr_xp_head *h, const tr_xp_queries *b) {
  const tr_attention_s8_params *const p = h->p;
  const int is_short = h->form == TR_XP_SHORT && h->key_row == TR_XP_HELD;
  int32_t sum[TR_XP_QUERIES];
  tr_xp_held_scores scores;
  scores.h.row = h->key;
  scores.h.row_step = h->key_row;
  scores.h.count = p->t;
  scores.row_start = h->key_start;
  scores.to = h->scores;
  scores.m.upper = is_short ? h->halves.upper : *p->score.multiplier;
  scores.m.lower = h->halves.lower;
  scores.m.bound = h->halves.bound;
  if (b->count == TR_XP_QUERIES) {
    tr_xp_four_sums(b->q, b->q_row, TR_XP_HELD, sum);
  } else {
    sum[0] = tr_xp_sum(b->q, TR_XP_HELD);
    sum[1] = tr_xp_sum(b->q + b->q_row, TR_XP_HELD);
  }
  TR_NO_UNROLL
  for (int32_t i = 0; i < b->count; i += 2) {
    scores.h.column0 = b->q + i * b->q_row;
    scores.h.column1 = scores.h.column0 + b->q_row;
    scores.start0 = tr_wrapping_mls(0, p->k_zero_point, sum[i]);
    scores.start1 = tr_wrapping_mls(0, p->k_zero_point, sum[i + 1]);
    if (is_short) {
      tr_xp_held_score(&scores, TR_XP_SHORT);
    } else {
      tr_xp_held_score(&scores, TR_XP_HIGH);
    }
    scores.to += 2 * h->length;
  }
}

/* The pair of a row of one or two columns, less its zero point. */
TR_INLINE uint32_t tr_xp_pair_of(const int8_t *row, int32_t column, int32_t columns,
                                 int32_t zero) {
  return tr_xp_pack2(row[0] - zero, columns == 2 ? row[column] - zero : 0);
}

/* Scores of queries of one or two columns: one product a key, a word of scores a key. */
TR_NOINLINE void tr_xp_score_narrow_short(const tr_xp_head *h, const uint32_t *query) {
  const uint32_t q[TR_XP_QUERIES] = {query[0], query[1], query[2], query[3]};
  tr_xp_score_pairs(h->key_start, q, h->p->score_start, h->halves, h->p->t, h->scores);
}

TR_NOINLINE void tr_xp_score_narrow_any(const tr_xp_head *h, const uint32_t *query) {
  const tr_attention_s8_params *const p = h->p;
  const tr_requant form = p->score;
  for (int32_t j = 0; j < p->t; j++) {
    for (int i = 0; i < TR_XP_QUERIES; i++) {
      const int32_t sum = tr_xp_sdotsp2(query[i], (uint32_t)h->key_start[j], p->score_start);
      h->scores[TR_XP_QUERIES * j + i] =
          (int8_t)tr_xp_finish_any(&form, 0, sum, *form.multiplier);
    }
  }
}

TR_NOINLINE void tr_xp_score_narrow(const tr_xp_head *h, const tr_xp_queries *b) {
  const tr_attention_s8_params *const p = h->p;
  uint32_t query[TR_XP_QUERIES];
  for (int i = 0; i < TR_XP_QUERIES; i++) {
    query[i] = tr_xp_pair_of(b->q + i * b->q_row, p->q_stride[3], p->p, p->q_zero_point);
  }
  if (h->form == TR_XP_SHORT) {
    tr_xp_score_narrow_short(h, query);
  } else {
    tr_xp_score_narrow_any(h, query);
  }
}

/* What every block of queries needs of some keys. */
TR_NOINLINE void tr_xp_prepare_keys(const tr_xp_head *h, tr_share keys) {
  const tr_attention_s8_params *const p = h->p;
  const int32_t both = p->score_start + p->p * p->q_zero_point * p->k_zero_point;
  int32_t j = keys.first;
  if (p->p <= 2) {
    for (; j < keys.end; j++) {
      const int8_t *const key = h->key + j * h->key_row;
      h->key_start[j] = (int32_t)tr_xp_pair_of(key, p->k_stride[3], p->p, p->k_zero_point);
    }
  }
  TR_NO_UNROLL
  for (; j + TR_XP_TILE <= keys.end; j += TR_XP_TILE) {
    int32_t sum[TR_XP_TILE];
    tr_xp_four_sums(h->key + j * h->key_row, h->key_row, h->width, sum);
    for (int i = 0; i < TR_XP_TILE; i++) {
      h->key_start[j + i] = tr_wrapping_mls(both, p->q_zero_point, sum[i]);
    }
  }
  for (; j < keys.end; j++) {
    const int32_t sum = tr_xp_sum(h->key + j * h->key_row, h->width);
    h->key_start[j] = tr_wrapping_mls(both, p->q_zero_point, sum);
  }
}

#endif
