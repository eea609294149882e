#include "tinyrig/attention.h"
#include "tinyrig/xpulp_dense.h"
#include "tinyrig/xpulp_gather.h"
#include "tinyrig/xpulp_pairs.h"
#include "tinyrig/xpulp_panel.h"
#include "tinyrig/xpulp_weighted.h"

#define ROWS 4
/* Largest shift at which an output's zero point, shifted up, leaves room for the product. */
#define OFFSET_SHIFT 22

/* What one core needs for the queries of one (batch, head). Keys and values are read in place, or
 * from copies where their rows are short or not contiguous. */
typedef struct {
  const tr_attention_s8_params *p;
  const int8_t *key;
  int32_t key_row;
  const int8_t *value; /* column c at c * value_row */
  int32_t value_row;
  int32_t width;      /* bytes of a query or key row */
  int32_t length;     /* keys, rounded up to whole words */
  int32_t *key_start; /* a key's part of the score; or its pair, where p is at most 2 */
  uint32_t *panel;    /* exponentials of four queries */
  int8_t *scores;     /* [group of queries][length][query] */
  int32_t *sums;      /* weighted values [column][query] */
  int8_t *query;      /* room for a copy of four queries */
  tr_xp_form form;    /* of the scores */
  tr_xp_halves halves; /* of their multiplier, in the SHORT form */
  int32_t group;      /* queries whose scores alternate: 1; 2 where they are made by pairs; 4 */
} head;

/* One to four queries. Where one stands for four, or two, the step from one to the next is 0. */
typedef struct {
  const int8_t *q;
  int32_t q_row;
  int8_t *y;
  int32_t y_row;
  int32_t count;
} block;

/* Writes the scores of key j. */
TR_INLINE void keep_scores(const head *h, const int32_t *sum, int32_t j) {
  const tr_requant *const form = &h->p->score;
  for (int i = 0; i < ROWS; i++) {
    h->scores[i * h->length + j] =
        (int8_t)tr_xp_finish_any(form, 0, sum[i], *form->multiplier);
  }
}

/* Tiles of four keys, whose scores are the words of a query's row. */
TR_INLINE void score_tiles(const head *h, const tr_xp_tile *first, const tr_xp_form form) {
  const int32_t multiplier = *h->p->score.multiplier;
  tr_xp_tile tile = *first;
  int8_t *to = h->scores;
  for (int i = 0; i < ROWS; i++) {
    tile.multiplier[i] = multiplier;
  }
  if (form == TR_XP_SHORT) {
    tile.multiplier[0] = h->halves.upper;
    tile.multiplier[1] = h->halves.lower;
    tile.multiplier[2] = h->halves.bound;
  }
  const int32_t next = ROWS * h->key_row;
  TR_NO_UNROLL
  for (int32_t left = h->p->t; left >= ROWS; left -= ROWS) {
    uint32_t word[ROWS];
    int8_t *row = to;
    tr_xp_tile_words(&tile, word, form, TR_XP_COLUMN_WORDS);
    for (int i = 0; i < ROWS; i++) {
      tr_xp_store(row, word[i]);
      row += i < ROWS - 1 ? h->length : 0;
    }
    tile.row += next;
    tile.row_start += ROWS;
    to += ROWS;
  }
}

TR_NOINLINE void score_short(const head *h, const tr_xp_tile *first) {
  score_tiles(h, first, TR_XP_SHORT);
}

TR_NOINLINE void score_high(const head *h, const tr_xp_tile *first) {
  score_tiles(h, first, TR_XP_TAIL);
}

TR_NOINLINE void score_any(const head *h, const tr_xp_tile *first) {
  tr_xp_tile tile = *first;
  int32_t sums[TR_XP_SUMS];
  tile.sums = sums;
  for (int32_t j = 0; j + ROWS <= h->p->t; j += ROWS) {
    tr_xp_tile_sums(&tile);
    for (int k = 0; k < ROWS; k++) {
      const int32_t sum[ROWS] = {sums[k], sums[ROWS + k], sums[2 * ROWS + k], sums[3 * ROWS + k]};
      keep_scores(h, sum, j + k);
    }
    tile.row += ROWS * h->key_row;
    tile.row_start += ROWS;
  }
}

/* Scores of queries of more than two columns. */
TR_NOINLINE void score_wide(const head *h, const block *b) {
  const tr_attention_s8_params *const p = h->p;
  const int8_t *query = b->q;
  int32_t query_row = b->q_row;
  tr_xp_tile tile = {0};
  if (h->query != 0) {
    tr_xp_gather(h->query, h->width, query, query_row, p->q_stride[3], ROWS, p->p);
    query = h->query;
    query_row = h->width;
  }
  tr_xp_tile_length(&tile, h->width);
  tr_xp_tile_rows(&tile, h->key, h->key_row);
  tr_xp_tile_columns(&tile, query, query_row);
  tile.row_start = h->key_start;
  tile.lut = 0;
  for (int i = 0; i < ROWS; i++) {
    tile.column_start[i] =
        tr_wrapping_mls(0, p->k_zero_point, tr_xp_sum(query + i * query_row, h->width));
  }
  switch (h->form) {
    case TR_XP_SHORT:
      score_short(h, &tile);
      break;
    case TR_XP_ANY:
      score_any(h, &tile);
      break;
    default:
      score_high(h, &tile);
  }
  for (int32_t j = p->t - p->t % ROWS; j < p->t; j++) {
    int32_t sum[ROWS];
    for (int i = 0; i < ROWS; i++) {
      sum[i] = tr_wrapping_add(h->key_start[j], tile.column_start[i]);
    }
    tr_xp_line(h->key + j * h->key_row, query, query_row, h->width, sum);
    keep_scores(h, sum, j);
  }
}

TR_NOINLINE void score_held(const head *h, const tr_xp_held_scores *given) {
  tr_xp_held_scores scores = *given;
  if (h->form == TR_XP_SHORT && h->key_row == TR_XP_HELD) {
    scores.m = h->halves;
    tr_xp_held_score(&scores, TR_XP_SHORT);
  } else {
    tr_xp_held_score(&scores, TR_XP_HIGH);
  }
}

/* The sums of four rows of 32 bytes. */
TR_NOINLINE void four_sums(const int8_t *row, int32_t step, int32_t *sum) {
  int8_t ones[TR_XP_HELD];
  for (int i = 0; i < TR_XP_HELD; i += 4) {
    tr_xp_store(ones + i, 0x01010101U);
  }
  for (int i = 0; i < ROWS; i++) {
    sum[i] = 0;
  }
  tr_xp_line(ones, row, step, TR_XP_HELD, sum);
}

/* Scores of pairs of queries. */
static void score_by_pairs(const head *h, const block *b) {
  const tr_attention_s8_params *const p = h->p;
  tr_xp_held_scores scores = {
      .h = {.row = h->key, .row_step = h->key_row, .count = p->t},
      .row_start = h->key_start,
      .m = {.upper = *p->score.multiplier},
      .to = h->scores,
  };
  int32_t sum[ROWS];
  if (b->count == ROWS) {
    four_sums(b->q, b->q_row, sum);
  } else {
    sum[0] = tr_xp_sum(b->q, TR_XP_HELD);
    sum[1] = tr_xp_sum(b->q + b->q_row, TR_XP_HELD);
  }
  for (int32_t i = 0; i < b->count; i += 2) {
    scores.h.column0 = b->q + i * b->q_row;
    scores.h.column1 = scores.h.column0 + b->q_row;
    scores.start0 = tr_wrapping_mls(0, p->k_zero_point, sum[i]);
    scores.start1 = tr_wrapping_mls(0, p->k_zero_point, sum[i + 1]);
    score_held(h, &scores);
    scores.to += 2 * h->length;
  }
}

/* The pair of a row of one or two columns, less its zero point. */
TR_INLINE uint32_t pair_of(const int8_t *row, int32_t column, int32_t columns, int32_t zero) {
  return tr_xp_pack2(row[0] - zero, columns == 2 ? row[column] - zero : 0);
}

/* Scores of queries of one or two columns: one product a key, a word of scores a key. */
TR_NOINLINE void score_narrow_short(const head *h, const uint32_t *query) {
  const uint32_t q[ROWS] = {query[0], query[1], query[2], query[3]};
  tr_xp_score_pairs(h->key_start, q, h->p->score_start, h->halves, h->p->t, h->scores);
}

TR_NOINLINE void score_narrow_any(const head *h, const uint32_t *query) {
  const tr_attention_s8_params *const p = h->p;
  const tr_requant form = p->score;
  for (int32_t j = 0; j < p->t; j++) {
    for (int i = 0; i < ROWS; i++) {
      const int32_t sum = tr_xp_sdotsp2(query[i], (uint32_t)h->key_start[j], p->score_start);
      h->scores[ROWS * j + i] = (int8_t)tr_xp_finish_any(&form, 0, sum, *form.multiplier);
    }
  }
}

TR_NOINLINE void score_narrow(const head *h, const block *b) {
  const tr_attention_s8_params *const p = h->p;
  uint32_t query[ROWS];
  for (int i = 0; i < ROWS; i++) {
    query[i] = pair_of(b->q + i * b->q_row, p->q_stride[3], p->p, p->q_zero_point);
  }
  if (h->form == TR_XP_SHORT) {
    score_narrow_short(h, query);
  } else {
    score_narrow_any(h, query);
  }
}

/* Outputs of a block's queries and one column from their sums, in general. */
TR_NOINLINE void keep_values(const head *h, const tr_row_multiplier *scale, const int32_t *sum,
                             int32_t count, int8_t *y, int32_t y_row) {
  const tr_attention_s8_params *const p = h->p;
  for (int32_t i = 0; i < count; i++) {
    const int32_t value = p->y_zero_point + tr_row_scaled(scale[i], sum[i]);
    y[i * y_row] = (int8_t)tr_xp_min(tr_xp_max(value, p->lo), p->hi);
  }
}

/* The sums of four queries and the first columns, a multiple of four: h->sums [column][query]. */
TR_NOINLINE void value_tiles(const head *h, const tr_xp_weighted *first, int32_t columns) {
  const int32_t next = ROWS * h->value_row;
  tr_xp_weighted w = *first;
  w.sums = h->sums;
  TR_NO_UNROLL
  for (; columns > 0; columns -= ROWS) {
    tr_xp_weighted_sums(&w);
    w.column += next;
    w.sums += TR_XP_SUMS;
  }
}

/* The same for query i alone. */
TR_NOINLINE void value_row(const head *h, const tr_xp_weighted *w, int32_t i, int32_t columns) {
  int32_t *to = h->sums + i;
  TR_NO_UNROLL
  for (int32_t c = 0; c < columns; c += ROWS) {
    int32_t sum[ROWS];
    tr_xp_weighted_row(w, i, h->value + c * h->value_row, sum);
    for (int k = 0; k < ROWS; k++) {
      *to = sum[k];
      to += ROWS;
    }
  }
}

TR_NOINLINE void weigh(const head *h, const block *b, const uint32_t *sum) {
  const tr_attention_s8_params *const p = h->p;
  const int32_t y_col = p->y_stride[3];
  tr_row_multiplier scale[ROWS] = {0};
  tr_xp_weighted w = {.panel = h->panel,
                      .column = h->value,
                      .column_step = h->value_row,
                      .column_back = 4 - 3 * h->value_row,
                      .words = h->length / 4};
  int32_t done = p->lo == INT8_MIN && p->hi == INT8_MAX ? p->r - p->r % ROWS : 0;
  TR_NO_UNROLL
  for (int i = 0; i < b->count; i++) {
    scale[i] = tr_row_scale_for(p->value, sum[i]);
    done = scale[i].shift > OFFSET_SHIFT ? 0 : done;
    w.row_start[i] = -p->v_zero_point * (int32_t)sum[i];
  }
  if (b->count == ROWS) {
    value_tiles(h, &w, done);
  }
  for (int32_t i = 0; done > 0 && i < b->count; i++) {
    const tr_xp_weighted_scale last = {
        scale[i].multiplier, scale[i].shift,
        (int32_t)((uint32_t)p->y_zero_point << scale[i].shift)};
    if (b->count != ROWS) {
      value_row(h, &w, i, done);
    }
    tr_xp_weighted_outputs(&last, h->sums + i, done, b->y + i * b->y_row, y_col);
  }
  for (; done < p->r; done++) {
    int32_t sums[ROWS];
    tr_xp_weighted_line(&w, h->value + done * h->value_row, sums);
    keep_values(h, scale, sums, b->count, b->y + done * y_col, b->y_row);
  }
}

/* Turns the scores into complements, and tells the smallest of every query. */
static void complement(const head *h, int32_t *smallest) {
  uint32_t least[ROWS];
  tr_xp_complement(h->scores, h->length / 4, least);
  const uint32_t first = tr_xp_min4(least[0], least[1]);
  const uint32_t second = tr_xp_min4(least[2], least[3]);
  const uint32_t all = tr_xp_min4(first, second);
  if (h->group == 4) {
    for (int i = 0; i < ROWS; i++) {
      smallest[i] = tr_xp_byte(all, i);
    }
  } else if (h->group == 2) {
    smallest[0] = tr_xp_least_even(first);
    smallest[1] = tr_xp_least_even(first >> 8);
    smallest[2] = tr_xp_least_even(second);
    smallest[3] = tr_xp_least_even(second >> 8);
  } else {
    for (int i = 0; i < ROWS; i++) {
      smallest[i] = tr_xp_least_byte(least[i]);
    }
  }
}

static void answer(const head *h, const block *b) {
  const int32_t t = h->p->t;
  const int32_t step = h->group;
  int32_t smallest[ROWS];
  uint32_t sum[ROWS];
  if (h->group == 2) {
    score_by_pairs(h, b);
  } else if (h->group == 4) {
    score_narrow(h, b);
  } else {
    score_wide(h, b);
  }
  for (int32_t i = 0; i < ROWS; i += step) {
    for (int32_t j = step * t; j < step * h->length; j++) {
      h->scores[i * h->length + j] = TR_XP_NO_SCORE;
    }
  }
  complement(h, smallest);
  TR_NO_UNROLL
  for (int32_t i = 0; i < b->count; i++) {
    const int8_t *const row = h->scores + i / step * step * h->length + i % step;
    sum[i] = (uint32_t)tr_xp_exponentials(h->p->exp, row, step, smallest[i], t, h->panel, i);
  }
  weigh(h, b, sum);
}

/* How many of `left` queries of a share of `all` the next block takes; the last may overlap. */
static int32_t block_size(const head *h, int32_t left, int32_t all) {
  if (left >= ROWS || (all >= ROWS && (left == 3 || h->group != 2))) {
    return ROWS;
  }
  return h->group == 2 && left >= 2 ? 2 : 1;
}

/* What every block of queries needs of the keys. */
static void prepare_keys(const head *h) {
  const tr_attention_s8_params *const p = h->p;
  const int32_t both = p->score_start + p->p * p->q_zero_point * p->k_zero_point;
  int32_t j = 0;
  if (p->p <= 2) {
    for (; j < p->t; j++) {
      const int8_t *const key = h->key + j * h->key_row;
      h->key_start[j] = (int32_t)pair_of(key, p->k_stride[3], p->p, p->k_zero_point);
    }
  }
  TR_NO_UNROLL
  for (; h->group == 2 && j + ROWS <= p->t; j += ROWS) {
    int32_t sum[ROWS];
    four_sums(h->key + j * h->key_row, h->key_row, sum);
    for (int i = 0; i < ROWS; i++) {
      h->key_start[j + i] = tr_wrapping_mls(both, p->q_zero_point, sum[i]);
    }
  }
  for (; j < p->t; j++) {
    const int32_t sum = tr_xp_sum(h->key + j * h->key_row, h->width);
    h->key_start[j] = tr_wrapping_mls(both, p->q_zero_point, sum);
  }
}

/* Queries first to end of one (batch, head). */
static void attend(const tr_attention_s8_params *p, tr_share rows, const int8_t *q,
                   const int8_t *k, const int8_t *v, int8_t *y, int8_t *scratch) {
  const int32_t length = (p->t + 3) / 4 * 4;
  const int32_t width = (p->p + 3) / 4 * 4;
  int32_t *const key_start = (int32_t *)(void *)scratch;
  uint32_t *const panel = (uint32_t *)(void *)(scratch + 4 * length);
  int32_t *const sums = (int32_t *)(void *)(scratch + 16 * length);
  int8_t *copy = scratch + 16 * length + 16 * p->r;
  head h = {p,      k,         p->k_stride[2], v, p->v_stride[3], p->p > 3 ? p->p : width,
            length, key_start, panel,          scratch + 12 * length, sums,
            0,      TR_XP_ANY, {0}, 1};
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
  prepare_keys(&h);
  const int32_t all = rows.end - rows.first;
  for (int32_t n = 0; n < all;) {
    const int32_t count = block_size(&h, all - n, all);
    const int32_t row = rows.first + (n + count <= all ? n : all - count);
    const int32_t several = count > 1;
    const block b = {q + row * p->q_stride[2], several * p->q_stride[2],
                     y + row * p->y_stride[2], several * p->y_stride[2], count};
    answer(&h, &b);
    n += count;
  }
}

void tr_attention_s8_4x4__xpulp(const tr_attention_s8_params *p, const int8_t *q, const int8_t *k,
                                const int8_t *v, int8_t *y, void *scratch) {
  const int32_t length = (p->t + 3) / 4 * 4;
  const int32_t width = (p->p + 3) / 4 * 4;
  const int32_t keys = p->p > 2 && (p->p == 3 || p->k_stride[3] != 1 || p->q_stride[3] != 1)
                           ? (p->t + ROWS) * width
                           : 0;
  const int32_t values = p->v_stride[2] != 1 || (p->t % 4 != 0 && p->v_stride[3] < (p->t + 7) / 8 * 8)
                             ? p->r * length
                             : 0;
  int8_t *const own = tr_cluster_scratch(scratch, 16 * (length + p->r) + keys + values);
  tr_share share = tr_cluster_share(p->batch0 * p->batch1 * p->s);
  while (share.first < share.end) {
    const int32_t batch = share.first / p->s;
    const int32_t i = batch / p->batch1;
    const int32_t j = batch % p->batch1;
    const int32_t first = share.first - batch * p->s;
    const int32_t left = share.end - batch * p->s;
    const tr_share rows = {first, left < p->s ? left : p->s};
    attend(p, rows, q + i * p->q_stride[0] + j * p->q_stride[1],
           k + i * p->k_stride[0] + j * p->k_stride[1],
           v + i * p->v_stride[0] + j * p->v_stride[1],
           y + i * p->y_stride[0] + j * p->y_stride[1], own);
    share.first = batch * p->s + rows.end;
  }
  tr_cluster_barrier();
}
