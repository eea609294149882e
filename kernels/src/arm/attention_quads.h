/* Attention with probabilities rounded to int8, whose two products are those of layers by pairs of
 * rows and four columns: of queries by keys (arm/quads.h), and of probabilities, rounded into a panel,
 * by values (arm/quads_panel.h). Keys and values are their constants, made once a head, or once for
 * all heads that share their keys. */
#ifndef TINYRIG_ATTENTION_QUADS_H
#define TINYRIG_ATTENTION_QUADS_H

#include "arm/attention_exponentials.h"
#include "arm/quads_made.h"

/* Queries whose scores are made in one go, at most. */
#define TR_QUADS_QUERIES 8

typedef struct {
  const tr_attention_s8_params *p;
  int32_t keys;           /* rounded up to fours */
  int32_t length;         /* of a row of scores, whole units */
  uint32_t lost;          /* the bytes of the last four scores that are of no key */
  int clips;              /* whether a probability can exceed p->rounding.most */
  const int8_t *keys_at;  /* constants */
  const int8_t *values_at;
  uint32_t *exponentials; /* of a row, pairs (0, 2) and (1, 3) of each four keys */
  uint32_t *panel;        /* of two rows' probabilities */
  int8_t *rows;           /* scores */
} tr_quads_head;

#if defined(__ARM_FEATURE_DSP)

/* A unit of exponentials, whose two fours stand in one another's waits. */
#define TR_ROUND_PAIRS(clip)                                                                    \
  __asm__ volatile(                                                                             \
      ".p2align 2\n\t1:\n\t"                                                                    \
      "ldr.w %[a], [%[from]]\n\t"                                                               \
      "ldr.w %[b], [%[from], #4]\n\t"                                                           \
      "ldr.w %[c], [%[from], #8]\n\t"                                                           \
      "ldr %[d], [%[from], #12]\n\t"                                                            \
      "smlawb %[t], %[m], %[a], %[half]\n\t"                                                    \
      "add.w %[from], %[from], #16\n\t"                                                         \
      "smlawt %[a], %[m], %[a], %[half]\n\t"                                                    \
      "smlawb %[u], %[m], %[b], %[half]\n\t"                                                    \
      "lsr.w %[t], %[t], %[shift]\n\t"                                                          \
      "smlawt %[b], %[m], %[b], %[half]\n\t"                                                    \
      "lsr.w %[a], %[a], %[shift]\n\t"                                                          \
      "pkhbt %[a], %[t], %[a], lsl #16\n\t"                                                     \
      "smlawb %[t], %[m], %[c], %[half]\n\t"                                                    \
      "lsr.w %[u], %[u], %[shift]\n\t"                                                          \
      "smlawt %[c], %[m], %[c], %[half]\n\t"                                                    \
      "lsr.w %[b], %[b], %[shift]\n\t"                                                          \
      "pkhbt %[b], %[u], %[b], lsl #16\n\t"                                                     \
      "smlawb %[u], %[m], %[d], %[half]\n\t" clip("a") clip("b")                                \
      "lsr.w %[t], %[t], %[shift]\n\t"                                                          \
      "smlawt %[d], %[m], %[d], %[half]\n\t"                                                    \
      "lsr.w %[c], %[c], %[shift]\n\t"                                                          \
      "str %[a], [%[to]], #32\n\t"                                                              \
      "pkhbt %[c], %[t], %[c], lsl #16\n\t"                                                     \
      "lsr.w %[u], %[u], %[shift]\n\t"                                                          \
      "str %[b], [%[to], #-24]\n\t"                                                             \
      "lsr.w %[d], %[d], %[shift]\n\t"                                                          \
      "pkhbt %[d], %[u], %[d], lsl #16\n\t" clip("c") clip("d")                                 \
      "str %[c], [%[to], #-16]\n\t"                                                             \
      "cmp.w %[from], %[end]\n\t"                                                               \
      "str %[d], [%[to], #-8]\n\t"                                                              \
      "bne.w 1b\n\t"                                                                            \
      : [a] "=&r"(a), [b] "=&r"(b), [c] "=&r"(c), [d] "=&r"(d), [t] "=&r"(t), [u] "=&r"(u),     \
        [from] "+&r"(from), [to] "+&r"(to)                                                      \
      : [end] "r"(end), [m] "r"(r.multiplier), [half] "r"(r.half), [shift] "r"(r.shift)         \
      : "cc", "memory")

/* Rounds exponentials to every other word, up to 255 or without an end. */
TR_INLINE void tr_round_pairs(tr_row_rounding r, const uint32_t *from, const uint32_t *end,
                              uint32_t *to, const int clips) {
  uint32_t a;
  uint32_t b;
  uint32_t c;
  uint32_t d;
  uint32_t t;
  uint32_t u;
  if (clips) {
    TR_ROUND_PAIRS(TR_CLIP_255);
  } else {
    TR_ROUND_PAIRS(TR_CLIP_NONE);
  }
}

#endif

/* A row's exponentials, whose sum is given, become its probabilities, every other word at `to`. */
TR_NOINLINE void tr_round_to_panel(const tr_quads_head *h, uint32_t sum, uint32_t *to) {
  const tr_row_rounding r = tr_row_rounding_for(h->p->value, sum);
  const uint32_t *from = h->exponentials;
  const uint32_t *const end = from + h->length / 2;
#if defined(__ARM_FEATURE_DSP)
  if (!h->clips) {
    tr_round_pairs(r, from, end, to, 0);
    return;
  }
  if (h->p->rounding.most == UINT8_MAX) {
    tr_round_pairs(r, from, end, to, 1);
    return;
  }
#endif
  TR_NO_UNROLL
  for (; from != end; from++) {
    *to = tr_round_two(r, *from, h->p->rounding.most);
    to += 2;
  }
}

/* Turns a row's scores into exponentials; returns what they are divided by. */
TR_NOINLINE uint32_t tr_exponentials_of_row(const tr_quads_head *h, int8_t *row) {
  const tr_attention_s8_params *const p = h->p;
  const int8_t *const end = row + h->length;
  int8_t *const last = row + h->keys - 4;
  tr_store4(last, (tr_load4(last) & ~h->lost) | (h->lost & TR_NO_LARGEST));
  const uint32_t largest = tr_largest_of_units(row, end);
  const uint32_t sum = (uint32_t)tr_look_up_row(row, end, largest, p->exp, h->exponentials, 2);
  if (p->rounding.fine != 0) {
    return tr_fine_sum(p->rounding.fine, largest, row, p->t);
  }
  const uint32_t absent = (uint32_t)(h->length - p->t); /* as many scores of -128 */
  return sum - absent * p->exp[(largest + 0x80U) & 0xFFU];
}

/* The scores of rows of queries. */
TR_INLINE void tr_score_queries(const tr_quads_head *h, const int8_t *q, int32_t rows,
                                const tr_form form) {
  const tr_attention_s8_params *const p = h->p;
  const int32_t q_row = p->q_stride[2];
  if (tr_is_m7(form) || p->p <= TR_QUADS_MOST) {
    const tr_quads layer = {h->keys_at, 0, p->p, h->keys, q_row, h->length};
    tr_quads_all(&layer, q, h->rows, rows, h->panel, form);
    return;
  }
  for (int32_t i = 0; i < rows; i += 2) {
    const int32_t second = i + 1 < rows;
    tr_quads_pair pair = {h->keys_at, 0, h->rows + i * h->length, second * h->length, 0, 0, 0, 0};
    tr_quads_panels(&pair, q + i * q_row, second * q_row, p->p, h->keys, 0, 1, h->panel, form);
  }
}

/* Rows of queries, as many as there is room for scores of; a last one alone is both of its pair. */
TR_NOINLINE void tr_quads_queries(const tr_quads_head *h, const int8_t *q, int8_t *y, int32_t rows,
                                  const tr_form form) {
  const tr_attention_s8_params *const p = h->p;
  tr_score_queries(h, q, rows, form);
  for (int32_t i = 0; i < rows; i += 2) {
    const int32_t second = i + 1 < rows;
    int8_t *const row = h->rows + i * h->length;
    tr_round_to_panel(h, tr_exponentials_of_row(h, row), h->panel + 1);
    tr_round_to_panel(h, tr_exponentials_of_row(h, row + second * h->length), h->panel);
    tr_quads_pair pair = {h->values_at, 0, y + i * p->y_stride[2], second * p->y_stride[2],
                          0, 0, 0, 0};
    tr_quads_of_panel(&pair, tr_quads_panel_of(&pair, h->keys, p->r, 0, h->panel, form), form);
  }
}

/* Keys and values as columns of the layers that they are. */
TR_INLINE tr_quads_source tr_keys_source(const tr_attention_s8_params *p, const int8_t *k) {
  const tr_quads_source keys = {k, p->k_stride[3], p->k_stride[2], p->p, p->t, p->k_zero_point,
                                p->score_start, -p->q_zero_point, *p->score.multiplier};
  return keys;
}

TR_INLINE tr_quads_source tr_values_source(const tr_attention_s8_params *p, const int8_t *v) {
  const tr_quads_source values = {v, p->v_stride[2], p->v_stride[3], p->t, p->r, p->v_zero_point,
                                  p->rounding.start, 0, *p->rounding.requant.multiplier};
  return values;
}

TR_INLINE void tr_quads_heads(tr_quads_head *h, const int8_t *q, const int8_t *k, const int8_t *v,
                              int8_t *y, uint32_t *keys, uint32_t *values, int32_t most,
                              const tr_form form) {
  const tr_attention_s8_params *const p = h->p;
  for (int32_t i = 0; i < p->batch0; i++) {
    for (int32_t j = 0; j < p->batch1; j++) {
      const int8_t *query = q + i * p->q_stride[0] + j * p->q_stride[1];
      int8_t *to = y + i * p->y_stride[0] + j * p->y_stride[1];
      if (i + j == 0 || p->k_stride[0] != 0 || p->k_stride[1] != 0) {
        const tr_quads_source source =
            tr_keys_source(p, k + i * p->k_stride[0] + j * p->k_stride[1]);
        tr_quads_make(&source, p->p, h->keys, keys);
      }
      const tr_quads_source source =
          tr_values_source(p, v + i * p->v_stride[0] + j * p->v_stride[1]);
      tr_quads_make(&source, h->keys, p->r, values);
      for (int32_t left = p->s; left > 0; left -= most) {
        const int32_t rows = left < most ? left : most;
        tr_quads_queries(h, query, to, rows, form);
        query += rows * p->q_stride[2];
        to += rows * p->y_stride[2];
      }
    }
  }
}

TR_INLINE void tr_attention_quads(const tr_attention_s8_params *p, const int8_t *q, const int8_t *k,
                                  const int8_t *v, int8_t *y, void *scratch, const tr_form form) {
  const int32_t keys = (p->t + 3) / 4 * 4;
  const int32_t length = tr_units(p->t) * TR_UNIT;
  const int32_t most = p->s < TR_QUADS_QUERIES ? p->s : TR_QUADS_QUERIES;
  uint32_t *const values = (uint32_t *)scratch + keys * (p->p + 4) / 2;
  uint32_t *const exponentials = values + p->r * (keys + 4) / 2;
  int8_t *const rows = (int8_t *)(exponentials + length / 2);
  tr_quads_head h = {p,
                     keys,
                     length,
                     p->t == keys ? 0U : 0xFFFFFFFFU << 8 * (p->t % 4),
                     tr_attention_clips(p),
                     scratch,
                     (const int8_t *)values,
                     exponentials,
                     (uint32_t *)(void *)(rows + most * length),
                     rows};
  for (int32_t i = 1; length != keys && i <= most; i++) {
    tr_store4(rows + i * length - 4, TR_NO_LARGEST);
  }
  tr_quads_heads(&h, q, k, v, y, scratch, values, most, form);
}

#endif
