/* Attention to at most eight keys: the exponentials of a row are held in registers while it runs
 * over the columns of the values. Outputs are contiguous, in fours, and end in a saturation to
 * eight bits: after a high multiply where probabilities are rounded; elsewhere no sum exceeds 2^18,
 * so that with an exponent of at most 37 no row's shift exceeds TR_LARGEST_FOLDED_SHIFT. */
#ifndef TINYRIG_ATTENTION_FEW_H
#define TINYRIG_ATTENTION_FEW_H

#include <stddef.h>

#include "arm/attention_end.h"
#include "arm/attention_exponentials.h"
#include "common/row_multiplier.h"

/* A row's exponentials as pairs (0, 2), (1, 3), (4, 6) and (5, 7), and
 * y = sat8((((start + sum) * multiplier >> 32) + half) >> shift). */
typedef struct {
  uint32_t weight[4];
  int32_t start;
  int32_t multiplier;
  int32_t half;
  int32_t shift;
} tr_few_weights;

/* The exponentials of four scores, by what they are below the largest. */
TR_INLINE void tr_few_look_up(const uint16_t *exp, uint32_t below, const uint32_t *kept,
                              uint32_t *weight) {
  weight[0] = (exp[below & 0xFFU] | (uint32_t)exp[below >> 16 & 0xFFU] << 16) & kept[0];
  weight[1] = (exp[below >> 8 & 0xFFU] | (uint32_t)exp[below >> 24] << 16) & kept[1];
}

TR_INLINE int32_t tr_few_sum(const uint32_t *weight) {
  int32_t sum = 0;
  for (int i = 0; i < 4; i++) {
    sum = tr_dot2(weight[i], 0x00010001U, sum);
  }
  return sum;
}

/* Rounds exponentials as tr_round_row does; returns their sum. */
TR_NOINLINE int32_t tr_few_round(const tr_attention_s8_params *p, const int8_t *scores,
                                 uint32_t largest, uint32_t *weight) {
  const tr_rounding *const rounding = &p->rounding;
  const uint32_t sum = rounding->fine != 0 ? tr_fine_sum(rounding->fine, largest, scores, p->t)
                                           : (uint32_t)tr_few_sum(weight);
  const tr_row_rounding r = tr_row_rounding_for(p->value, sum);
  for (int i = 0; i < 4; i++) {
    weight[i] = tr_round_two(r, weight[i], rounding->most);
  }
  return tr_few_sum(weight);
}

TR_INLINE tr_few_weights tr_few_weigh(const tr_head *h, const int8_t *scores) {
  const tr_attention_s8_params *const p = h->p;
  const uint32_t low = tr_load4(scores);
  const uint32_t high = tr_load4(scores + 4);
  const uint32_t largest = tr_in_all_bytes(tr_max4(low, high));
  const uint16_t *const exp = p->exp;
  tr_few_weights w;
  tr_few_look_up(exp, tr_sub4(largest, low), h->kept, w.weight);
  tr_few_look_up(exp, tr_sub4(largest, high), h->kept + 2, w.weight + 2);
  int32_t sum = tr_few_sum(w.weight);
  const tr_row_multiplier scale = tr_attention_scale(p, (uint32_t)sum);
  if (p->rounding.most != 0) {
    sum = tr_few_round(p, scores, largest, w.weight);
  }
  w.start = p->rounding.start - p->v_zero_point * sum;
  w.multiplier = scale.multiplier;
  w.half = tr_attention_half(p, scale.shift);
  w.shift = scale.shift;
  return w;
}

#if defined(__ARM_FEATURE_DSP)

_Static_assert(offsetof(tr_few_weights, start) == 16, "TR_FEW_COLUMNS reads four weights");
_Static_assert(offsetof(tr_few_weights, multiplier) == 20, "and behind the start value");
_Static_assert(offsetof(tr_few_weights, half) == 24, "the multiplier, the half");
_Static_assert(offsetof(tr_few_weights, shift) == 28, "and the shift");

/* A column: eight values at r0, an output at r1. r3 to r6 weights, r8 start, r9 multiplier, r10 half,
 * r11 shift; r7, r12 and lr temporaries. A load behind a store waits, so the next column's values are
 * loaded before. Of five keys and less the last pair is zero. */
#define TR_FEW_LOAD                 \
  "ldr.w lr, [r0, #4]\n\t"          \
  "ldr r12, [r0], #8\n\t"
#define TR_FEW_STORE "strb r7, [r1], #1\n\t"
#define TR_FEW_THREE                \
  "sxtb16 r7, r12\n\t"              \
  "sxtb16 r12, r12, ror #8\n\t"     \
  "smlad r7, r3, r7, r8\n\t"        \
  "smlad r7, r4, r12, r7\n\t"       \
  "sxtb16 r12, lr\n\t"              \
  "smlad r7, r5, r12, r7\n\t"
#define TR_FEW_FOUR TR_FEW_THREE    \
  "sxtb16 lr, lr, ror #8\n\t"       \
  "smlad r7, r6, lr, r7\n\t"
#define TR_FEW_END                  \
  "smmla r7, r7, r9, r10\n\t"       \
  "asr.w r7, r7, r11\n\t"           \
  "ssat r7, #8, r7\n\t"

/* All columns, four a time; r7 may be the frame pointer. */
#define TR_FEW_COLUMNS(pairs)                                       \
  __asm__ volatile("push {r7}\n\t"                                  \
                   "ldm r12, {r3, r4, r5, r6, r8, r9, r10, r11}\n\t" \
                   ".p2align 2\n\t"                                 \
                   "1:\n\t" TR_FEW_LOAD                             \
                   pairs TR_FEW_END TR_FEW_LOAD TR_FEW_STORE        \
                   pairs TR_FEW_END TR_FEW_LOAD TR_FEW_STORE        \
                   pairs TR_FEW_END TR_FEW_LOAD TR_FEW_STORE        \
                   pairs TR_FEW_END TR_FEW_STORE                    \
                   "cmp.w r1, r2\n\t"                               \
                   "bne.w 1b\n\t"                                   \
                   "pop {r7}\n\t"                                   \
                   : "+r"(r0), "+r"(r1), "+r"(r2), "+r"(r12)        \
                   :                                                \
                   : "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "lr", "cc", "memory")

TR_INLINE void tr_few_values(const tr_head *h, const tr_few_weights *w, int8_t *y) {
  register uint32_t r0 __asm__("r0") = (uint32_t)(uintptr_t)h->value;
  register uint32_t r1 __asm__("r1") = (uint32_t)(uintptr_t)y;
  register uint32_t r2 __asm__("r2") = (uint32_t)(uintptr_t)(y + h->p->r);
  register uint32_t r12 __asm__("r12") = (uint32_t)(uintptr_t)w;
  if (h->p->t <= 5) {
    TR_FEW_COLUMNS(TR_FEW_THREE);
  } else {
    TR_FEW_COLUMNS(TR_FEW_FOUR);
  }
}

#else

TR_INLINE void tr_few_values(const tr_head *h, const tr_few_weights *w, int8_t *y) {
  for (int32_t c = 0; c < h->p->r; c++) {
    int32_t acc = w->start;
    for (int i = 0; i < 2; i++) {
      const uint32_t values = tr_load4(h->value + c * TR_UNIT + 4 * i);
      acc = tr_dot2(w->weight[2 * i], tr_even_bytes(values), acc);
      acc = tr_dot2(w->weight[2 * i + 1], tr_odd_bytes(values), acc);
    }
    y[c] = (int8_t)tr_saturate8(tr_high_multiply_add(acc, w->multiplier, w->half) >> w->shift);
  }
}

#endif

/* Rows `done` to the last of three, whose scores are there. */
TR_NOINLINE void tr_few_outputs(const tr_head *h, int32_t done, int8_t *y) {
  for (int32_t i = done; i < TR_QUERIES; i++) {
    const tr_few_weights w = tr_few_weigh(h, h->scores + i * TR_UNIT);
    tr_few_values(h, &w, y + i * h->p->y_stride[2]);
  }
}

#endif
