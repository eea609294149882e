/* Probabilities rounded to int8, for heads of two columns. Rounding takes the sum of a row's
 * exponentials: where scratch has no room for them, they are looked up once for their sum and again
 * for their probabilities; where they are `kept` they take the place of the scores,
 * which `fine` exponentials would still need. */
#ifndef TINYRIG_ATTENTION_PAIRS_ROUNDED_H
#define TINYRIG_ATTENTION_PAIRS_ROUNDED_H

#include "arm/attention_rounding.h"
#include "arm/form.h"
#include "arm/key_groups.h"

#if defined(__ARM_FEATURE_DSP)

#define TR_FOUR_KEPT                        \
  "ldrb.n %[a], [%[at]]\n\t"                \
  "ldrb.n %[b], [%[at], #1]\n\t"            \
  "ldrb.n %[c], [%[at], #2]\n\t"            \
  "ldrb.n %[d], [%[at], #3]\n\t"            \
  TR_FOUR_LOOKED_UP                         \
  "str %[a], [%[at]], #40\n\t"              \
  "smlad %[sum], %[a], %[ones], %[sum]\n\t" \
  "str %[b], [%[at], #-4]\n\t"              \
  "smlad %[sum], %[b], %[ones], %[sum]\n\t"

/* The same of two groups; on Cortex-M7 the one's look-ups stand beside the other's. */
#define TR_EIGHT_KEPT_M4                    \
  "ldrb.n %[a], [%[at]]\n\t"                \
  "ldrb.n %[b], [%[at], #1]\n\t"            \
  "ldrb.n %[c], [%[at], #2]\n\t"            \
  "ldrb.n %[d], [%[at], #3]\n\t"            \
  "ldrb.w %[e], [%[at], #40]\n\t"           \
  "ldrb.w %[f], [%[at], #41]\n\t"           \
  "ldrb.w %[m], [%[at], #42]\n\t"           \
  "ldrb.w %[n], [%[at], #43]\n\t"           \
  "ldrh.w %[a], [%[exp], %[a], lsl #1]\n\t" \
  "ldrh.w %[b], [%[exp], %[b], lsl #1]\n\t" \
  "ldrh.w %[c], [%[exp], %[c], lsl #1]\n\t" \
  "ldrh.w %[d], [%[exp], %[d], lsl #1]\n\t" \
  "ldrh.w %[e], [%[exp], %[e], lsl #1]\n\t" \
  "ldrh.w %[f], [%[exp], %[f], lsl #1]\n\t" \
  "ldrh.w %[m], [%[exp], %[m], lsl #1]\n\t" \
  "ldrh.w %[n], [%[exp], %[n], lsl #1]\n\t" \
  "orr.w %[a], %[a], %[c], lsl #16\n\t"     \
  "orr.w %[b], %[b], %[d], lsl #16\n\t"     \
  "smlad %[sum], %[a], %[ones], %[sum]\n\t" \
  "str %[a], [%[at]], #80\n\t"              \
  "smlad %[sum], %[b], %[ones], %[sum]\n\t" \
  "str %[b], [%[at], #-44]\n\t"             \
  "orr.w %[e], %[e], %[m], lsl #16\n\t"     \
  "orr.w %[f], %[f], %[n], lsl #16\n\t"     \
  "smlad %[sum], %[e], %[ones], %[sum]\n\t" \
  "str %[e], [%[at], #-40]\n\t"             \
  "smlad %[sum], %[f], %[ones], %[sum]\n\t" \
  "str %[f], [%[at], #-4]\n\t"
#define TR_EIGHT_KEPT_M7                    \
  "ldrb.w %[a], [%[at]]\n\t"                \
  "ldrb.w %[b], [%[at], #1]\n\t"            \
  "ldrb.w %[c], [%[at], #2]\n\t"            \
  "ldrb.w %[d], [%[at], #3]\n\t"            \
  "ldrh.w %[a], [%[exp], %[a], lsl #1]\n\t" \
  "ldrb.w %[e], [%[at], #40]\n\t"           \
  "ldrh.w %[b], [%[exp], %[b], lsl #1]\n\t" \
  "ldrb.w %[f], [%[at], #41]\n\t"           \
  "ldrh.w %[c], [%[exp], %[c], lsl #1]\n\t" \
  "ldrb.w %[m], [%[at], #42]\n\t"           \
  "ldrh.w %[d], [%[exp], %[d], lsl #1]\n\t" \
  "ldrb.w %[n], [%[at], #43]\n\t"           \
  "ldrh.w %[e], [%[exp], %[e], lsl #1]\n\t" \
  "orr.w %[a], %[a], %[c], lsl #16\n\t"     \
  "ldrh.w %[f], [%[exp], %[f], lsl #1]\n\t" \
  "orr.w %[b], %[b], %[d], lsl #16\n\t"     \
  "ldrh.w %[m], [%[exp], %[m], lsl #1]\n\t" \
  "smlad %[sum], %[a], %[ones], %[sum]\n\t" \
  "ldrh.w %[n], [%[exp], %[n], lsl #1]\n\t" \
  "str %[a], [%[at]], #80\n\t"              \
  "smlad %[sum], %[b], %[ones], %[sum]\n\t" \
  "str %[b], [%[at], #-44]\n\t"             \
  "orr.w %[e], %[e], %[m], lsl #16\n\t"     \
  "orr.w %[f], %[f], %[n], lsl #16\n\t"     \
  "smlad %[sum], %[e], %[ones], %[sum]\n\t" \
  "str %[e], [%[at], #-40]\n\t"             \
  "smlad %[sum], %[f], %[ones], %[sum]\n\t" \
  "str %[f], [%[at], #-4]\n\t"

#define TR_FOUR_SUMMED                      \
  "ldrb.w %[b], [%[at], #1]\n\t"            \
  "ldrb.w %[c], [%[at], #2]\n\t"            \
  "ldrb.w %[d], [%[at], #3]\n\t"            \
  "ldrb %[a], [%[at]], #36\n\t"             \
  "ldrh.w %[b], [%[exp], %[b], lsl #1]\n\t" \
  "ldrh.w %[c], [%[exp], %[c], lsl #1]\n\t" \
  "ldrh.w %[d], [%[exp], %[d], lsl #1]\n\t" \
  "ldrh.w %[a], [%[exp], %[a], lsl #1]\n\t" \
  "add.w %[b], %[b], %[c]\n\t"              \
  "add.w %[a], %[a], %[d]\n\t"              \
  "add.w %[sum], %[a], %[b]\n\t"

#define TR_EIGHT_SUMMED_M4                  \
  "ldrb.w %[a], [%[at], #36]\n\t"           \
  "ldrb.w %[b], [%[at], #37]\n\t"           \
  "ldrb.w %[c], [%[at], #38]\n\t"           \
  "ldrb.w %[d], [%[at], #39]\n\t"           \
  "ldrb.w %[f], [%[at], #1]\n\t"            \
  "ldrb.w %[m], [%[at], #2]\n\t"            \
  "ldrb.w %[n], [%[at], #3]\n\t"            \
  "ldrb %[e], [%[at]], #72\n\t"             \
  "ldrh.w %[a], [%[exp], %[a], lsl #1]\n\t" \
  "ldrh.w %[b], [%[exp], %[b], lsl #1]\n\t" \
  "ldrh.w %[c], [%[exp], %[c], lsl #1]\n\t" \
  "ldrh.w %[d], [%[exp], %[d], lsl #1]\n\t" \
  "ldrh.w %[f], [%[exp], %[f], lsl #1]\n\t" \
  "ldrh.w %[m], [%[exp], %[m], lsl #1]\n\t" \
  "ldrh.w %[n], [%[exp], %[n], lsl #1]\n\t" \
  "ldrh.w %[e], [%[exp], %[e], lsl #1]\n\t" \
  "add.w %[a], %[a], %[b]\n\t"              \
  "add.w %[c], %[c], %[d]\n\t"              \
  "add.w %[f], %[f], %[m]\n\t"              \
  "add.w %[n], %[n], %[e]\n\t"              \
  "add.w %[a], %[a], %[c]\n\t"              \
  "add.w %[f], %[f], %[n]\n\t"              \
  "add.w %[sum], %[sum], %[a]\n\t"          \
  "add.w %[sum], %[sum], %[f]\n\t"
#define TR_EIGHT_SUMMED_M7                  \
  "ldrb.w %[a], [%[at], #36]\n\t"           \
  "ldrb.w %[b], [%[at], #37]\n\t"           \
  "ldrb.w %[c], [%[at], #38]\n\t"           \
  "ldrb.w %[d], [%[at], #39]\n\t"           \
  "ldrh.w %[a], [%[exp], %[a], lsl #1]\n\t" \
  "ldrb.w %[f], [%[at], #1]\n\t"            \
  "ldrh.w %[b], [%[exp], %[b], lsl #1]\n\t" \
  "ldrb.w %[m], [%[at], #2]\n\t"            \
  "ldrh.w %[c], [%[exp], %[c], lsl #1]\n\t" \
  "ldrb.w %[n], [%[at], #3]\n\t"            \
  "ldrh.w %[d], [%[exp], %[d], lsl #1]\n\t" \
  "ldrb %[e], [%[at]], #72\n\t"             \
  "ldrh.w %[f], [%[exp], %[f], lsl #1]\n\t" \
  "add.w %[a], %[a], %[b]\n\t"              \
  "ldrh.w %[m], [%[exp], %[m], lsl #1]\n\t" \
  "add.w %[c], %[c], %[d]\n\t"              \
  "ldrh.w %[n], [%[exp], %[n], lsl #1]\n\t" \
  "add.w %[a], %[a], %[c]\n\t"              \
  "ldrh.w %[e], [%[exp], %[e], lsl #1]\n\t" \
  "add.w %[sum], %[sum], %[a]\n\t"          \
  "add.w %[f], %[f], %[m]\n\t"              \
  "add.w %[n], %[n], %[e]\n\t"              \
  "add.w %[f], %[f], %[n]\n\t"              \
  "add.w %[sum], %[sum], %[f]\n\t"

#define TR_SUM_GROUPS_KEPT(core)                                                           \
  __asm__ volatile(TR_ODD_GROUP_FIRST(TR_FOUR_KEPT, TR_EIGHT_KEPT_##core)                  \
                   : [a] "+&l"(a), [b] "=&l"(b), [c] "=&l"(c), [d] "=&l"(d), [e] "=&r"(e), \
                     [f] "=&r"(f), [m] "=&r"(m), [n] "=&r"(n), [at] "+&l"(at),             \
                     [sum] "+&r"(sum)                                                      \
                   : [exp] "r"((uint32_t)(uintptr_t)g->p->exp - 2 * least),                \
                     [ones] "r"(0x00010001U), [end] "r"((uint32_t)(uintptr_t)g->end)       \
                   : "cc", "memory")

#define TR_SUM_GROUPS_LOST(core)                                                           \
  __asm__ volatile(TR_ODD_GROUP_FIRST(TR_FOUR_SUMMED, TR_EIGHT_SUMMED_##core)              \
                   : [a] "+&r"(a), [b] "=&r"(b), [c] "=&r"(c), [d] "=&r"(d), [e] "=&r"(e), \
                     [f] "=&r"(f), [m] "=&r"(m), [n] "=&r"(n), [at] "+&r"(at),             \
                     [sum] "+&r"(sum)                                                      \
                   : [exp] "r"((uint32_t)(uintptr_t)g->p->exp - 2 * least),                \
                     [end] "r"((uint32_t)(uintptr_t)g->end)                                \
                   : "cc", "memory")

/* What the exponentials of a row add up to, of whole groups, one where their number is odd, and
 * then two at a time. Where they are kept, they take the scores' place. */
TR_INLINE uint32_t tr_sum_pairs(const tr_key_groups *g, uint32_t least, const tr_form form,
                                const int kept) {
  uint32_t at = (uint32_t)(uintptr_t)g->begin;
  uint32_t sum = 0;
  uint32_t a = g->odd;
  uint32_t b;
  uint32_t c;
  uint32_t d;
  uint32_t e;
  uint32_t f;
  uint32_t m;
  uint32_t n;
  if (kept) {
    TR_BY_CORE(form, TR_SUM_GROUPS_KEPT);
  } else {
    TR_BY_CORE(form, TR_SUM_GROUPS_LOST);
  }
  return sum;
}

/* Probabilities stay where the products have them, `shift - 16` up in the upper halves, and only
 * lose the bits below. */
#define TR_FOUR_ROUNDED_LOST                \
  "ldrb.w %[b], [%[at], #1]\n\t"            \
  "ldrb.w %[c], [%[at], #2]\n\t"            \
  "ldrb.w %[d], [%[at], #3]\n\t"            \
  "ldr.w %[v], [%[at], #20]\n\t"            \
  "ldrb %[a], [%[at]], #36\n\t"             \
  "ldrh.w %[b], [%[exp], %[b], lsl #1]\n\t" \
  "ldrh.w %[c], [%[exp], %[c], lsl #1]\n\t" \
  "ldrh.w %[d], [%[exp], %[d], lsl #1]\n\t" \
  "ldrh.w %[a], [%[exp], %[a], lsl #1]\n\t" \
  "smlawb %[b], %[m], %[b], %[half]\n\t"    \
  "smlawb %[d], %[m], %[d], %[half]\n\t"    \
  "smlawb %[c], %[m], %[c], %[half]\n\t"    \
  "smlawb %[a], %[m], %[a], %[half]\n\t"    \
  "pkhtb %[b], %[d], %[b], asr #16\n\t"     \
  "pkhtb %[a], %[c], %[a], asr #16\n\t"     \
  "and.w %[b], %[b], %[mask]\n\t"           \
  "and.w %[a], %[a], %[mask]\n\t"           \
  "smlad %[one], %[a], %[v], %[one]\n\t"    \
  "ldr %[c], [%[at], #-12]\n\t"             \
  "ldr %[d], [%[at], #-8]\n\t"              \
  "ldr %[v], [%[at], #-4]\n\t"              \
  "smlad %[one], %[b], %[c], %[one]\n\t"    \
  "smlad %[two], %[a], %[d], %[two]\n\t"    \
  "smlad %[two], %[b], %[v], %[two]\n\t"

#define TR_FOUR_ROUNDED_KEPT_M4          \
  "ldr.n %[b], [%[at], #36]\n\t"         \
  "ldr.n %[v], [%[at], #20]\n\t"         \
  "ldr %[a], [%[at]], #40\n\t"           \
  "smlawb %[d], %[m], %[b], %[half]\n\t" \
  "smlawt %[b], %[m], %[b], %[half]\n\t" \
  "smlawb %[c], %[m], %[a], %[half]\n\t" \
  "smlawt %[a], %[m], %[a], %[half]\n\t" \
  "pkhtb %[b], %[b], %[d], asr #16\n\t"  \
  "and.w %[b], %[b], %[mask]\n\t"        \
  "pkhtb %[a], %[a], %[c], asr #16\n\t"  \
  "and.w %[a], %[a], %[mask]\n\t"        \
  "smlad %[one], %[a], %[v], %[one]\n\t" \
  "ldr %[c], [%[at], #-16]\n\t"          \
  "ldr %[d], [%[at], #-12]\n\t"          \
  "ldr %[v], [%[at], #-8]\n\t"           \
  "smlad %[one], %[b], %[c], %[one]\n\t" \
  "smlad %[two], %[a], %[d], %[two]\n\t" \
  "smlad %[two], %[b], %[v], %[two]\n\t"

#define TR_FOUR_ROUNDED_KEPT_M7          \
  "ldr.w %[b], [%[at], #36]\n\t"         \
  "ldr %[a], [%[at]], #40\n\t"           \
  "smlawb %[d], %[m], %[b], %[half]\n\t" \
  "ldr %[v], [%[at], #-20]\n\t"          \
  "smlawt %[b], %[m], %[b], %[half]\n\t" \
  "smlawb %[c], %[m], %[a], %[half]\n\t" \
  "smlawt %[a], %[m], %[a], %[half]\n\t" \
  "pkhtb %[b], %[b], %[d], asr #16\n\t"  \
  "ldr %[d], [%[at], #-12]\n\t"          \
  "and.w %[b], %[b], %[mask]\n\t"        \
  "pkhtb %[a], %[a], %[c], asr #16\n\t"  \
  "ldr %[c], [%[at], #-16]\n\t"          \
  "and.w %[a], %[a], %[mask]\n\t"        \
  "smlad %[one], %[a], %[v], %[one]\n\t" \
  "ldr %[v], [%[at], #-8]\n\t"           \
  "smlad %[one], %[b], %[c], %[one]\n\t" \
  "smlad %[two], %[a], %[d], %[two]\n\t" \
  "smlad %[two], %[b], %[v], %[two]\n\t"

/* Whether no sum of values in -255 to 255, weighed by such probabilities, leaves int32, and none
 * exceeds `most`: no exponential is larger than that of the largest score. */
TR_INLINE int tr_rounds_in_place(const tr_key_groups *g, tr_row_rounding r, uint32_t sum) {
  const int32_t up = r.shift - 16;
  const int32_t largest = r.half + tr_multiply_low(r.multiplier, *g->p->exp);
  return up >= 0 && g->p->t < 1 << (22 - up) &&
         (uint32_t)((uint64_t)sum * (uint32_t)r.multiplier >> 32) < 1U << 22 &&
         largest >> r.shift <= g->p->rounding.most;
}

/* `lower` and `upper` are constraints: narrow loads need lower registers, for which the others leave room. */
#define TR_WEIGH_GROUPS(four, lower, upper, more)                                              \
  __asm__ volatile(TR_TWO_GROUPS(four)                                                         \
                   : [a] "+&r"(a), [b] "=&" lower(b), [c] "=&r"(c), [d] "=&r"(d),              \
                     [v] "=&" lower(v), [at] "+&" lower(at), [one] "+&" upper(w.column[0]),    \
                     [two] "+&" upper(w.column[1])                                             \
                   : [m] upper(r.multiplier), [half] upper(r.half), [mask] upper(mask),        \
                     [end] upper((uint32_t)(uintptr_t)g->end) more                             \
                   : "cc", "memory")
#define TR_AND_TABLE , [exp] "r"((uint32_t)(uintptr_t)g->p->exp - 2 * least)
#define TR_NO_TABLE
#define TR_WEIGH_KEPT_GROUPS_M4 TR_WEIGH_GROUPS(TR_FOUR_ROUNDED_KEPT_M4, "l", "h", TR_NO_TABLE)
#define TR_WEIGH_KEPT_GROUPS_M7 TR_WEIGH_GROUPS(TR_FOUR_ROUNDED_KEPT_M7, "r", "r", TR_NO_TABLE)
#define TR_WEIGH_KEPT_GROUPS(core) TR_WEIGH_KEPT_GROUPS_##core

/* The values weighed by a row's probabilities, from `rounding.start` on. */
TR_INLINE tr_weighed tr_weigh_in_place(const tr_key_groups *g, uint32_t least, tr_row_rounding r,
                                       const tr_form form, const int kept) {
  const int32_t upper = (int32_t)(0xFFFFU << (r.shift - 16));
  const uint32_t mask = tr_pair(upper, upper);
  tr_weighed w = {{0, 0}, 0};
  uint32_t at = (uint32_t)(uintptr_t)g->begin;
  uint32_t a = g->odd;
  uint32_t b;
  uint32_t c;
  uint32_t d;
  uint32_t v;
  if (!kept) {
    TR_WEIGH_GROUPS(TR_FOUR_ROUNDED_LOST, "r", "r", TR_AND_TABLE);
  } else {
    TR_BY_CORE(form, TR_WEIGH_KEPT_GROUPS);
  }
  for (int i = 0; i < 2; i++) {
    w.column[i] = tr_wrapping_add(w.column[i] >> (r.shift - 16), g->p->rounding.start);
  }
  return w;
}

#else

TR_INLINE uint32_t tr_sum_pairs(const tr_key_groups *g, uint32_t least, const tr_form form,
                                const int kept) {
  (void)form;
  uint32_t sum = 0;
  for (tr_four_keys *at = g->begin; at < g->end; at = tr_groups_on(at, 1, kept)) {
    uint32_t e[4];
    for (int i = 0; i < 4; i++) {
      e[i] = g->p->exp[(at->score >> 8 * i & 0xFFU) - least];
      sum += e[i];
    }
    if (kept) {
      at->score = e[0] | e[2] << 16;
      *tr_odd_exponentials(at) = e[1] | e[3] << 16;
    }
  }
  return sum;
}

#endif

/* The sum of a row's `fine` exponentials. */
TR_NOINLINE uint32_t tr_pair_fine_sum(const tr_key_groups *g, uint32_t least, const int kept) {
  const uint32_t *const fine = g->p->rounding.fine;
  uint32_t sum = 0;
  for (int32_t j = 0; j < g->p->t; j++) {
    sum += fine[(tr_groups_on(g->begin, j / 4, kept)->score >> 8 * (j % 4) & 0xFFU) - least];
  }
  return sum;
}

/* The values weighed with every shift and up to `most`, from `rounding.start` on. */
TR_NOINLINE tr_weighed tr_weigh_rounded_any(const tr_key_groups *g, uint32_t least,
                                            tr_row_rounding r, const int kept) {
  const tr_rounding *const rounding = &g->p->rounding;
  tr_weighed w = {{rounding->start, rounding->start}, 0};
  TR_NO_UNROLL
  for (tr_four_keys *at = g->begin; at < g->end; at = tr_groups_on(at, 1, kept)) {
    uint32_t even = at->score;
    uint32_t odd;
    if (kept) {
      odd = *tr_odd_exponentials(at);
    } else {
      const uint16_t *const exp = g->p->exp;
      const uint32_t below = tr_sub4(at->score, least * 0x01010101U);
      even = exp[below & 0xFFU] | (uint32_t)exp[below >> 16 & 0xFFU] << 16;
      odd = exp[below >> 8 & 0xFFU] | (uint32_t)exp[below >> 24] << 16;
    }
    even = tr_round_two(r, even, rounding->most);
    odd = tr_round_two(r, odd, rounding->most);
    for (int c = 0; c < 2; c++) {
      w.column[c] = tr_dot2(even, at->value[2 * c], w.column[c]);
      w.column[c] = tr_dot2(odd, at->value[2 * c + 1], w.column[c]);
    }
  }
  return w;
}

/* The values weighed by a row's probabilities in any form. */
TR_INLINE tr_weighed tr_weigh_rounded(const tr_key_groups *g, uint32_t least, const tr_form form,
                                      const int kept) {
  const uint32_t last = g->p->exp[(tr_last_group(g, kept)->score >> 24) - least];
  const uint32_t sum = tr_sum_pairs(g, least, form, kept) - (uint32_t)g->repeated * last;
  const uint32_t divisor = g->p->rounding.fine != 0 ? tr_pair_fine_sum(g, least, kept) : sum;
  const tr_row_rounding r = tr_row_rounding_for(g->p->value, divisor);
#if defined(__ARM_FEATURE_DSP)
  if (tr_rounds_in_place(g, r, sum)) {
    return tr_weigh_in_place(g, least, r, form, kept);
  }
#endif
  return tr_weigh_rounded_any(g, least, r, kept);
}

#endif
