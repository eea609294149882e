/* Attention of which all cores answer the same queries together, a round of some after the other:
 * the scores are shared out by tiles of queries and keys, then probabilities by queries, then
 * weighted values by tiles of queries and columns. So few scores are there at a time, and cores have
 * as much to do as each other where one (batch, head) has few queries. */
#ifndef TINYRIG_XPULP_ROUNDS_H
#define TINYRIG_XPULP_ROUNDS_H

#include "xpulp/xpulp_bytes.h"

/* Operands of a (batch, head), whose `h` has the scores of no block yet. Those of all blocks of a
 * round are at `scores`, and what the weighted values of all its queries start at, at `start`. */
typedef struct {
  tr_xp_head h;
  const int8_t *q;
  int8_t *y;
  int8_t *scores;
  int32_t *start;
} tr_xp_team;

/* Block `block` of the round that begins at query `row`, of whose queries those before `end` are
 * answered. */
TR_INLINE tr_xp_queries tr_xp_block_of(tr_xp_team *o, int32_t row, int32_t end, int32_t block) {
  o->h.scores = o->scores + TR_XP_QUERIES * block * o->h.length;
  return tr_xp_queries_at(o->h.p, o->q, o->y, row + TR_XP_QUERIES * block, end, TR_XP_QUERIES);
}

/* What tiles of a block a core has, of `tiles` that each has; takes them off its share. */
TR_INLINE tr_share tr_xp_take_tiles(tr_share *share, int32_t block, int32_t tiles) {
  const int32_t left = share->end - block * tiles;
  const tr_share taken = {share->first - block * tiles, left < tiles ? left : tiles};
  share->first = block * tiles + taken.end;
  return taken;
}

/* Lines of tiles, of `lines` lines. */
TR_INLINE tr_share tr_xp_lines_of(tr_share tiles, int32_t lines) {
  const int32_t end = TR_XP_TILE * tiles.end;
  return (tr_share){TR_XP_TILE * tiles.first, end < lines ? end : lines};
}

TR_NOINLINE void tr_xp_round_scores(tr_xp_team *o, int32_t row, int32_t end) {
  const tr_attention_s8_params *const p = o->h.p;
  const int32_t tiles = o->h.length / TR_XP_TILE;
  tr_share share = tr_cluster_share((end - row + TR_XP_QUERIES - 1) / TR_XP_QUERIES * tiles);
  TR_NO_UNROLL
  while (share.first < share.end) {
    const int32_t block = share.first / tiles;
    const tr_share keys = tr_xp_lines_of(tr_xp_take_tiles(&share, block, tiles), p->t);
    const tr_xp_queries b = tr_xp_block_of(o, row, end, block);
    tr_xp_score_wide(&o->h, &b, keys);
    if (keys.end == p->t) {
      tr_xp_no_scores(&o->h);
    }
  }
}

TR_NOINLINE void tr_xp_round_bytes(tr_xp_team *o, int32_t row, int32_t end) {
  const tr_share share = tr_cluster_share(end - row);
  TR_NO_UNROLL
  for (int32_t n = share.first; n < share.end; n++) {
    const int32_t block = n / TR_XP_QUERIES;
    const tr_xp_queries b = tr_xp_block_of(o, row, end, block);
    const int32_t i = n % TR_XP_QUERIES + b.first;
    uint32_t *const word = (uint32_t *)(void *)o->h.scores;
    o->start[TR_XP_QUERIES * block + i] = tr_xp_to_bytes(&o->h, word + i);
  }
}

TR_NOINLINE void tr_xp_round_values(tr_xp_team *o, int32_t row, int32_t end) {
  const tr_attention_s8_params *const p = o->h.p;
  const int32_t tiles = (p->r + TR_XP_TILE - 1) / TR_XP_TILE;
  tr_share share = tr_cluster_share((end - row + TR_XP_QUERIES - 1) / TR_XP_QUERIES * tiles);
  TR_NO_UNROLL
  while (share.first < share.end) {
    const int32_t block = share.first / tiles;
    const tr_share columns = tr_xp_lines_of(tr_xp_take_tiles(&share, block, tiles), p->r);
    const tr_xp_queries b = tr_xp_block_of(o, row, end, block);
    tr_xp_weigh_bytes(&o->h, &b, o->start + TR_XP_QUERIES * block, columns);
  }
}

/* What follows the scores of a round. */
TR_INLINE void tr_xp_end_round(tr_xp_team *o, int32_t row, int32_t end) {
  tr_cluster_barrier();
  tr_xp_round_bytes(o, row, end);
  tr_cluster_barrier();
  tr_xp_round_values(o, row, end);
}

/* Rounds of `most` queries, a multiple of four, at least four queries; scratch has 4 * most +
 * (most + 4) * the keys rounded up to four bytes. */
TR_INLINE void tr_xp_rounds(const tr_attention_s8_params *p, const int8_t *q, const int8_t *k,
                            const int8_t *v, int8_t *y, void *scratch, int32_t most) {
  const int32_t length = (p->t + 3) / 4 * 4;
  tr_xp_team o;
  int32_t *const key_start = scratch;
  o.start = key_start + length;
  o.scores = (int8_t *)(o.start + most);
  tr_share heads = {0, p->batch0 * p->batch1 * p->s};
  TR_NO_UNROLL
  while (heads.first < heads.end) {
    const tr_xp_batch now = tr_xp_take_batch(p, &heads, q, k, v, y);
    o.q = now.q;
    o.y = now.y;
    tr_xp_bytes_head(&o.h, p, p->p, now.k, now.v, key_start, o.scores);
    tr_xp_prepare_keys(&o.h, tr_xp_lines_of(tr_cluster_share(length / 4), p->t));
    TR_NO_UNROLL
    for (int32_t row = 0; row < p->s; row += most) {
      const int32_t end = row + most < p->s ? row + most : p->s;
      tr_cluster_barrier();
      tr_xp_round_scores(&o, row, end);
      tr_xp_end_round(&o, row, end);
    }
  }
  tr_cluster_barrier();
}

#endif
