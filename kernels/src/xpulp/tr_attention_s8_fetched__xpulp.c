#include "xpulp/xpulp_rounds.h"

/* Bytes of a query or a key. */
#define LONGEST 64

/* Copies a row to whole words, zeros behind it; returns its sum. */
TR_NOINLINE int32_t fetch(const int8_t *from, int32_t bytes, uint32_t *to) {
  int32_t sum = 0;
  int32_t words = bytes / 4;
#if defined(TR_XPULP_INSN)
  uint32_t x;
  __asm__ volatile(TR_XP_BEGIN TR_XP_LOOP(0, "%[words]", 3)
                   TR_XP_LOAD_NEXT("%[x]", "%[from]", 4)
                   TR_XP_STORE_NEXT("%[x]", "%[to]", 4)
                   TR_XP_SDOTSP4("%[sum]", "%[x]", "%[ones]") TR_XP_END
                   : [from] "+&r"(from), [to] "+&r"(to), [sum] "+&r"(sum), [x] "=&r"(x)
                   : [words] "r"(words), [ones] "r"(TR_XP_ONES)
                   : "memory");
#else
  for (; words > 0; words--) {
    *to = tr_xp_load(from);
    sum = tr_xp_sdotsp4(*to++, TR_XP_ONES, sum);
    from += 4;
  }
#endif
  const int32_t left = bytes % 4;
  if (left != 0) {
    *to = tr_xp_load(from + left - 4) >> (32 - 8 * left);
    sum = tr_xp_sdotsp4(*to, TR_XP_ONES, sum);
  }
  return sum;
}

/* Queries of a round in whole words, with what their scores start at. */
typedef struct {
  int8_t *query;
  int32_t *start;
  int32_t width;
} fetched;

/* A core's share of the queries of the round from `row` to `end`, those of its blocks in turn. */
TR_NOINLINE void fetch_queries(tr_xp_team *o, const fetched *f, int32_t row, int32_t end) {
  const tr_attention_s8_params *const p = o->h.p;
  const int32_t blocks = (end - row + TR_XP_QUERIES - 1) / TR_XP_QUERIES;
  const tr_share share = tr_cluster_share(TR_XP_QUERIES * blocks);
  TR_NO_UNROLL
  for (int32_t n = share.first; n < share.end; n++) {
    const tr_xp_queries b = tr_xp_block_of(o, row, end, n / TR_XP_QUERIES);
    const int32_t sum = fetch(b.q + n % TR_XP_QUERIES * b.q_row, p->p,
                              (uint32_t *)(void *)(f->query + n * f->width));
    f->start[n] = tr_wrapping_mls(0, p->k_zero_point, sum);
  }
}

/* Scores of a tile of keys and the queries of some blocks. */
TR_INLINE void score(const tr_xp_team *o, const fetched *f, tr_xp_tile *tile, int32_t number,
                     tr_share blocks, const tr_xp_form form) {
  const int32_t words = o->h.length;
  uint32_t *to = (uint32_t *)(void *)o->scores + blocks.first * words + TR_XP_TILE * number;
  const int32_t *start = f->start + TR_XP_QUERIES * blocks.first;
  tile->column = f->query + TR_XP_QUERIES * blocks.first * f->width;
  TR_NO_UNROLL
  for (int32_t left = blocks.end - blocks.first; left > 0; left--) {
    uint32_t word[TR_XP_TILE];
    for (int i = 0; i < TR_XP_QUERIES; i++) {
      tile->column_start[i] = start[i];
    }
    tr_xp_tile_words(tile, word, form, TR_XP_COLUMN_WORDS);
    for (int i = 0; i < TR_XP_QUERIES; i++) {
      to[i] = word[i];
    }
    start += TR_XP_QUERIES;
    tile->column += TR_XP_QUERIES * f->width;
    to += words;
  }
}

TR_NOINLINE void score_round(tr_xp_team *o, const fetched *f, int32_t row, int32_t end) {
  const tr_attention_s8_params *const p = o->h.p;
  const int32_t both = p->score_start + p->p * p->q_zero_point * p->k_zero_point;
  const int32_t blocks = (end - row + TR_XP_QUERIES - 1) / TR_XP_QUERIES;
  uint32_t keys[TR_XP_TILE * LONGEST / 4];
  int32_t key_start[TR_XP_TILE];
  tr_xp_tile tile;
  tr_xp_tile_length(&tile, f->width);
  tr_xp_tile_columns(&tile, f->query, f->width);
  tile.lut = 0;
  tile.row_start = key_start;
  for (int i = 0; i < TR_XP_TILE; i++) {
    tile.multiplier[i] = *p->score.multiplier;
  }
  if (o->h.form == TR_XP_SHORT) {
    tile.multiplier[0] = o->h.halves.upper;
    tile.multiplier[1] = o->h.halves.lower;
    tile.multiplier[2] = o->h.halves.bound;
  }
  tr_share share = tr_cluster_share(o->h.length / TR_XP_TILE * blocks);
  TR_NO_UNROLL
  while (share.first < share.end) {
    const int32_t number = share.first / blocks;
    const tr_share some = tr_xp_take_tiles(&share, number, blocks);
    TR_NO_UNROLL
    for (int32_t i = 0; i < TR_XP_TILE; i++) {
      const int32_t key = tr_xp_min(TR_XP_TILE * number + i, p->t - 1);
      const int32_t sum = fetch(o->h.key + key * o->h.key_row, p->p, keys + i * f->width / 4);
      key_start[i] = tr_wrapping_mls(both, p->q_zero_point, sum);
    }
    tr_xp_tile_rows(&tile, (const int8_t *)keys, f->width);
    if (o->h.form == TR_XP_SHORT) {
      score(o, f, &tile, number, some, TR_XP_SHORT);
    } else {
      score(o, f, &tile, number, some, TR_XP_HIGH);
    }
    if (TR_XP_TILE * (number + 1) > p->t) {
      for (int32_t block = some.first; block < some.end; block++) {
        o->h.scores = o->scores + TR_XP_QUERIES * block * o->h.length;
        tr_xp_no_scores(&o->h);
      }
    }
  }
}

void tr_attention_s8_fetched__xpulp(const tr_attention_s8_params *p, const int8_t *q,
                                    const int8_t *k, const int8_t *v, int8_t *y, void *scratch) {
  const int32_t most = TR_XP_QUERIES * (((int32_t)tr_cluster_cores() + 1) / 2);
  fetched f;
  tr_xp_team o;
  f.width = (p->p + 3) / 4 * 4;
  f.start = scratch;
  f.query = (int8_t *)(f.start + most);
  o.start = (int32_t *)(void *)(f.query + most * f.width);
  o.scores = (int8_t *)(o.start + most);
  tr_share heads = {0, p->batch0 * p->batch1 * p->s};
  TR_NO_UNROLL
  while (heads.first < heads.end) {
    const tr_xp_batch now = tr_xp_take_batch(p, &heads, q, k, v, y);
    o.q = now.q;
    o.y = now.y;
    tr_xp_bytes_head(&o.h, p, f.width, now.k, now.v, 0, o.scores);
    TR_NO_UNROLL
    for (int32_t row = 0; row < p->s; row += most) {
      const int32_t end = row + most < p->s ? row + most : p->s;
      fetch_queries(&o, &f, row, end);
      tr_cluster_barrier();
      score_round(&o, &f, row, end);
      tr_xp_end_round(&o, row, end);
    }
  }
  tr_cluster_barrier();
}
