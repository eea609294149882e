/* Attention with probabilities rounded to int8, whose two products are those of layers by pairs of
 * rows and four columns (arm/quads.h): of queries by keys, and of probabilities, 128 lower, by values.
 * Keys and values are their constants, made once a head, or once for all that share their keys. */
#ifndef TINYRIG_ATTENTION_QUADS_H
#define TINYRIG_ATTENTION_QUADS_H

#include "arm/attention_exponentials.h"
#include "arm/quads_made.h"

/* Queries whose scores are made in one go. */
#define TR_QUADS_QUERIES 8

typedef struct {
  const tr_attention_s8_params *p;
  int32_t keys;   /* rounded up to fours */
  uint32_t lost;  /* the bytes of the last four scores that are of no key */
  int clips;      /* whether a probability can exceed p->rounding.most */
  uint32_t *exponentials; /* of a row, pairs (0, 2) and (1, 3) of each four keys */
  tr_quads scores;
  tr_quads values;
  int8_t *rows;   /* scores, then probabilities less 128 */
  void *sums;
} tr_quads_head;

/* The largest of a row's scores, in four bytes. */
TR_INLINE uint32_t tr_largest_of_fours(const int8_t *row, const int8_t *end) {
  uint32_t largest = tr_load4(row);
  row += (end - row) % 8;
  TR_NO_UNROLL
  for (; row != end; row += 8) {
    largest = tr_max4(tr_max4(largest, tr_load4(row)), tr_load4(row + 4));
  }
  return tr_in_all_bytes(largest);
}

#if defined(__ARM_FEATURE_DSP)

/* Eight exponentials a pass, two fours of which stand in one another's waits. */
#define TR_ROUND_BYTES(clip)                                                                    \
  __asm__ volatile(                                                                             \
      ".p2align 2\n\t1:\n\t"                                                                    \
      "ldr.w %[a], [%[from]]\n\t"                                                               \
      "ldr.w %[b], [%[from], #4]\n\t"                                                           \
      "ldr.w %[c], [%[from], #8]\n\t"                                                           \
      "ldr.w %[d], [%[from], #12]\n\t"                                                          \
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
      "orr.w %[a], %[a], %[b], lsl #8\n\t"                                                      \
      "smlawt %[d], %[m], %[d], %[half]\n\t"                                                    \
      "eor.w %[a], %[a], #0x80808080\n\t"                                                       \
      "lsr.w %[t], %[t], %[shift]\n\t"                                                          \
      "lsr.w %[c], %[c], %[shift]\n\t"                                                          \
      "pkhbt %[c], %[t], %[c], lsl #16\n\t"                                                     \
      "lsr.w %[u], %[u], %[shift]\n\t"                                                          \
      "str %[a], [%[to]], #8\n\t"                                                               \
      "lsr.w %[d], %[d], %[shift]\n\t"                                                          \
      "pkhbt %[d], %[u], %[d], lsl #16\n\t" clip("c") clip("d")                                 \
      "orr.w %[c], %[c], %[d], lsl #8\n\t"                                                      \
      "eor.w %[c], %[c], #0x80808080\n\t"                                                       \
      "cmp.w %[to], %[end]\n\t"                                                                 \
      "str %[c], [%[to], #-4]\n\t"                                                              \
      "bne.w 1b\n\t"                                                                            \
      : [a] "=&r"(a), [b] "=&r"(b), [c] "=&r"(c), [d] "=&r"(d), [t] "=&r"(t), [u] "=&r"(u),     \
        [from] "+&r"(from), [to] "+&r"(to)                                                      \
      : [end] "r"(end), [m] "r"(r.multiplier), [half] "r"(r.half), [shift] "r"(r.shift)         \
      : "cc", "memory")

/* Probabilities of whole units, up to 255 or without an end. */
TR_INLINE void tr_round_bytes(tr_row_rounding r, const uint32_t *from, int8_t *to, const int8_t *end,
                              const int clips) {
  uint32_t a;
  uint32_t b;
  uint32_t c;
  uint32_t d;
  uint32_t t;
  uint32_t u;
  if (clips) {
    TR_ROUND_BYTES(TR_CLIP_255);
  } else {
    TR_ROUND_BYTES(TR_CLIP_NONE);
  }
}

#endif

/* Four probabilities, less 128. */
TR_INLINE uint32_t tr_four_bytes(tr_row_rounding r, const uint32_t *pairs, int32_t most) {
  const uint32_t even = tr_round_two(r, pairs[0], most);
  return (even | tr_round_two(r, pairs[1], most) << 8) ^ 0x80808080U;
}

/* A row's exponentials become its probabilities. */
TR_NOINLINE void tr_round_row_of_fours(const tr_quads_head *h, int8_t *row, uint32_t sum) {
  const tr_row_rounding r = tr_row_rounding_for(h->p->value, sum);
  const int32_t most = h->p->rounding.most;
  const uint32_t *pairs = h->exponentials;
  const int8_t *const end = row + h->keys;
#if defined(__ARM_FEATURE_DSP)
  if (!h->clips || most == UINT8_MAX) {
    if (h->keys % 8 != 0) {
      tr_store4(row, tr_four_bytes(r, pairs, most));
      pairs += 2;
      row += 4;
    }
    if (h->clips) {
      tr_round_bytes(r, pairs, row, end, 1);
    } else {
      tr_round_bytes(r, pairs, row, end, 0);
    }
    return;
  }
#endif
  TR_NO_UNROLL
  for (; row != end; row += 4) {
    tr_store4(row, tr_four_bytes(r, pairs, most));
    pairs += 2;
  }
}

/* A row's scores become its probabilities. */
TR_NOINLINE void tr_probabilities_of_row(const tr_quads_head *h, int8_t *row) {
  const tr_attention_s8_params *const p = h->p;
  int8_t *const last = row + h->keys - 4;
  tr_store4(last, (tr_load4(last) & ~h->lost) | (h->lost & 0x80808080U));
  const uint32_t largest = tr_largest_of_fours(row, row + h->keys);
  uint32_t sum = 0;
  if (p->rounding.fine != 0) {
    sum = tr_fine_sum(p->rounding.fine, largest, row, p->t);
  }
  uint32_t *pairs = h->exponentials;
  const int8_t *from = row;
  uint32_t plain = 0;
  if (h->keys % 8 != 0) {
    const uint32_t below = tr_sub4(largest, tr_load4(row));
    pairs[0] = p->exp[below & 0xFFU] | (uint32_t)p->exp[below >> 16 & 0xFFU] << 16;
    pairs[1] = p->exp[below >> 8 & 0xFFU] | (uint32_t)p->exp[below >> 24] << 16;
    plain = (uint32_t)tr_dot2(pairs[0], 0x00010001U, tr_dot2(pairs[1], 0x00010001U, 0));
    pairs += 2;
    from += 4;
  }
  plain += (uint32_t)tr_look_up_row(from, row + h->keys, largest, p->exp, pairs, 2);
  if (p->rounding.fine == 0) {
    sum = plain - (uint32_t)(h->keys - p->t) * p->exp[(largest + 0x80U) & 0xFFU];
  }
  tr_round_row_of_fours(h, row, sum);
}

/* Queries from q on, as many as there is room for scores of. */
TR_NOINLINE void tr_quads_queries(const tr_quads_head *h, const int8_t *q, int8_t *y, int32_t rows,
                                  const tr_form form) {
  tr_quads_all(&h->scores, q, h->rows, rows, h->sums, form);
  for (int32_t i = 0; i < rows; i++) {
    tr_probabilities_of_row(h, h->rows + i * h->keys);
  }
  tr_quads_all(&h->values, h->rows, y, rows, h->sums, form);
}

/* Keys and values as constants of the layers that they are. */
TR_INLINE tr_quads_source tr_keys_source(const tr_attention_s8_params *p, const int8_t *k) {
  const tr_quads_source keys = {k, p->k_stride[3], p->k_stride[2], p->p, p->t, p->k_zero_point,
                                p->score_start, -p->q_zero_point, *p->score.multiplier};
  return keys;
}

TR_INLINE tr_quads_source tr_values_source(const tr_attention_s8_params *p, const int8_t *v) {
  const tr_quads_source values = {v, p->v_stride[2], p->v_stride[3], p->t, p->r, p->v_zero_point,
                                  p->rounding.start, 128, *p->rounding.requant.multiplier};
  return values;
}

TR_INLINE void tr_attention_quads(const tr_attention_s8_params *p, const int8_t *q, const int8_t *k,
                                  const int8_t *v, int8_t *y, void *scratch, const tr_form form) {
  const int32_t keys = (p->t + 3) / 4 * 4;
  const int32_t most = p->s < TR_QUADS_QUERIES ? p->s : TR_QUADS_QUERIES;
  uint32_t *const key_stream = scratch;
  tr_quads_head h = {p,
                     keys,
                     p->t == keys ? 0U : 0xFFFFFFFFU << 8 * (p->t % 4),
                     tr_attention_clips(p),
                     0,
                     {scratch, 0, p->p, keys, p->q_stride[2], keys},
                     {0, 0, keys, p->r, keys, p->y_stride[2]},
                     0,
                     0};
  for (int32_t i = 0; i < p->batch0; i++) {
    for (int32_t j = 0; j < p->batch1; j++) {
      const int8_t *query = q + i * p->q_stride[0] + j * p->q_stride[1];
      int8_t *to = y + i * p->y_stride[0] + j * p->y_stride[1];
      if (i + j == 0 || p->k_stride[0] != 0 || p->k_stride[1] != 0) {
        const tr_quads_source source =
            tr_keys_source(p, k + i * p->k_stride[0] + j * p->k_stride[1]);
        uint32_t *const values = tr_quads_make(&source, p->p, keys, key_stream, form);
        h.values.stream = (const int8_t *)values;
      }
      const tr_quads_source source =
          tr_values_source(p, v + i * p->v_stride[0] + j * p->v_stride[1]);
      h.exponentials = tr_quads_make(&source, keys, p->r, (uint32_t *)(uintptr_t)h.values.stream, form);
      h.rows = (int8_t *)(h.exponentials + keys / 2);
      h.sums = h.rows + most * keys;
      for (int32_t left = p->s; left > 0; left -= most) {
        const int32_t rows = left < most ? left : most;
        tr_quads_queries(&h, query, to, rows, form);
        query += rows * p->q_stride[2];
        to += rows * p->y_stride[2];
      }
    }
  }
}

#endif
