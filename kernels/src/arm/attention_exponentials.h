/* Scores into exponentials, in the order of the panel that weighs the values. */
#ifndef TINYRIG_ATTENTION_EXPONENTIALS_H
#define TINYRIG_ATTENTION_EXPONENTIALS_H

#include "arm/attention_head.h"
#include "common/row_multiplier.h"

/* The largest of four bytes, in all four. */
TR_INLINE uint32_t tr_largest_byte(uint32_t bytes) {
  bytes = tr_max4(bytes, bytes >> 16 | bytes << 16);
  return tr_max4(bytes, bytes >> 8 | bytes << 24);
}

/* The largest of a row's scores, in four bytes. */
TR_INLINE uint32_t tr_largest_score(const tr_head *h, const int8_t *row) {
  uint32_t largest = 0x80808080U;
  const int8_t *const end = row + h->length;
  if (h->length / TR_UNIT % 2 != 0) {
    largest = tr_max4(largest, tr_max4(tr_load4(row), tr_load4(row + 4)));
    row += TR_UNIT;
  }
  TR_NO_UNROLL
  for (; row < end; row += 2 * TR_UNIT) {
    const uint32_t a = tr_load4(row);
    const uint32_t b = tr_load4(row + 4);
    const uint32_t c = tr_load4(row + 8);
    const uint32_t d = tr_load4(row + 12);
    largest = tr_max4(tr_max4(tr_max4(tr_max4(largest, a), b), c), d);
  }
  return tr_largest_byte(largest);
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

/* Turns the scores [row, end), whole units, into exponentials in the order of a panel at slot;
 * returns their sum. */
TR_INLINE int32_t tr_look_up_row(const int8_t *row, const int8_t *end, uint32_t largest,
                                 const uint16_t *exp, uint32_t *slot) {
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
          "str %[a], [%[slot]], #48\n\t"
          "str %[o], [%[slot], #-44]\n\t"
          "smlad %[sum], %[a], %[ones], %[sum]\n\t"
          "smlad %[sum], %[o], %[ones], %[sum]\n\t" TR_LOOK_UP("b")
          "str %[b], [%[slot], #-24]\n\t"
          "str %[o], [%[slot], #-20]\n\t"
          "smlad %[sum], %[b], %[ones], %[sum]\n\t"
          "smlad %[sum], %[o], %[ones], %[sum]\n\t"
          "cmp.w %[at], %[last]\n\t"
          "bne.w 1b\n\t"
          : [a] "=&r"(a), [b] "=&r"(b), [c] "=&r"(c), [d] "=&r"(d), [o] "=&r"(o), [sum] "+&r"(sum),
            [at] "+&r"(at), [slot] "+&r"(slot)
          : [last] "r"(last), [largest] "r"(largest), [exp] "r"(exp), [ones] "r"(ones)
          : "cc", "memory");
#else
  for (; row != end; row += 4) {
    const uint32_t below = tr_sub4(largest, tr_load4(row));
    a = exp[below & 0xFFU] | (uint32_t)exp[below >> 16 & 0xFFU] << 16;
    b = exp[below >> 8 & 0xFFU] | (uint32_t)exp[below >> 24] << 16;
    slot[0] = a;
    slot[1] = b;
    sum = tr_dot2(b, ones, tr_dot2(a, ones, sum));
    slot += 2 * TR_QUERIES;
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
  const uint32_t largest = tr_largest_score(h, row);
  int32_t sum = tr_look_up_row(row, row + h->length, largest, exp, slot);
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

/* Both exponentials of a word, at most `most` each. */
TR_INLINE uint32_t tr_limit_two(uint32_t word, uint32_t most) {
  const uint32_t low = word & 0xFFFFU;
  const uint32_t high = word >> 16;
  return (low < most ? low : most) | (high < most ? high : most) << 16;
}

/* Limits the exponentials of row i, whose sum is so small that some exceed their share of it;
 * returns the sum of what they are then. */
TR_NOINLINE uint32_t tr_limit_exponentials(const tr_head *h, int32_t i, uint32_t sum) {
  const uint32_t most = tr_row_most(h->p->limit, sum);
  uint32_t *slot = h->weights + 2 * i;
  int32_t kept = 0;
  TR_NO_UNROLL
  for (int32_t left = h->length; left > 0; left -= 4) {
    slot[0] = tr_limit_two(slot[0], most);
    slot[1] = tr_limit_two(slot[1], most);
    kept = tr_dot2(slot[1], 0x00010001U, tr_dot2(slot[0], 0x00010001U, kept));
    slot += 2 * TR_QUERIES;
  }
  return (uint32_t)kept;
}

#endif
