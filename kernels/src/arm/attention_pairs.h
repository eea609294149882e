/* Attention whose heads have two columns: a key is one word, and a row's exponentials weigh the
 * values as they are looked up, so that they are never stored; where they are rounded, they are
 * looked up twice, because that takes their sum. Variants differ in the order of instructions
 * (TR_TILE_INTERLEAVED, as in tile_3x2.h). */
#ifndef TINYRIG_ATTENTION_PAIRS_H
#define TINYRIG_ATTENTION_PAIRS_H

#include <stddef.h>

#include "arm/attention_end.h"
#include "arm/attention_rounding.h"

/* Four keys, less their zero points: the complements of their scores as bytes from 0 to 255, the
 * keys' pairs, and the pairs (0, 2) and (1, 3) of the first and of the second column of values. Where
 * keys end, the last one is repeated, with values of zero. */
typedef struct {
  uint32_t score;
  uint32_t key[4];
  uint32_t value[4];
} tr_four_keys;

/* One (batch, head), and what every row shares. */
typedef struct {
  const tr_attention_s8_params *p;
  tr_four_keys *begin;
  tr_four_keys *end;
  int small; /* no score is outside int16 before it saturates */
} tr_key_groups;

/* What a row's exponentials add up to. */
typedef struct {
  int32_t column[2];
  int32_t sum;
} tr_weighed;

/* Where the next keys and both columns of values are read, and minus their zero points, in pairs. */
typedef struct {
  const int8_t *key;
  const int8_t *value[2];
  uint32_t key_offset;
  uint32_t value_offset;
} tr_key_source;

#if defined(__ARM_FEATURE_DSP)

_Static_assert(offsetof(tr_four_keys, key) == 4, "keys are loaded from the fourth byte on");
_Static_assert(offsetof(tr_four_keys, value) == 20, "and values from the twentieth");
_Static_assert(sizeof(tr_four_keys) == 36, "a group is stepped over in one post-increment");

#define TR_WIDEN_TWO_KEYS(word, at0, at1)                     \
  "sxtab16 %[e], %[keys], %[" word "]\n\t"                    \
  "sxtab16 %[" word "], %[keys], %[" word "], ror #8\n\t"     \
  "pkhbt %[f], %[e], %[" word "], lsl #16\n\t"                \
  "pkhtb %[e], %[" word "], %[e], asr #16\n\t"                \
  "str %[f], [%[to], #" at0 "]\n\t"                           \
  "str %[e], [%[to], #" at1 "]\n\t"

#define TR_WIDEN_VALUES(word, at0, at1)                       \
  "sxtab16 %[e], %[values], %[" word "]\n\t"                  \
  "sxtab16 %[f], %[values], %[" word "], ror #8\n\t"          \
  "str %[e], [%[to], #" at0 "]\n\t"                           \
  "str %[f], [%[to], #" at1 "]\n\t"

/* Widens whole groups, and moves their source on. */
TR_INLINE void tr_widen_groups(tr_four_keys *to, const tr_four_keys *end, tr_key_source *from) {
  uint32_t a;
  uint32_t b;
  uint32_t e;
  uint32_t f;
  TR_NO_UNROLL
  for (; to < end; to++) {
    __asm__ volatile(
        "ldr.w %[b], [%[key], #4]\n\t"
        "ldr %[a], [%[key]], #8\n\t" TR_WIDEN_TWO_KEYS("a", "4", "8")
        TR_WIDEN_TWO_KEYS("b", "12", "16")
        "ldr %[a], [%[one]], #4\n\t"
        "ldr %[b], [%[two]], #4\n\t" TR_WIDEN_VALUES("a", "20", "24")
        TR_WIDEN_VALUES("b", "28", "32")
        : [a] "=&r"(a), [b] "=&r"(b), [e] "=&r"(e), [f] "=&r"(f), [key] "+&r"(from->key),
          [one] "+&r"(from->value[0]), [two] "+&r"(from->value[1])
        : [to] "r"(to), [keys] "r"(from->key_offset), [values] "r"(from->value_offset)
        : "memory");
  }
}

#else

TR_INLINE void tr_widen_groups(tr_four_keys *to, const tr_four_keys *end, tr_key_source *from) {
  for (; to < end; to++) {
    for (int i = 0; i < 4; i++) {
      const uint32_t pair = tr_pair(from->key[0], from->key[1]);
      to->key[i] = tr_pair(tr_low(pair) + tr_low(from->key_offset),
                           tr_high(pair) + tr_low(from->key_offset));
      from->key += 2;
    }
    for (int c = 0; c < 2; c++) {
      const uint32_t values = tr_load4(from->value[c]);
      to->value[2 * c] = tr_add_even_bytes(from->value_offset, values);
      to->value[2 * c + 1] = tr_add_odd_bytes(from->value_offset, values);
      from->value[c] += 4;
    }
  }
}

#endif

/* Keys of two contiguous columns, contiguous themselves; values contiguous in both columns. */
TR_NOINLINE void tr_widen(const tr_key_groups *g, const int8_t *key, const int8_t *value) {
  const tr_attention_s8_params *const p = g->p;
  const int32_t rest = p->t % 4;
  tr_four_keys *const whole = g->begin + p->t / 4;
  tr_key_source from = {key,
                        {value, value + p->v_stride[3]},
                        tr_pair(-p->k_zero_point, -p->k_zero_point),
                        tr_pair(-p->v_zero_point, -p->v_zero_point)};
  tr_widen_groups(g->begin, whole, &from);
  if (rest != 0) {
    int8_t keys[8];
    int8_t values[2][4];
    TR_NO_UNROLL
    for (int32_t i = 0; i < 4; i++) {
      const int32_t last = i < rest ? i : rest - 1;
      keys[2 * i] = from.key[2 * last];
      keys[2 * i + 1] = from.key[2 * last + 1];
      for (int c = 0; c < 2; c++) {
        values[c][i] = i < rest ? from.value[c][i] : (int8_t)p->v_zero_point;
      }
    }
    from.key = keys;
    from.value[0] = values[0];
    from.value[1] = values[1];
    tr_widen_groups(whole, g->end, &from);
  }
}

/* The scores of a query in any form; returns the least of their complements. */
TR_NOINLINE uint32_t tr_pair_scores_any(const tr_key_groups *g, uint32_t query) {
  const tr_attention_s8_params *const p = g->p;
  int32_t largest = INT8_MIN;
  for (tr_four_keys *at = g->begin; at < g->end; at++) {
    at->score = 0;
    for (int i = 0; i < 4; i++) {
      const int32_t acc = tr_dot2(query, at->key[i], p->score_start);
      const int32_t score = tr_finish(&p->score, 0, acc, *p->score.multiplier);
      at->score |= (uint32_t)(INT8_MAX - score) << 8 * i;
      largest = score > largest ? score : largest;
    }
  }
  return (uint32_t)(INT8_MAX - largest);
}

#if defined(__ARM_FEATURE_DSP)

/* Two groups of four a time; with an odd number of them the second one comes first. */
#define TR_TWO_GROUPS(group)    \
  "cmp %[a], #0\n\t"            \
  "bne.w 2f\n\t"                \
  ".p2align 2\n\t"              \
  "1:\n\t" group "2:\n\t" group \
  "cmp.w %[at], %[end]\n\t"     \
  "bne.w 1b\n\t"

#define TR_FOUR_SCORES                            \
  "ldr.w %[a], [%[at], #4]\n\t"                   \
  "ldr.w %[b], [%[at], #8]\n\t"                   \
  "ldr.w %[c], [%[at], #12]\n\t"                  \
  "ldr.w %[d], [%[at], #16]\n\t"                  \
  "smlad %[a], %[query], %[a], %[start]\n\t"      \
  "smlad %[b], %[query], %[b], %[start]\n\t"      \
  "smlad %[c], %[query], %[c], %[start]\n\t"      \
  "smlad %[d], %[query], %[d], %[start]\n\t"      \
  "smmla %[a], %[a], %[scale], %[middle]\n\t"     \
  "smmla %[c], %[c], %[scale], %[middle]\n\t"     \
  "smmla %[b], %[b], %[scale], %[middle]\n\t"     \
  "smmla %[d], %[d], %[scale], %[middle]\n\t"     \
  "pkhbt %[a], %[a], %[c], lsl #16\n\t"           \
  "pkhbt %[b], %[b], %[d], lsl #16\n\t"           \
  "usat16 %[a], #8, %[a]\n\t"                     \
  "usat16 %[b], #8, %[b]\n\t"                     \
  "orr.w %[a], %[a], %[b], lsl #8\n\t"            \
  "mvn.w %[a], %[a]\n\t"                          \
  "str %[a], [%[at]], #36\n\t"                    \
  "usub8 %[b], %[least], %[a]\n\t"                \
  "sel %[least], %[a], %[least]\n\t"

/* The same where a saturating high multiply ends small ones. */
TR_INLINE uint32_t tr_pair_scores(const tr_key_groups *g, uint32_t query) {
  uint32_t at = (uint32_t)(uintptr_t)g->begin;
  uint32_t least = 0xFFFFFFFFU;
  uint32_t a = (uint32_t)(g->end - g->begin) % 2;
  uint32_t b;
  uint32_t c;
  uint32_t d;
  __asm__ volatile(TR_TWO_GROUPS(TR_FOUR_SCORES)
                   : [a] "+&r"(a), [b] "=&r"(b), [c] "=&r"(c), [d] "=&r"(d), [at] "+&r"(at),
                     [least] "+&r"(least)
                   : [query] "r"(query), [start] "r"(g->p->score_start),
                     [scale] "r"(*g->p->score.multiplier), [middle] "r"(-INT8_MIN),
                     [end] "r"((uint32_t)(uintptr_t)g->end)
                   : "cc", "memory");
  least = tr_min4(least, least >> 16);
  return tr_min4(least, least >> 8) & 0xFFU;
}

/* `at` is the word before a group. */
#define TR_FOUR_WEIGHED                            \
  "ldrb.w %[a], [%[at], #4]\n\t"                   \
  "ldrb.w %[b], [%[at], #5]\n\t"                   \
  "ldrb.w %[c], [%[at], #6]\n\t"                   \
  "ldrb.w %[d], [%[at], #7]\n\t"                   \
  "ldr.w %[v], [%[at], #24]\n\t"                   \
  "ldrh.w %[a], [%[exp], %[a], lsl #1]\n\t"        \
  "ldrh.w %[b], [%[exp], %[b], lsl #1]\n\t"        \
  "ldrh.w %[c], [%[exp], %[c], lsl #1]\n\t"        \
  "ldrh.w %[d], [%[exp], %[d], lsl #1]\n\t"        \
  "orr.w %[a], %[a], %[c], lsl #16\n\t"            \
  "orr.w %[b], %[b], %[d], lsl #16\n\t"            \
  "smlad %[one], %[a], %[v], %[one]\n\t"           \
  "smlad %[sum], %[a], %[ones], %[sum]\n\t"        \
  "ldr.w %[c], [%[at], #28]\n\t"                   \
  "ldr.w %[d], [%[at], #32]\n\t"                   \
  "ldr %[v], [%[at], #36]!\n\t"                    \
  "smlad %[two], %[a], %[d], %[two]\n\t"           \
  "smlad %[one], %[b], %[c], %[one]\n\t"           \
  "smlad %[two], %[b], %[v], %[two]\n\t"           \
  "smlad %[sum], %[b], %[ones], %[sum]\n\t"

/* The exponentials of the scores, by how far they are from the least complement, weigh the
 * values. */
TR_INLINE tr_weighed tr_weigh_pairs(const tr_key_groups *g, uint32_t least) {
  tr_weighed w = {{0, 0}, 0};
  uint32_t at = (uint32_t)(uintptr_t)g->begin - 4;
  uint32_t a = (uint32_t)(g->end - g->begin) % 2;
  uint32_t b;
  uint32_t c;
  uint32_t d;
  uint32_t v;
  __asm__ volatile(TR_TWO_GROUPS(TR_FOUR_WEIGHED)
                   : [a] "+&r"(a), [b] "=&r"(b), [c] "=&r"(c), [d] "=&r"(d), [v] "=&r"(v),
                     [at] "+&r"(at), [one] "+&r"(w.column[0]), [two] "+&r"(w.column[1]),
                     [sum] "+&r"(w.sum)
                   : [exp] "r"((uint32_t)(uintptr_t)g->p->exp - 2 * least), [ones] "r"(0x00010001U),
                     [end] "r"((uint32_t)(uintptr_t)g->end - 4)
                   : "cc", "memory");
  return w;
}

#else

TR_INLINE uint32_t tr_pair_scores(const tr_key_groups *g, uint32_t query) {
  return tr_pair_scores_any(g, query);
}

TR_INLINE tr_weighed tr_weigh_pairs(const tr_key_groups *g, uint32_t least) {
  tr_weighed w = {{0, 0}, 0};
  for (const tr_four_keys *at = g->begin; at < g->end; at++) {
    for (int i = 0; i < 4; i++) {
      const int32_t weight = g->p->exp[(at->score >> 8 * i & 0xFFU) - least];
      const int shift = 8 * (i & 2);
      w.column[0] += weight * tr_low(at->value[i & 1] >> shift);
      w.column[1] += weight * tr_low(at->value[2 + (i & 1)] >> shift);
      w.sum += weight;
    }
  }
  return w;
}

#endif

/* What a row's probabilities are rounded by: `sum` is that of its exponentials. */
TR_NOINLINE tr_row_rounding tr_pair_rounding(const tr_key_groups *g, uint32_t least, uint32_t sum) {
  const uint32_t *const fine = g->p->rounding.fine;
  if (fine != 0) {
    sum = 0;
    for (int32_t j = 0; j < g->p->t; j++) {
      sum += fine[(g->begin[j / 4].score >> 8 * (j % 4) & 0xFFU) - least];
    }
  }
  return tr_row_rounding_for(g->p->value, sum);
}

/* The same with probabilities, from the start of their sums on. */
TR_NOINLINE tr_weighed tr_weigh_rounded(const tr_key_groups *g, uint32_t least, tr_row_rounding r) {
  const tr_rounding *const rounding = &g->p->rounding;
  tr_weighed w = {{rounding->start, rounding->start}, 0};
  TR_NO_UNROLL
  for (const tr_four_keys *at = g->begin; at < g->end; at++) {
    const uint16_t *const exp = g->p->exp;
    const uint32_t below = tr_sub4(at->score, least * 0x01010101U);
    uint32_t even = exp[below & 0xFFU] | (uint32_t)exp[below >> 16 & 0xFFU] << 16;
    uint32_t odd = exp[below >> 8 & 0xFFU] | (uint32_t)exp[below >> 24] << 16;
    even = tr_round_two(r, even, rounding->most);
    odd = tr_round_two(r, odd, rounding->most);
    for (int c = 0; c < 2; c++) {
      w.column[c] = tr_dot2(even, at->value[2 * c], w.column[c]);
      w.column[c] = tr_dot2(odd, at->value[2 * c + 1], w.column[c]);
    }
  }
  return w;
}

TR_NOINLINE void tr_attend_row(const tr_key_groups *g, const int8_t *q, int8_t *y) {
  const tr_attention_s8_params *const p = g->p;
  const uint32_t query = tr_pair(q[0] - p->q_zero_point, q[p->q_stride[3]] - p->q_zero_point);
  const uint32_t least = g->small ? tr_pair_scores(g, query) : tr_pair_scores_any(g, query);
  tr_weighed w = tr_weigh_pairs(g, least);
  const int32_t repeated = 4 * (int32_t)(g->end - g->begin) - p->t;
  const int32_t sum = w.sum - repeated * p->exp[(g->end[-1].score >> 24) - least];
  if (p->rounding.most != 0) {
    w = tr_weigh_rounded(g, least, tr_pair_rounding(g, least, (uint32_t)sum));
  }
  const tr_row_multiplier scale = tr_attention_scale(p, (uint32_t)sum);
  for (int c = 0; c < 2; c++) {
    y[c * p->y_stride[3]] = (int8_t)tr_attention_output(p, scale, w.column[c]);
  }
}

/* True when a score stays inside int16 before it saturates: a start value of at most 2^14 steps, and
 * products of two pairs of nine-bit factors, by a factor of at most 1/16. */
TR_INLINE int tr_scores_are_small(const tr_attention_s8_params *p) {
  const int32_t m = *p->score.multiplier;
  const int32_t start = tr_high_multiply(p->score_start, m);
  return tr_finish_is_narrow(&p->score) && m <= 1 << 28 && start >= -(1 << 14) && start < 1 << 14;
}

TR_INLINE void tr_attention_pairs(const tr_attention_s8_params *p, const int8_t *q,
                                  const int8_t *k, const int8_t *v, int8_t *y, void *scratch) {
  tr_four_keys *const groups = scratch;
  const tr_key_groups g = {p, groups, groups + (p->t + 3) / 4, tr_scores_are_small(p)};
  for (int32_t i = 0; i < p->batch0; i++) {
    for (int32_t j = 0; j < p->batch1; j++) {
      tr_widen(&g, k + i * p->k_stride[0] + j * p->k_stride[1],
               v + i * p->v_stride[0] + j * p->v_stride[1]);
      const int8_t *query = q + i * p->q_stride[0] + j * p->q_stride[1];
      int8_t *to = y + i * p->y_stride[0] + j * p->y_stride[1];
      for (int32_t n = p->s; n > 0; n--) {
        tr_attend_row(&g, query, to);
        query += p->q_stride[2];
        to += p->y_stride[2];
      }
    }
  }
}

#endif
