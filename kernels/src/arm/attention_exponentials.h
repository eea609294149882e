/* Scores into exponentials, in the order of the panel that weighs the values. */
#ifndef TINYRIG_ATTENTION_EXPONENTIALS_H
#define TINYRIG_ATTENTION_EXPONENTIALS_H

#include "arm/attention_head.h"
#include "arm/attention_rounding.h"

/* The largest of a row's scores, in four bytes. */
TR_INLINE uint32_t tr_largest_of_units(const int8_t *row, const int8_t *end) {
  uint32_t largest = tr_max4(tr_load4(row), tr_load4(row + 4));
  row += (end - row) % (2 * TR_UNIT);
  TR_NO_UNROLL
  for (; row != end; row += 2 * TR_UNIT) {
    const uint32_t a = tr_load4(row);
    const uint32_t b = tr_load4(row + 4);
    const uint32_t c = tr_load4(row + 8);
    const uint32_t d = tr_load4(row + 12);
    largest = tr_max4(tr_max4(tr_max4(tr_max4(largest, a), b), c), d);
  }
  return tr_in_all_bytes(largest);
}

#if defined(__ARM_FEATURE_DSP)
/* Four exponentials: pairs (0, 2) and (1, 3) of the bytes in `below`, the second in o. Look-ups stand
 * together. */
#define TR_LOOK_UP(below)                                     \
  "ubfx %[o], %[" below "], #8, #8\n\t"                       \
  "ubfx %[c], %[" below "], #16, #8\n\t"                      \
  "lsr.w %[d], %[" below "], #24\n\t"                         \
  "uxtb.w %[" below "], %[" below "]\n\t"                     \
  "ldrh.w %[o], [%[exp], %[o], lsl #1]\n\t"                   \
  "ldrh.w %[c], [%[exp], %[c], lsl #1]\n\t"                   \
  "ldrh.w %[d], [%[exp], %[d], lsl #1]\n\t"                   \
  "ldrh.w %[" below "], [%[exp], %[" below "], lsl #1]\n\t"   \
  "orr.w %[o], %[o], %[d], lsl #16\n\t"                       \
  "orr.w %[" below "], %[" below "], %[c], lsl #16\n\t"
#endif

/* Turns the scores [row, end), whole units, into exponentials at slot, the pairs of each four keys
 * `apart` words behind the last four's; returns their sum. */
TR_INLINE int32_t tr_look_up_row(const int8_t *row, const int8_t *end, uint32_t largest,
                                 const uint16_t *exp, uint32_t *slot, const int apart) {
  const uint32_t ones = 0x00010001U;
  int32_t sum = 0;
  uint32_t a;
  uint32_t b;
#if defined(__ARM_FEATURE_DSP)
  uint32_t at = (uint32_t)(uintptr_t)row - 4;
  const uint32_t last = (uint32_t)(uintptr_t)end - 4;
  uint32_t c;
  uint32_t d;
  uint32_t o;
  __asm__ volatile(".p2align 2\n\t"
          "1:\n\t"
          "ldr.w %[a], [%[at], #4]\n\t"
          "ldr %[b], [%[at], #8]!\n\t"
          "usub8 %[a], %[largest], %[a]\n\t"
          "usub8 %[b], %[largest], %[b]\n\t" TR_LOOK_UP("a")
          "str %[a], [%[slot]], %[unit]\n\t"
          "str %[o], [%[slot], %[first]]\n\t"
          "smlad %[sum], %[a], %[ones], %[sum]\n\t"
          "smlad %[sum], %[o], %[ones], %[sum]\n\t" TR_LOOK_UP("b")
          "str %[b], [%[slot], %[four]]\n\t"
          "str %[o], [%[slot], %[second]]\n\t"
          "smlad %[sum], %[b], %[ones], %[sum]\n\t"
          "smlad %[sum], %[o], %[ones], %[sum]\n\t"
          "cmp.w %[at], %[last]\n\t"
          "bne.w 1b\n\t"
          : [a] "=&r"(a), [b] "=&r"(b), [c] "=&r"(c), [d] "=&r"(d), [o] "=&r"(o), [sum] "+&r"(sum),
            [at] "+&r"(at), [slot] "+&r"(slot)
          : [last] "r"(last), [largest] "r"(largest), [exp] "r"(exp), [ones] "r"(ones),
            [unit] "i"(8 * apart), [first] "i"(4 - 8 * apart), [four] "i"(-4 * apart),
            [second] "i"(4 - 4 * apart)
          : "cc", "memory");
#else
  for (; row != end; row += 4) {
    const uint32_t below = tr_sub4(largest, tr_load4(row));
    a = exp[below & 0xFFU] | (uint32_t)exp[below >> 16 & 0xFFU] << 16;
    b = exp[below >> 8 & 0xFFU] | (uint32_t)exp[below >> 24] << 16;
    slot[0] = a;
    slot[1] = b;
    sum = tr_dot2(b, ones, tr_dot2(a, ones, sum));
    slot += apart;
  }
#endif
  return sum;
}

/* Turns the scores of row i into exponentials in the order of a panel, zeros behind the last;
 * returns their sum. */
TR_NOINLINE uint32_t tr_exponentials(const tr_head *h, int32_t i) {
  const uint16_t *const exp = h->p->exp;
  const int8_t *const row = h->scores + i * h->length;
  uint32_t *const slot = h->weights + 2 * i;
  const uint32_t largest = tr_largest_of_units(row, row + h->length);
  int32_t sum = tr_look_up_row(row, row + h->length, largest, exp, slot, 2 * TR_QUERIES);
  const int32_t absent = h->length - h->p->t;
  if (absent != 0) {
    uint32_t *const last = slot + tr_panel_words(TR_QUERIES, h->length - TR_UNIT);
    last[0] &= h->kept[0];
    last[1] &= h->kept[1];
    last[2 * TR_QUERIES] &= h->kept[2];
    last[2 * TR_QUERIES + 1] &= h->kept[3];
    sum -= absent * exp[(largest + 0x80U) & 0xFFU]; /* as many scores of -128 */
  }
  return (uint32_t)sum;
}

#if defined(__ARM_FEATURE_DSP)
#define TR_CLIP_255(x) "usat16 %[" x "], #8, %[" x "]\n\t"
#define TR_CLIP_NONE(x)

#define TR_ROUND_FOUR(x, y, clip)                      \
  "smlawb %[t], %[m], %[" x "], %[half]\n\t"           \
  "smlawb %[u], %[m], %[" y "], %[half]\n\t"           \
  "smlawt %[" x "], %[m], %[" x "], %[half]\n\t"       \
  "smlawt %[" y "], %[m], %[" y "], %[half]\n\t"       \
  "lsr.w %[t], %[t], %[shift]\n\t"                     \
  "lsr.w %[u], %[u], %[shift]\n\t"                     \
  "lsr.w %[" x "], %[" x "], %[shift]\n\t"             \
  "lsr.w %[" y "], %[" y "], %[shift]\n\t"             \
  "pkhbt %[" x "], %[t], %[" x "], lsl #16\n\t"        \
  "pkhbt %[" y "], %[u], %[" y "], lsl #16\n\t"        \
  clip(x) clip(y)                                      \
  "smlad %[sum], %[" x "], %[ones], %[sum]\n\t"        \
  "smlad %[sum], %[" y "], %[ones], %[sum]\n\t"

#define TR_ROUND_UNITS(clip)                                                                   \
  __asm__ volatile(".p2align 2\n\t"                                                            \
                   "1:\n\t"                                                                    \
                   "ldr.w %[a], [%[slot]]\n\t"                                                 \
                   "ldr.w %[b], [%[slot], #4]\n\t"                                             \
                   "ldr.w %[c], [%[slot], #24]\n\t"                                            \
                   "ldr.w %[d], [%[slot], #28]\n\t" TR_ROUND_FOUR("a", "b", clip)              \
                   "str %[a], [%[slot]], #48\n\t"                                              \
                   "str %[b], [%[slot], #-44]\n\t" TR_ROUND_FOUR("c", "d", clip)               \
                   "str %[c], [%[slot], #-24]\n\t"                                             \
                   "str %[d], [%[slot], #-20]\n\t"                                             \
                   "cmp.w %[slot], %[end]\n\t"                                                 \
                   "bne.w 1b\n\t"                                                              \
                   : [a] "=&r"(a), [b] "=&r"(b), [c] "=&r"(c), [d] "=&r"(d), [t] "=&r"(t),     \
                     [u] "=&r"(u), [sum] "+&r"(sum), [slot] "+&r"(slot)                        \
                   : [end] "r"(end), [m] "r"(r.multiplier), [half] "r"(r.half),                \
                     [shift] "r"(r.shift), [ones] "r"(0x00010001U)                             \
                   : "cc", "memory")

/* Rounds whole units of exponentials, up to 255 or without an end, in the order of a panel; returns
 * the sum. */
TR_INLINE int32_t tr_round_units(tr_row_rounding r, uint32_t *slot, const uint32_t *end,
                                 const int clips) {
  int32_t sum = 0;
  uint32_t a;
  uint32_t b;
  uint32_t c;
  uint32_t d;
  uint32_t t;
  uint32_t u;
  if (clips) {
    TR_ROUND_UNITS(TR_CLIP_255);
  } else {
    TR_ROUND_UNITS(TR_CLIP_NONE);
  }
  return sum;
}
#endif

TR_INLINE int tr_attention_clips(const tr_attention_s8_params *p) {
  const tr_rounding *const rounding = &p->rounding;
  const uint32_t least = rounding->fine != 0 ? *rounding->fine : *p->exp;
  return rounding->most != 0 && tr_rounding_clips(p->value, *p->exp, least, rounding->most);
}

/* Rounds the same up to `most`. */
TR_INLINE int32_t tr_round_units_any(tr_row_rounding r, uint32_t *slot, const uint32_t *end,
                                     int32_t most) {
  int32_t sum = 0;
  TR_NO_UNROLL
  for (; slot != end; slot += 2 * TR_QUERIES) {
    slot[0] = tr_round_two(r, slot[0], most);
    slot[1] = tr_round_two(r, slot[1], most);
    sum = tr_dot2(slot[1], 0x00010001U, tr_dot2(slot[0], 0x00010001U, sum));
  }
  return sum;
}

/* Turns the exponentials of row i, whose sum is given, into probabilities; returns their sum. */
TR_NOINLINE int32_t tr_round_row(const tr_head *h, int32_t i, uint32_t sum) {
  const tr_attention_s8_params *const p = h->p;
  uint32_t *const slot = h->weights + 2 * i;
  const uint32_t *const end = slot + TR_QUERIES * h->length / 2;
  if (p->rounding.fine != 0) {
    const int8_t *const row = h->scores + i * h->length;
    sum = tr_fine_sum(p->rounding.fine, tr_largest_of_units(row, row + h->length), row, p->t);
  }
  const tr_row_rounding r = tr_row_rounding_for(p->value, sum);
#if defined(__ARM_FEATURE_DSP)
  if (!h->clips) {
    return tr_round_units(r, slot, end, 0);
  }
  if (p->rounding.most == UINT8_MAX) {
    return tr_round_units(r, slot, end, 1);
  }
#endif
  return tr_round_units_any(r, slot, end, p->rounding.most);
}

#endif
