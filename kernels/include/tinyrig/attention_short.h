/* Scores of queries of one or two columns: one product a key. */
#ifndef TINYRIG_ATTENTION_SHORT_H
#define TINYRIG_ATTENTION_SHORT_H

#include "tinyrig/attention_head.h"

/* Three queries of one or two columns, widened, and where their scores begin. */
typedef struct {
  uint32_t query[TR_QUERIES];
  int32_t start[TR_QUERIES];
} tr_short_queries;

TR_INLINE tr_short_queries tr_short_of(const tr_attention_s8_params *p, const int8_t *q) {
  tr_short_queries s;
  for (int i = 0; i < TR_QUERIES; i++) {
    const int32_t low = q[0] - p->q_zero_point;
    const int32_t high = p->p == 2 ? q[p->q_stride[3]] - p->q_zero_point : 0;
    s.query[i] = tr_pair(low, high);
    s.start[i] = tr_wrapping_mls(p->score_start, p->k_zero_point, low + high);
    q += p->q_stride[2];
  }
  return s;
}

/* The scores of keys [first, t) in any form: one product each. */
TR_NOINLINE void tr_score_short(const tr_head *h, const tr_short_queries *s, int32_t first) {
  const tr_attention_s8_params *const p = h->p;
  const int32_t second = p->p == 2 ? p->k_stride[3] : 0;
  const int8_t *key = h->key + first * h->key_row;
  for (int32_t j = first; j < p->t; j++) {
    const uint32_t pair = tr_pair(key[0], key[second]);
    for (int i = 0; i < TR_QUERIES; i++) {
      const int32_t acc = tr_dot2(s->query[i], pair, s->start[i]);
      h->scores[i * h->length + j] = (int8_t)tr_finish(&p->score, 0, acc, *p->score.multiplier);
    }
    key += h->key_row;
  }
}

#if defined(__ARM_FEATURE_DSP)

/* Two keys: a word of their columns. r0 key, r1 scores, r2 step to the next row, r3 multiplier, r4-r6
 * queries, r8-r10 starts, r7, r11, r12 and lr temporaries. */
#define TR_SCORE_ROW(query, start, at0, at1)     \
  "smlad r11, " query ", r7, " start "\n\t"      \
  "smlad lr, " query ", r12, " start "\n\t"      \
  "smmul r11, r11, r3\n\t"                       \
  "smmul lr, lr, r3\n\t"                         \
  "ssat r11, #8, r11\n\t"                        \
  "ssat lr, #8, lr\n\t"                          \
  "strb r11, [r1, #" at0 "]\n\t"                 \
  "strb lr, [r1, #" at1 "]\n\t"

#define TR_SCORE_KEYS(at0, at1)                  \
  "ldr r7, [r0], #4\n\t"                         \
  "sxtb16 r11, r7\n\t"                           \
  "sxtb16 r12, r7, ror #8\n\t"                   \
  "pkhbt r7, r11, r12, lsl #16\n\t"              \
  "pkhtb r12, r12, r11, asr #16\n\t"             \
  TR_SCORE_ROW("r4", "r8", at0, at1)             \
  "add.w r1, r1, r2\n\t"                         \
  TR_SCORE_ROW("r5", "r9", at0, at1)             \
  "add.w r1, r1, r2\n\t"                         \
  TR_SCORE_ROW("r6", "r10", at0, at1)            \
  "sub.w r1, r1, r2, lsl #1\n\t"

#endif

/* The scores of all keys but an odd last one, side by side, that a saturating high multiply ends. */
TR_NOINLINE void tr_score_twos(const tr_head *h, const tr_short_queries *s) {
  const int32_t m = *h->p->score.multiplier;
  const int8_t *const end = h->key + h->p->t / 2 * 4;
#if defined(__ARM_FEATURE_DSP)
  register uint32_t r0 __asm__("r0") = (uint32_t)(uintptr_t)h->key;
  const uint32_t odd = (uint32_t)h->p->t & 2U; /* the loop's second pair of keys comes first */
  register uint32_t r1 __asm__("r1") = (uint32_t)(uintptr_t)h->scores - odd;
  register uint32_t r2 __asm__("r2") = (uint32_t)h->length;
  register uint32_t r3 __asm__("r3") = (uint32_t)m;
  register uint32_t r4 __asm__("r4") = (uint32_t)(uintptr_t)s;
  register uint32_t r5 __asm__("r5") = (uint32_t)(uintptr_t)end;
  register uint32_t r12 __asm__("r12") = odd;
  __asm__ volatile("push {r5, r7}\n\t" /* r7 may be the frame pointer */
                   "ldm r4, {r4, r5, r6, r8, r9, r10}\n\t"
                   "cmp r12, #0\n\t"
                   "bne 2f\n\t"
                   ".p2align 2\n\t"
                   "1:\n\t" TR_SCORE_KEYS("0", "1") "2:\n\t" TR_SCORE_KEYS("2", "3")
                   "ldr.w r7, [sp]\n\t"
                   "add.w r1, r1, #4\n\t"
                   "cmp.w r0, r7\n\t"
                   "bne.w 1b\n\t"
                   "pop {r5, r7}\n\t"
                   : "+r"(r0), "+r"(r1), "+r"(r2), "+r"(r3), "+r"(r4), "+r"(r5), "+r"(r12)
                   :
                   : "r6", "r8", "r9", "r10", "r11", "lr", "cc", "memory");
#else
  const int8_t *key = h->key;
  for (int8_t *to = h->scores; key != end; to++) {
    const uint32_t pair = tr_pair(key[0], key[1]);
    for (int i = 0; i < TR_QUERIES; i++) {
      const int32_t acc = tr_dot2(s->query[i], pair, s->start[i]);
      to[i * h->length] = (int8_t)tr_finish_narrow(acc, m);
    }
    key += 2;
  }
#endif
}

TR_NOINLINE void tr_score_pairs(const tr_head *h, const int8_t *q) {
  const tr_attention_s8_params *const p = h->p;
  const tr_short_queries s = tr_short_of(p, q);
  int32_t done = 0;
  if (p->p == 2 && p->k_stride[3] == 1 && h->key_row == 2 && p->t >= 2 &&
      tr_finish_is_narrow(&p->score)) {
    tr_score_twos(h, &s);
    done = p->t / 2 * 2;
  }
  if (done < p->t) {
    tr_score_short(h, &s, done);
  }
}

#endif
