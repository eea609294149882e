#include "tinyrig/attention.h"
#include "tinyrig/finish.h"
#include "tinyrig/tile_3x2.h"

#define COLUMNS 24
#define ROWS 3

/* What one (batch, head) works on. Keys and queries are read in place, or as copies padded to
 * whole units where their rows are short or not contiguous. */
typedef struct {
  const tr_attention_s8_params *p;
  const int8_t *key;
  const int8_t *query;
  int8_t *query_copy; /* 0 when queries are read in place */
  int32_t key_row;
  int32_t width;      /* columns of a query or key row */
  int32_t length;     /* keys, rounded up to whole units */
  int8_t *value;      /* [r][length], groups of four keys in the order 0, 2, 1, 3; then zeros */
  uint16_t *weights;  /* [group of four keys][row][4]: scores, then exponentials */
  uint32_t *panel;    /* the queries */
} head;

static int32_t whole_units(int32_t extent) { return tr_units(extent) * TR_UNIT; }

static void copy_rows(int8_t *to, const int8_t *from, const int32_t *stride, int32_t rows,
                      int32_t columns, int32_t width, int32_t pad) {
  for (int32_t i = 0; i < rows; i++) {
    for (int32_t c = 0; c < width; c++) {
      *to++ = c < columns ? from[i * stride[2] + c * stride[3]] : (int8_t)pad;
    }
  }
}

static void transpose_values(const head *h, const int8_t *v) {
  const tr_attention_s8_params *const p = h->p;
  for (int32_t j = 0; j < h->length; j++) {
    const int32_t lane = j & 3;
    int8_t *to = h->value + (j - lane) + (lane == 0 || lane == 3 ? lane : 3 - lane);
    const int8_t *from = v + j * p->v_stride[2];
    TR_NO_UNROLL
    for (int32_t c = 0; c < p->r; c++) {
      *to = j < p->t ? *from : 0;
      to += h->length;
      from += p->v_stride[3];
    }
  }
}

/* Requantises dot [columns][rows], the products of the keys from j on, and keeps the largest. */
TR_INLINE void keep_scores(const head *h, int32_t j, int32_t columns, const int32_t *dot,
                           const int32_t *start, int32_t *largest, const int rows,
                           const int plain) {
  const tr_requant form = h->p->score;
  const int32_t m = *form.multiplier;
  const int32_t end = j + columns;
  TR_NO_UNROLL
  for (; j < end; j++) {
    uint16_t *const slot = h->weights + j + (j & ~3) * (rows - 1);
    for (int i = 0; i < rows; i++) {
      const int32_t acc = tr_wrapping_add(start[i], *dot++);
      const int32_t score = plain ? tr_finish_narrow(acc, m) : tr_finish(&form, 0, acc, m);
      largest[i] = score > largest[i] ? score : largest[i];
      slot[4 * i] = (uint16_t)score;
    }
  }
}

TR_INLINE void score(const head *h, const int32_t *start, int32_t *largest, tr_tiles *tiles,
                     const int rows) {
  const tr_attention_s8_params *const p = h->p;
  int32_t dot[ROWS * COLUMNS];
  TR_NO_UNROLL
  for (int32_t j = 0; j < p->t; j += COLUMNS) {
    const int32_t columns = p->t - j < COLUMNS ? p->t - j : COLUMNS;
    const int8_t *const key = h->key + j * h->key_row;
    if (columns >= 2) {
      tiles(h->panel, key, h->key_row, h->width, columns / 2, dot);
    }
    if (columns % 2 != 0) {
      tr_tile(h->panel, key + (columns - 1) * h->key_row, 0, h->width, rows, 1,
              dot + (columns - 1) * rows);
    }
    if (tr_finish_is_plain(&p->score, 0)) {
      keep_scores(h, j, columns, dot, start, largest, rows, 1);
    } else {
      keep_scores(h, j, columns, dot, start, largest, rows, 0);
    }
  }
}

/* Replaces the scores of row i by exponentials, and returns their sum. */
TR_INLINE uint32_t exponentials(const head *h, int i, int32_t largest, const int rows) {
  const uint16_t *const exp = h->p->exp;
  uint16_t *slot = h->weights + 4 * i;
  int32_t left = h->p->t;
  uint32_t sum = 0;
  TR_NO_UNROLL
  for (; left >= 4; left -= 4) {
    for (int lane = 0; lane < 4; lane++) {
      const uint16_t e = exp[largest - (int16_t)slot[lane]];
      slot[lane] = e;
      sum += e;
    }
    slot += 4 * rows;
  }
  TR_NO_UNROLL
  for (; left > 0; left--) {
    const uint16_t e = exp[largest - (int16_t)*slot];
    *slot++ = e;
    sum += e;
  }
  return sum;
}

TR_INLINE void weighted_values(const head *h, const uint32_t *sum, int8_t *y, tr_tiles *tiles,
                               const int rows) {
  const tr_attention_s8_params *const p = h->p;
  const uint32_t *const panel = (const uint32_t *)(const void *)h->weights;
  tr_row_multiplier scale[ROWS];
  int32_t start[ROWS];
  int32_t dot[ROWS * COLUMNS];
  for (int i = 0; i < rows; i++) {
    scale[i] = tr_row_scale_for(p->value, sum[i]);
    start[i] = -p->v_zero_point * (int32_t)sum[i];
  }
  TR_NO_UNROLL
  for (int32_t c = 0; c < p->r; c += COLUMNS) {
    const int32_t columns = p->r - c < COLUMNS ? p->r - c : COLUMNS;
    const int8_t *const value = h->value + c * h->length;
    if (columns >= 2) {
      tiles(panel, value, h->length, h->length, columns / 2, dot);
    }
    if (columns % 2 != 0) {
      tr_tile(panel, value + (columns - 1) * h->length, 0, h->length, rows, 1,
              dot + (columns - 1) * rows);
    }
    const int32_t *sums = dot;
    TR_NO_UNROLL
    for (int32_t column = c; column < c + columns; column++) {
      for (int i = 0; i < rows; i++) {
        const int32_t output = p->y_zero_point + tr_row_scaled(scale[i], start[i] + *sums++);
        y[i * p->y_stride[2] + column * p->y_stride[3]] = (int8_t)tr_clamp(output, p->lo, p->hi);
      }
    }
  }
}

/* `rows` queries from row n on. */
TR_INLINE void row_block(const head *h, int32_t n, int8_t *y, tr_tiles *tiles, const int rows) {
  const tr_attention_s8_params *const p = h->p;
  const int8_t *query = h->query + n * p->q_stride[2];
  int32_t query_row = p->q_stride[2];
  int32_t start[ROWS];
  int32_t largest[ROWS];
  uint32_t sum[ROWS];
  if (h->query_copy != 0) {
    copy_rows(h->query_copy, query, p->q_stride, rows, p->p, h->width, p->q_zero_point);
    query = h->query_copy;
    query_row = h->width;
  }
  tr_panel_pack(h->panel, query, query_row, h->width, rows,
                tr_pair(-p->q_zero_point, -p->q_zero_point));
  for (int i = 0; i < rows; i++) {
    int32_t total = 0;
    TR_NO_UNROLL
    for (int32_t word = 2 * i; word < tr_panel_words(rows, h->width); word += 2 * rows) {
      total = tr_dot2(h->panel[word], 0x00010001U, total);
      total = tr_dot2(h->panel[word + 1], 0x00010001U, total);
    }
    start[i] = tr_wrapping_mls(p->score_start, p->k_zero_point, total);
    largest[i] = INT8_MIN;
  }
  score(h, start, largest, tiles, rows);
  for (int i = 0; i < rows; i++) {
    sum[i] = exponentials(h, i, largest[i], rows);
  }
  weighted_values(h, sum, y + n * p->y_stride[2], tiles, rows);
}

TR_NOINLINE void three_rows(const head *h, int32_t n, int8_t *y) {
  row_block(h, n, y, tr_tiles_3x2, 3);
}

TR_NOINLINE void two_rows(const head *h, int32_t n, int8_t *y) {
  row_block(h, n, y, tr_tiles_2x2, 2);
}

TR_NOINLINE void one_row(const head *h, int32_t n, int8_t *y) {
  row_block(h, n, y, tr_tiles_1x2, 1);
}

static void attend(const tr_attention_s8_params *p, const int8_t *q, const int8_t *k,
                   const int8_t *v, int8_t *y, void *scratch) {
  const int32_t width = whole_units(p->p);
  const int32_t length = whole_units(p->t);
  head h = {.p = p, .key = k, .query = q, .query_copy = 0, .key_row = p->k_stride[2],
            .width = p->p, .length = length, .weights = scratch};
  h.panel = (uint32_t *)scratch + length / 2 * ROWS;
  h.value = (int8_t *)(h.panel + width / 2 * ROWS);
  if (p->p < TR_UNIT || p->q_stride[3] != 1 || p->k_stride[3] != 1) {
    int8_t *const key = h.value + p->r * length;
    copy_rows(key, k, p->k_stride, p->t, p->p, width, 0);
    h.key = key;
    h.key_row = width;
    h.width = width;
    h.query_copy = key + p->t * width;
  }
  transpose_values(&h, v);
  int32_t n = 0;
  for (; n + ROWS <= p->s; n += ROWS) {
    three_rows(&h, n, y);
  }
  if (n + 2 == p->s) {
    two_rows(&h, n, y);
  } else if (n < p->s) {
    one_row(&h, n, y);
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
