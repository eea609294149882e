#include "tinyrig/attention.h"
#include "tinyrig/finish.h"
#include "tinyrig/gather.h"
#include "tinyrig/tile_finish.h"

#define COLUMNS 24
#define ROWS 3

/* What one (batch, head) works on. Keys, values and queries are read in place, or from copies
 * where their rows are short or not contiguous. */
typedef struct {
  const tr_attention_s8_params *p;
  const int8_t *key;
  int32_t key_row;
  const int8_t *value; /* column c at c * value_row */
  int32_t value_row;
  int32_t width;     /* columns of a query or key row: p, at least a unit */
  int32_t length;    /* keys, rounded up to whole units */
  int8_t *query;     /* room for a copy of three queries */
  int query_copied;
  int8_t *scores;    /* [row][length] */
  uint16_t *weights; /* [group of four keys][row][4]: a panel of exponentials */
  uint32_t *panel;   /* three queries */
} head;

/* The scores of three packed queries in any form of requantisation. */
TR_NOINLINE void score_any(const head *h, const int32_t *start) {
  const tr_requant form = h->p->score;
  int32_t dot[ROWS * COLUMNS];
  for (int32_t j = 0; j < h->p->t; j += COLUMNS) {
    const int32_t columns = h->p->t - j < COLUMNS ? h->p->t - j : COLUMNS;
    tr_products(h->panel, h->key + j * h->key_row, h->key_row, h->width, columns, tr_tiles_3x2,
                ROWS, dot);
    for (int32_t n = 0; n < ROWS * columns; n++) {
      const int32_t acc = tr_wrapping_add(start[n % ROWS], dot[n]);
      h->scores[n % ROWS * h->length + j + n / ROWS] =
          (int8_t)tr_finish(&form, 0, acc, *form.multiplier);
    }
  }
}

TR_NOINLINE void score(const head *h, const int32_t *start) {
  const tr_attention_s8_params *const p = h->p;
  if (!tr_finish_is_narrow(&p->score)) {
    score_any(h, start);
    return;
  }
  tr_tile_finish f = {h->panel + tr_panel_words(ROWS, h->width),
                      h->panel,
                      start,
                      p->score.multiplier,
                      0,
                      h->scores,
                      h->length,
                      1,
                      2 * h->key_row - h->width,
                      tr_first_unit(h->width) - TR_UNIT,
                      p->t / 2,
                      0};
  if (f.pairs > 0) {
    tr_row_starts(&f, h->key, h->key_row);
  }
  if (p->t % 2 != 0) { /* twice: its second score lies behind the keys' */
    f.y = h->scores + p->t - 1;
    f.pairs = 1;
    f.w_next = -h->width;
    tr_row_starts(&f, h->key + (p->t - 1) * h->key_row, 0);
  }
}

/* The scores of queries of one or two columns: one product a key. */
TR_INLINE void score_short(const head *h, const int8_t *q, const int plain) {
  const tr_attention_s8_params *const p = h->p;
  const tr_requant form = p->score;
  const int32_t m = *form.multiplier;
  const int32_t zero = p->q_zero_point;
  const int32_t second = p->p == 2 ? p->k_stride[3] : 0;
  const int32_t row = h->length;
  const int8_t *key = h->key;
  int8_t *to = h->scores;
  uint32_t query[ROWS];
  int32_t start[ROWS];
  for (int i = 0; i < ROWS; i++) {
    const int32_t low = q[0] - zero;
    const int32_t high = p->p == 2 ? q[p->q_stride[3]] - zero : 0;
    query[i] = tr_pair(low, high);
    start[i] = tr_wrapping_mls(p->score_start, p->k_zero_point, low + high);
    q += p->q_stride[2];
  }
  TR_NO_UNROLL
  for (int32_t j = p->t; j > 0; j--) {
    const uint32_t pair = tr_pair(key[0], key[second]);
    for (int i = 0; i < ROWS; i++) {
      const int32_t acc = tr_dot2(query[i], pair, start[i]);
      to[i * row] = (int8_t)(plain ? tr_finish_narrow(acc, m) : tr_finish(&form, 0, acc, m));
    }
    key += h->key_row;
    to++;
  }
}

TR_NOINLINE void score_pairs(const head *h, const int8_t *q) {
  if (tr_finish_is_narrow(&h->p->score)) {
    score_short(h, q, 1);
  } else {
    score_short(h, q, 0);
  }
}

/* The largest of a row's scores, in four bytes; what lies behind them becomes the smallest. */
TR_INLINE uint32_t largest_score(const head *h, int8_t *row) {
  uint32_t largest = 0x80808080U;
  for (int32_t j = h->p->t; j < h->length; j++) {
    row[j] = INT8_MIN;
  }
  TR_NO_UNROLL
  for (const int8_t *const end = row + h->length; row < end; row += TR_UNIT) {
    largest = tr_max4(largest, tr_load4(row));
    largest = tr_max4(largest, tr_load4(row + 4));
  }
  largest = tr_max4(largest, largest >> 16 | largest << 16);
  return tr_max4(largest, largest >> 8 | largest << 24);
}

/* Turns the scores of row i into exponentials in the order of a panel, zeros behind the last;
 * returns their sum. */
TR_NOINLINE uint32_t exponentials(const head *h, int32_t i) {
  const uint16_t *const exp = h->p->exp;
  int8_t *row = h->scores + i * h->length;
  uint16_t *slot = h->weights + 4 * i;
  const uint32_t largest = largest_score(h, row);
  int32_t sum = 0;
  int32_t left = h->p->t;
  TR_NO_UNROLL
  for (; left >= 4; left -= 4) {
    const uint32_t below = tr_sub4(largest, tr_load4(row));
    const uint32_t even = exp[below & 0xFFU] | (uint32_t)exp[below >> 16 & 0xFFU] << 16;
    const uint32_t odd = exp[below >> 8 & 0xFFU] | (uint32_t)exp[below >> 24] << 16;
    tr_store4((int8_t *)slot, even);
    tr_store4((int8_t *)(slot + 2), odd);
    sum = tr_dot2(even, 0x00010001U, sum);
    sum = tr_dot2(odd, 0x00010001U, sum);
    row += 4;
    slot += 4 * ROWS;
  }
  if (left > 0) {
    const uint32_t below = tr_sub4(largest, tr_load4(row));
    const uint32_t e0 = exp[below & 0xFFU];
    const uint32_t e1 = left > 1 ? exp[below >> 8 & 0xFFU] : 0U;
    const uint32_t e2 = left > 2 ? exp[below >> 16 & 0xFFU] : 0U;
    tr_store4((int8_t *)slot, e0 | e2 << 16);
    tr_store4((int8_t *)(slot + 2), e1);
    sum += (int32_t)(e0 + e1 + e2);
    slot += 4 * ROWS;
  }
  if (h->length - h->p->t >= 4) {
    tr_store4((int8_t *)slot, 0);
    tr_store4((int8_t *)(slot + 2), 0);
  }
  return (uint32_t)sum;
}

TR_NOINLINE void weighted_values(const head *h, const uint32_t *sum, int8_t *y) {
  const tr_attention_s8_params *const p = h->p;
  const uint32_t *const panel = (const uint32_t *)(const void *)h->weights;
  const int32_t lo = p->lo;
  const int32_t hi = p->hi;
  const int32_t zero_point = p->y_zero_point;
  const int32_t y_row = p->y_stride[2];
  const int32_t y_col = p->y_stride[3];
  tr_row_multiplier scale[ROWS];
  int32_t half[ROWS];
  int32_t start[ROWS];
  int32_t dot[ROWS * COLUMNS];
  for (int i = 0; i < ROWS; i++) {
    scale[i] = tr_row_scale_for(p->value, sum[i]);
    half[i] = (int32_t)(1U << (scale[i].shift - 1));
    start[i] = -p->v_zero_point * (int32_t)sum[i];
  }
  TR_NO_UNROLL
  for (int32_t c = 0; c < p->r; c += COLUMNS) {
    const int32_t columns = p->r - c < COLUMNS ? p->r - c : COLUMNS;
    const int32_t *sums = dot;
    tr_products(panel, h->value + c * h->value_row, h->value_row, h->length, columns, tr_tiles_3x2,
                ROWS, dot);
    TR_NO_UNROLL
    for (int32_t column = 0; column < columns; column++) {
      for (int i = 0; i < ROWS; i++) {
        const int32_t high = tr_high_multiply(start[i] + *sums++, scale[i].multiplier);
        const int32_t output = zero_point + ((high + half[i]) >> scale[i].shift);
        y[i * y_row] = (int8_t)tr_clamp(output, lo, hi);
      }
      y += y_col;
    }
  }
}

/* The scores of queries of any width. */
static void score_panel(const head *h, const int8_t *q) {
  const tr_attention_s8_params *const p = h->p;
  int32_t query_row = p->q_stride[2];
  int32_t start[ROWS];
  if (h->query_copied) {
    tr_gather_rows(h->query, h->width, q, query_row, p->q_stride[3], ROWS, p->p, p->q_zero_point);
    q = h->query;
    query_row = h->width;
  }
  tr_panel_pack(h->panel, q, query_row, h->width, ROWS,
                tr_pair(-p->q_zero_point, -p->q_zero_point));
  for (int i = 0; i < ROWS; i++) {
    const int32_t total = tr_panel_sum(h->panel, i, ROWS, h->width);
    start[i] = tr_wrapping_mls(p->score_start, p->k_zero_point, total);
  }
  score(h, start);
}

static void three_queries(const head *h, const int8_t *q, int8_t *y) {
  uint32_t sum[ROWS];
  if (h->p->p <= 2) {
    score_pairs(h, q);
  } else {
    score_panel(h, q);
  }
  for (int i = 0; i < ROWS; i++) {
    sum[i] = exponentials(h, i);
  }
  weighted_values(h, sum, y);
}

static void attend(const tr_attention_s8_params *p, const int8_t *q, const int8_t *k,
                   const int8_t *v, int8_t *y, void *scratch) {
  const int32_t width = p->p < TR_UNIT ? TR_UNIT : p->p;
  const int32_t length = tr_units(p->t) * TR_UNIT;
  uint32_t *const panel = (uint32_t *)scratch + ROWS * length / 2;
  int8_t *const scores = (int8_t *)(panel + (p->p > 2 ? tr_panel_words(ROWS, width) : 0));
  int8_t *copy = scores + ROWS * length;
  head h = {p, k, p->k_stride[2], v, p->v_stride[3], width, length, 0,
            width != p->p || p->q_stride[3] != 1, scores, scratch, panel};
  if (p->v_stride[2] != 1 || p->v_stride[3] < length) {
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
  for (int32_t n = 0; n < p->s; n += ROWS) {
    const int32_t row = n < p->s - ROWS ? n : p->s - ROWS; /* the last block may overlap */
    three_queries(&h, q + row * p->q_stride[2], y + row * p->y_stride[2]);
  }
}

void tr_attention_s8_3x2__m4(const tr_attention_s8_params *p, const int8_t *q, const int8_t *k,
                             const int8_t *v, int8_t *y, void *scratch) {
  for (int32_t i = 0; i < p->batch0; i++) {
    for (int32_t j = 0; j < p->batch1; j++) {
      attend(p, q + i * p->q_stride[0] + j * p->q_stride[1],
             k + i * p->k_stride[0] + j * p->k_stride[1],
             v + i * p->v_stride[0] + j * p->v_stride[1],
             y + i * p->y_stride[0] + j * p->y_stride[1], scratch);
    }
  }
}
