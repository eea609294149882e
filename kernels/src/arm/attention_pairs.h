/* Attention whose heads have two columns: a key is one word, and a row's exponentials weigh the
 * values as they are looked up, so that they are never stored; where they are rounded, they are
 * looked up twice, because that takes their sum, or `kept`. Forms differ in the order of
 * instructions. */
#ifndef TINYRIG_ATTENTION_PAIRS_H
#define TINYRIG_ATTENTION_PAIRS_H

#include "arm/attention_end.h"
#include "arm/attention_pairs_rounded.h"
#include "arm/key_groups.h"

/* The scores of a query in any form; returns the least of their complements. */
TR_NOINLINE uint32_t tr_pair_scores_any(const tr_key_groups *g, uint32_t query, const int kept) {
  const tr_attention_s8_params *const p = g->p;
  int32_t largest = INT8_MIN;
  for (tr_four_keys *at = g->begin; at < g->end; at = tr_groups_on(at, 1, kept)) {
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

/* The scores of a group, two and two in a register. Loads are narrow by twos, so that a query's code
 * fits a cache of 1 KB. */
#define TR_FOUR_PRODUCTS                      \
  "ldr.n %[a], [%[at], #4]\n\t"               \
  "ldr.n %[b], [%[at], #8]\n\t"               \
  "ldr.n %[c], [%[at], #12]\n\t"              \
  "ldr.n %[d], [%[at], #16]\n\t"              \
  "smlad %[a], %[query], %[a], %[start]\n\t"  \
  "smlad %[b], %[query], %[b], %[start]\n\t"  \
  "smlad %[c], %[query], %[c], %[start]\n\t"  \
  "smlad %[d], %[query], %[d], %[start]\n\t"  \
  "smmla %[a], %[a], %[scale], %[middle]\n\t" \
  "smmla %[c], %[c], %[scale], %[middle]\n\t" \
  "smmla %[b], %[b], %[scale], %[middle]\n\t" \
  "smmla %[d], %[d], %[scale], %[middle]\n\t" \
  "pkhbt %[a], %[a], %[c], lsl #16\n\t"       \
  "pkhbt %[b], %[b], %[d], lsl #16\n\t"

#define TR_FOUR_SCORES(kept)                    \
  TR_FOUR_PRODUCTS                              \
  "usat16 %[a], #8, %[a]\n\t"                   \
  "usat16 %[b], #8, %[b]\n\t"                   \
  "orr.w %[a], %[a], %[b], lsl #8\n\t"          \
  "mvn.w %[a], %[a]\n\t"                        \
  "str %[a], [%[at]], #" TR_GROUP_##kept "\n\t" \
  "usub8 %[b], %[least], %[a]\n\t"              \
  "sel %[least], %[a], %[least]\n\t"

/* The same of two groups: the first one's end hides how long the second one's products take. */
#define TR_EIGHT_SCORES(kept)                          \
  TR_FOUR_PRODUCTS                                     \
  "ldr.n %[c], [%[at], #" TR_GROUP_##kept " + 4]\n\t"  \
  "ldr.n %[d], [%[at], #" TR_GROUP_##kept " + 8]\n\t"  \
  "ldr.n %[e], [%[at], #" TR_GROUP_##kept " + 12]\n\t" \
  "ldr.n %[f], [%[at], #" TR_GROUP_##kept " + 16]\n\t" \
  "smlad %[c], %[query], %[c], %[start]\n\t"           \
  "usat16 %[a], #8, %[a]\n\t"                          \
  "smlad %[d], %[query], %[d], %[start]\n\t"           \
  "usat16 %[b], #8, %[b]\n\t"                          \
  "smlad %[e], %[query], %[e], %[start]\n\t"           \
  "mvn.w %[a], %[a]\n\t"                               \
  "smlad %[f], %[query], %[f], %[start]\n\t"           \
  "smmla %[c], %[c], %[scale], %[middle]\n\t"          \
  "bic.w %[a], %[a], %[b], lsl #8\n\t"                 \
  "smmla %[e], %[e], %[scale], %[middle]\n\t"          \
  "smmla %[d], %[d], %[scale], %[middle]\n\t"          \
  "str %[a], [%[at]], #2 * " TR_GROUP_##kept "\n\t"    \
  "smmla %[f], %[f], %[scale], %[middle]\n\t"          \
  "pkhbt %[c], %[c], %[e], lsl #16\n\t"                \
  "usat16 %[c], #8, %[c]\n\t"                          \
  "pkhbt %[d], %[d], %[f], lsl #16\n\t"                \
  "usat16 %[d], #8, %[d]\n\t"                          \
  "usub8 %[b], %[least], %[a]\n\t"                     \
  "sel %[least], %[a], %[least]\n\t"                   \
  "mvn.w %[c], %[c]\n\t"                               \
  "bic.w %[c], %[c], %[d], lsl #8\n\t"                 \
  "str %[c], [%[at], #-" TR_GROUP_##kept "]\n\t"       \
  "usub8 %[d], %[least], %[c]\n\t"                     \
  "sel %[least], %[c], %[least]\n\t"

/* Cortex-M7: a group in e, f, c and d or in a, b, c and d, whose scores are made in e or a while the
 * products of the next, if `next`, take the place of the others. */
#define TR_KEY_M7(to, which, kept) \
  "ldr.w %[" to "], [%[at], #" TR_GROUP_##kept " + 4 * " which " + 4]\n\t"
#define TR_PRODUCT_M7(of) "smlad %[" of "], %[query], %[" of "], %[start]\n\t"
#define TR_SCALED_M7(of) "smmla %[" of "], %[" of "], %[scale], %[middle]\n\t"
#define TR_SCORES_M7(one, two, three, four, next, kept)                                      \
  next(TR_KEY_M7(three, "0", kept) TR_KEY_M7(four, "1", kept))                 \
  "pkhbt %[" one "], %[" one "], %[c], lsl #16\n\t" next(TR_KEY_M7("c", "2", kept))         \
  "pkhbt %[" two "], %[" two "], %[d], lsl #16\n\t" next(TR_KEY_M7("d", "3", kept))         \
  "usat16 %[" one "], #8, %[" one "]\n\t" next(TR_PRODUCT_M7(three))                  \
  "usat16 %[" two "], #8, %[" two "]\n\t" next(TR_PRODUCT_M7(four))                  \
  "mvn.w %[" one "], %[" one "]\n\t" next(TR_PRODUCT_M7("c") TR_PRODUCT_M7("d"))            \
  "bic.w %[" one "], %[" one "], %[" two "], lsl #8\n\t" next(TR_SCALED_M7(three))    \
  "usub8 %[" two "], %[least], %[" one "]\n\t" next(TR_SCALED_M7("c"))                      \
  "sel %[least], %[" one "], %[least]\n\t" next(TR_SCALED_M7(four) TR_SCALED_M7("d")) \
  "str %[" one "], [%[at]], #" TR_GROUP_##kept "\n\t"
#define TR_GOES_ON(text) text
#define TR_IS_LAST(text)

/* `a` tells whether the number of groups is odd: the last one's scores are made in a. */
#define TR_PAIR_SCORES_M7(form)                                                                   \
  __asm__ volatile(                                                                               \
      "ldr.w %[e], [%[at], #4]\n\tldr.w %[f], [%[at], #8]\n\t"                                    \
      "ldr.w %[c], [%[at], #12]\n\tldr.w %[d], [%[at], #16]\n\t" TR_PRODUCT_M7("e")               \
      TR_PRODUCT_M7("f") TR_PRODUCT_M7("c") TR_PRODUCT_M7("d") TR_SCALED_M7("e") TR_SCALED_M7("c") \
      TR_SCALED_M7("f") TR_SCALED_M7("d") "cmp %[a], #0\n\tmov %[a], %[e]\n\tmov %[b], %[f]\n\t"  \
      "beq.w 2f\n\tcmp.w %[at], %[last]\n\tbeq.w 3f\n\t"                                          \
      ".p2align 2\n\t1:\n\t" TR_SCORES_M7("a", "b", "e", "f", TR_GOES_ON, form)                       \
      "2:\n\t" TR_SCORES_M7("e", "f", "a", "b", TR_GOES_ON, form)                                     \
      "cmp.w %[at], %[last]\n\tbne.w 1b\n\t"                                                      \
      "3:\n\t" TR_SCORES_M7("a", "b", "e", "f", TR_IS_LAST, form)                                     \
      : [a] "+&r"(a), [b] "=&r"(b), [c] "=&r"(c), [d] "=&r"(d), [e] "=&r"(e), [f] "=&r"(f),       \
        [at] "+&r"(at), [least] "+&r"(least)                                                      \
      : [query] "r"(query), [start] "r"(g->p->score_start), [scale] "r"(*g->p->score.multiplier), \
        [middle] "r"(-INT8_MIN), [last] "r"((uint32_t)(uintptr_t)tr_last_group(g, kept))   \
      : "cc", "memory")

#define TR_PAIR_SCORES(kept)                                                                      \
  __asm__ volatile(                                                                               \
      TR_ODD_GROUP_FIRST(TR_FOUR_SCORES(kept), TR_EIGHT_SCORES(kept))                             \
      : [a] "+&l"(a), [b] "=&l"(b), [c] "=&l"(c), [d] "=&l"(d), [e] "=&l"(e), [f] "=&l"(f),       \
        [at] "+&l"(at), [least] "+&h"(least)                                                      \
      : [query] "h"(query), [start] "h"(g->p->score_start), [scale] "h"(*g->p->score.multiplier), \
        [middle] "h"(-INT8_MIN), [end] "h"((uint32_t)(uintptr_t)g->end)                           \
      : "cc", "memory")

/* The same where a saturating high multiply ends small ones. */
TR_INLINE uint32_t tr_pair_scores(const tr_key_groups *g, uint32_t query, const tr_form form,
                                  const int kept) {
  uint32_t at = (uint32_t)(uintptr_t)g->begin;
  uint32_t least = 0xFFFFFFFFU;
  uint32_t a = g->odd;
  uint32_t b;
  uint32_t c;
  uint32_t d;
  uint32_t e;
  uint32_t f;
  if (tr_is_m7(form) && kept) {
    TR_PAIR_SCORES_M7(KEPT);
  } else if (tr_is_m7(form)) {
    TR_PAIR_SCORES_M7(LOST);
  } else if (kept) {
    TR_PAIR_SCORES(KEPT);
  } else {
    TR_PAIR_SCORES(LOST);
  }
  least = tr_min4(least, least >> 16);
  return tr_min4(least, least >> 8) & 0xFFU;
}

/* `at` is the word before a group, whose last value is loaded last. */
#define TR_LAST_VALUE_KEPT "ldr %[v], [%[at], #36]\n\tadd.w %[at], %[at], #40\n\t"
#define TR_LAST_VALUE_LOST "ldr %[v], [%[at], #36]!\n\t"
#define TR_FOUR_WEIGHED(kept)               \
  "ldrb.w %[a], [%[at], #4]\n\t"            \
  "ldrb.w %[b], [%[at], #5]\n\t"            \
  "ldrb.w %[c], [%[at], #6]\n\t"            \
  "ldrb.w %[d], [%[at], #7]\n\t"            \
  "ldr.w %[v], [%[at], #24]\n\t"            \
  TR_FOUR_LOOKED_UP                         \
  "smlad %[one], %[a], %[v], %[one]\n\t"    \
  "smlad %[sum], %[a], %[ones], %[sum]\n\t" \
  "ldr.w %[c], [%[at], #28]\n\t"            \
  "ldr.w %[d], [%[at], #32]\n\t"            \
  TR_LAST_VALUE_##kept                      \
  "smlad %[two], %[a], %[d], %[two]\n\t"    \
  "smlad %[one], %[b], %[c], %[one]\n\t"    \
  "smlad %[two], %[b], %[v], %[two]\n\t"    \
  "smlad %[sum], %[b], %[ones], %[sum]\n\t"

#define TR_WEIGH_PAIRS(kept)                                                               \
  __asm__ volatile(TR_TWO_GROUPS(TR_FOUR_WEIGHED(kept))                                    \
                   : [a] "+&r"(a), [b] "=&r"(b), [c] "=&r"(c), [d] "=&r"(d), [v] "=&r"(v), \
                     [at] "+&r"(at), [one] "+&r"(w.column[0]), [two] "+&r"(w.column[1]),   \
                     [sum] "+&r"(w.sum)                                                    \
                   : [exp] "r"((uint32_t)(uintptr_t)g->p->exp - 2 * least),                \
                     [ones] "r"(0x00010001U), [end] "r"((uint32_t)(uintptr_t)g->end - 4)   \
                   : "cc", "memory")

/* The exponentials of the scores, by how far they are from the least complement, weigh the
 * values. */
TR_INLINE tr_weighed tr_weigh_pairs(const tr_key_groups *g, uint32_t least, const int kept) {
  tr_weighed w = {{0, 0}, 0};
  uint32_t at = (uint32_t)(uintptr_t)g->begin - 4;
  uint32_t a = g->odd;
  uint32_t b;
  uint32_t c;
  uint32_t d;
  uint32_t v;
  if (kept) {
    TR_WEIGH_PAIRS(KEPT);
  } else {
    TR_WEIGH_PAIRS(LOST);
  }
  return w;
}

#else

TR_INLINE uint32_t tr_pair_scores(const tr_key_groups *g, uint32_t query, const tr_form form,
                                  const int kept) {
  (void)form;
  return tr_pair_scores_any(g, query, kept);
}

TR_INLINE tr_weighed tr_weigh_pairs(const tr_key_groups *g, uint32_t least, const int kept) {
  tr_weighed w = {{0, 0}, 0};
  for (tr_four_keys *at = g->begin; at < g->end; at = tr_groups_on(at, 1, kept)) {
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

/* The outputs of a row in any form. */
TR_NOINLINE void tr_outputs_any(const tr_key_groups *g, uint32_t least, int8_t *y,
                                const tr_form form, const int kept) {
  const tr_attention_s8_params *const p = g->p;
  tr_weighed w;
  if (p->rounding.most != 0) {
    w = tr_weigh_rounded(g, least, form, kept);
  } else {
    w = tr_weigh_pairs(g, least, kept);
    w.sum -= g->repeated * p->exp[(tr_last_group(g, kept)->score >> 24) - least];
  }
  const tr_row_multiplier scale = tr_attention_scale(p, (uint32_t)w.sum);
  for (int c = 0; c < 2; c++) {
    y[c * p->y_stride[3]] = (int8_t)tr_attention_output(p, scale, w.column[c]);
  }
}

TR_INLINE void tr_attend_row(const tr_key_groups *g, const int8_t *q, int8_t *y, const tr_form form,
                             const int kept) {
  const tr_attention_s8_params *const p = g->p;
  const uint32_t query = tr_pair(q[0] - p->q_zero_point, q[p->q_stride[3]] - p->q_zero_point);
  const uint32_t least =
      g->small ? tr_pair_scores(g, query, form, kept) : tr_pair_scores_any(g, query, kept);
  if (g->plain) {
    const tr_weighed w = tr_weigh_rounded(g, least, form, kept);
    const int32_t m = *p->rounding.requant.multiplier;
    y[0] = (int8_t)tr_saturate8(tr_high_multiply(w.column[0], m));
    y[p->y_stride[3]] = (int8_t)tr_saturate8(tr_high_multiply(w.column[1], m));
    return;
  }
  tr_outputs_any(g, least, y, form, kept);
}

/* True when a score stays inside int16 before it saturates: a start value of at most 2^14 steps, and
 * products of two pairs of nine-bit factors, by a factor of at most 1/16. */
TR_INLINE int tr_scores_are_small(const tr_attention_s8_params *p) {
  const int32_t m = *p->score.multiplier;
  const int32_t start = tr_high_multiply(p->score_start, m);
  return tr_finish_is_narrow(&p->score) && m <= 1 << 28 && start >= -(1 << 14) && start < 1 << 14;
}

TR_INLINE void tr_attention_pairs(const tr_attention_s8_params *p, const int8_t *q, const int8_t *k,
                                  const int8_t *v, int8_t *y, void *scratch, const tr_form form,
                                  const int kept) {
  tr_four_keys *const groups = scratch;
  const int32_t count = (p->t + 3) / 4;
  const tr_key_groups g = {p,
                           groups,
                           tr_groups_on(groups, count, kept),
                           (uint32_t)count % 2,
                           4 * count - p->t,
                           tr_scores_are_small(p),
                           p->rounding.most != 0 && tr_attention_is_plain(p)};
  for (int32_t i = 0; i < p->batch0; i++) {
    for (int32_t j = 0; j < p->batch1; j++) {
      tr_widen(&g, k + i * p->k_stride[0] + j * p->k_stride[1],
               v + i * p->v_stride[0] + j * p->v_stride[1], kept);
      const int8_t *query = q + i * p->q_stride[0] + j * p->q_stride[1];
      int8_t *to = y + i * p->y_stride[0] + j * p->y_stride[1];
      for (int32_t n = p->s; n > 0; n--) {
        tr_attend_row(&g, query, to, form, kept);
        query += p->q_stride[2];
        to += p->y_stride[2];
      }
    }
  }
}

#endif
