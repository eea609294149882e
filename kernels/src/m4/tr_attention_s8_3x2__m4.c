#include "tinyrig/attention.h"
#include "tinyrig/finish.h"
#include "tinyrig/gather.h"
#include "tinyrig/tile_3x2.h"

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
  uint16_t *weights; /* [group of four keys][row][4]: scores, then a panel of exponentials */
  uint32_t *panel;   /* three queries */
} head;

/* Requantises dot [columns][row], the products of the keys from j on, and keeps the largest. */
TR_INLINE void keep_scores(const head *h, int32_t j, int32_t columns, const int32_t *dot,
                           const int32_t *start, int32_t *largest, const int plain) {
  const tr_requant form = h->p->score;
  const int32_t m = *form.multiplier;
  const int32_t end = j + columns;
  TR_NO_UNROLL
  for (; j < end; j++) {
    uint16_t *const slot = h->weights + j + (j & ~3) * (ROWS - 1);
    for (int i = 0; i < ROWS; i++) {
      const int32_t acc = tr_wrapping_add(start[i], *dot++);
      const int32_t score = plain ? tr_finish_narrow(acc, m) : tr_finish(&form, 0, acc, m);
      largest[i] = score > largest[i] ? score : largest[i];
      slot[4 * i] = (uint16_t)score;
    }
  }
}

TR_NOINLINE void score(const head *h, const int32_t *start, int32_t *largest) {
  const tr_attention_s8_params *const p = h->p;
  int32_t dot[ROWS * COLUMNS];
  TR_NO_UNROLL
  for (int32_t j = 0; j < p->t; j += COLUMNS) {
    const int32_t columns = p->t - j < COLUMNS ? p->t - j : COLUMNS;
    tr_products(h->panel, h->key + j * h->key_row, h->key_row, h->width, columns, tr_tiles_3x2,
                ROWS, dot);
    if (tr_finish_is_plain(&p->score, 0)) {
      keep_scores(h, j, columns, dot, start, largest, 1);
    } else {
      keep_scores(h, j, columns, dot, start, largest, 0);
    }
  }
}

/* Replaces the scores of row i by exponentials in the order of a panel, zeros behind the last;
 * returns their sum. */
TR_NOINLINE uint32_t exponentials(const head *h, int32_t i, int32_t largest) {
  const uint16_t *const exp = h->p->exp;
  uint16_t *slot = h->weights + 4 * i;
  uint32_t sum = 0;
  int32_t left = h->p->t;
  TR_NO_UNROLL
  for (; left >= 4; left -= 4) {
    const uint32_t e0 = exp[largest - (int16_t)slot[0]];
    const uint32_t e1 = exp[largest - (int16_t)slot[1]];
    const uint32_t e2 = exp[largest - (int16_t)slot[2]];
    const uint32_t e3 = exp[largest - (int16_t)slot[3]];
    tr_store4((int8_t *)slot, e0 | e2 << 16);
    tr_store4((int8_t *)(slot + 2), e1 | e3 << 16);
    sum += e0 + e1 + e2 + e3;
    slot += 4 * ROWS;
  }
  if (left > 0) {
    const uint32_t e0 = exp[largest - (int16_t)slot[0]];
    const uint32_t e1 = left > 1 ? exp[largest - (int16_t)slot[1]] : 0U;
    const uint32_t e2 = left > 2 ? exp[largest - (int16_t)slot[2]] : 0U;
    tr_store4((int8_t *)slot, e0 | e2 << 16);
    tr_store4((int8_t *)(slot + 2), e1);
    sum += e0 + e1 + e2;
    slot += 4 * ROWS;
  }
  if ((h->length - h->p->t) >= 4) {
    tr_store4((int8_t *)slot, 0);
    tr_store4((int8_t *)(slot + 2), 0);
  }
  return sum;
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

static void three_queries(const head *h, const int8_t *q, int8_t *y) {
  const tr_attention_s8_params *const p = h->p;
  int32_t query_row = p->q_stride[2];
  int32_t start[ROWS];
  int32_t largest[ROWS];
  uint32_t sum[ROWS];
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
    largest[i] = INT8_MIN;
  }
  score(h, start, largest);
  for (int i = 0; i < ROWS; i++) {
    sum[i] = exponentials(h, i, largest[i]);
  }
  weighted_values(h, sum, y);
}

static void attend(const tr_attention_s8_params *p, const int8_t *q, const int8_t *k,
                   const int8_t *v, int8_t *y, void *scratch) {
  const int32_t width = p->p < TR_UNIT ? TR_UNIT : p->p;
  const int32_t length = tr_units(p->t) * TR_UNIT;
  uint32_t *const panel = (uint32_t *)scratch + ROWS * length / 2;
  int8_t *copy = (int8_t *)(panel + tr_panel_words(ROWS, width));
  head h = {p,     k,      p->k_stride[2], v, p->v_stride[3], width, length, 0,
            width != p->p || p->q_stride[3] != 1, scratch, panel};
  if (p->v_stride[2] != 1 || p->v_stride[3] < length) {
    tr_gather_rows(copy, length, v, p->v_stride[3], p->v_stride[2], p->r, p->t, 0);
    h.value = copy;
    h.value_row = length;
    copy += p->r * length;
  }
  if (p->k_stride[3] != 1 || p->p + p->k_slack < width) {
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
