/* The panel of exponentials of four queries, from their scores (xpulp_weighted.h). They are turned
 * into complements, ~score, first: what a score lies below the largest is what its complement lies
 * above the smallest, so a table's address and two additions lead to its exponential. */
#ifndef TINYRIG_XPULP_PANEL_H
#define TINYRIG_XPULP_PANEL_H

#include "xpulp/xpulp_tile.h"

/* The smallest score: what stands behind the last. */
#define TR_XP_NO_SCORE INT8_MIN

/* Turns four stretches of `words` words of scores, side by side, into complements; returns the
 * smallest of each, lane by lane. */
TR_INLINE void tr_xp_complement(int8_t *scores, int32_t words, uint32_t *least) {
  for (int i = 0; i < TR_XP_TILE; i++) {
    least[i] = 0x7F7F7F7FU;
  }
#if defined(TR_XPULP_INSN)
  int8_t *row0 = scores;
  int8_t *row1 = row0 + 4 * words;
  int8_t *row2 = row1 + 4 * words;
  int8_t *row3 = row2 + 4 * words;
  uint32_t x0;
  uint32_t x1;
  uint32_t x2;
  uint32_t x3;
  __asm__ volatile(
      TR_XP_BEGIN TR_XP_LOOP(0, "%[words]", 16)
      "lw %[x0], 0(%[row0])\n\t"
      "lw %[x1], 0(%[row1])\n\t"
      "lw %[x2], 0(%[row2])\n\t"
      "lw %[x3], 0(%[row3])\n\t"
      "xori %[x0], %[x0], -1\n\t"
      "xori %[x1], %[x1], -1\n\t"
      "xori %[x2], %[x2], -1\n\t"
      "xori %[x3], %[x3], -1\n\t"
      TR_XP_MIN4("%[m0]", "%[m0]", "%[x0]") TR_XP_MIN4("%[m1]", "%[m1]", "%[x1]")
      TR_XP_MIN4("%[m2]", "%[m2]", "%[x2]") TR_XP_MIN4("%[m3]", "%[m3]", "%[x3]")
      TR_XP_STORE_NEXT("%[x0]", "%[row0]", 4) TR_XP_STORE_NEXT("%[x1]", "%[row1]", 4)
      TR_XP_STORE_NEXT("%[x2]", "%[row2]", 4) TR_XP_STORE_NEXT("%[x3]", "%[row3]", 4) TR_XP_END
      : [row0] "+&r"(row0), [row1] "+&r"(row1), [row2] "+&r"(row2), [row3] "+&r"(row3),
        [m0] "+&r"(least[0]), [m1] "+&r"(least[1]), [m2] "+&r"(least[2]), [m3] "+&r"(least[3]),
        [x0] "=&r"(x0), [x1] "=&r"(x1), [x2] "=&r"(x2), [x3] "=&r"(x3)
      : [words] "r"(words)
      : "memory");
#else
  for (int i = 0; i < TR_XP_TILE; i++) {
    for (int32_t word = 0; word < words; word++) {
      const uint32_t complement = ~tr_xp_load(scores);
      least[i] = tr_xp_min4(least[i], complement);
      tr_xp_store(scores, complement);
      scores += 4;
    }
  }
#endif
}

/* The smallest of a word's bytes 0 and 2, and of all four. */
TR_INLINE int32_t tr_xp_least_even(uint32_t word) {
  return tr_xp_min(tr_xp_byte(word, 0), tr_xp_byte(word, 2));
}

TR_INLINE int32_t tr_xp_least_byte(uint32_t word) {
  return tr_xp_min(tr_xp_least_even(word), tr_xp_least_even(word >> 8));
}

/* Where one row's complements, `step` bytes apart, become exponentials. `low` and `high` are its
 * first words in the two planes, four words apart from the next. */
typedef struct {
  const int8_t *complement;
  int32_t step;
  const uint16_t *exp;
  int32_t smallest;
  uint32_t *low;
  uint32_t *high;
} tr_xp_row;

/* `words` times four keys, at least once; returns the sum of their exponentials. */
TR_INLINE int32_t tr_xp_exponentials_words(tr_xp_row *at, int32_t words) {
  int32_t sum = 0;
#if defined(TR_XPULP_INSN)
  uint32_t e0;
  uint32_t e1;
  uint32_t e2;
  uint32_t e3;
  uint32_t a0;
  uint32_t a1;
  uint32_t a2;
  uint32_t a3;
  __asm__ volatile(
        TR_XP_BEGIN TR_XP_LOOP(0, "%[words]", 21)
        TR_XP_LOAD8_STEP("%[e0]", "%[from]", "%[step]")
        TR_XP_LOAD8_STEP("%[e1]", "%[from]", "%[step]")
        TR_XP_LOAD8_STEP("%[e2]", "%[from]", "%[step]")
        TR_XP_LOAD8_STEP("%[e3]", "%[from]", "%[step]")
        "add %[a0], %[exp], %[e0]\n\t"
        "add %[a1], %[exp], %[e1]\n\t"
        "add %[a2], %[exp], %[e2]\n\t"
        "add %[a3], %[exp], %[e3]\n\t"
        TR_XP_LOADU16_AT("%[e0]", "%[a0]", "%[e0]") TR_XP_LOADU16_AT("%[e1]", "%[a1]", "%[e1]")
        TR_XP_LOADU16_AT("%[e2]", "%[a2]", "%[e2]") TR_XP_LOADU16_AT("%[e3]", "%[a3]", "%[e3]")
        TR_XP_PACK2("%[a0]", "%[e1]", "%[e0]") TR_XP_PACK2("%[a1]", "%[e3]", "%[e2]")
        TR_XP_PACK("%[a2]", "%[e0]", "%[e1]", "%[e2]", "%[e3]")
        TR_XP_SDOTSP2("%[sum]", "%[a0]", "%[ones]") TR_XP_SDOTSP2("%[sum]", "%[a1]", "%[ones]")
        TR_XP_SHUFFLE4("%[a0]", "%[a1]", "%[odd]")
        TR_XP_STORE_NEXT("%[a2]", "%[low]", 16) TR_XP_STORE_NEXT("%[a0]", "%[high]", 16) TR_XP_END
        : [from] "+&r"(at->complement), [low] "+&r"(at->low), [high] "+&r"(at->high),
          [sum] "+&r"(sum), [e0] "=&r"(e0), [e1] "=&r"(e1), [e2] "=&r"(e2), [e3] "=&r"(e3),
          [a0] "=&r"(a0), [a1] "=&r"(a1), [a2] "=&r"(a2), [a3] "=&r"(a3)
        : [exp] "r"((uint32_t)(uintptr_t)at->exp - 2U * (uint32_t)at->smallest), [ones] "r"(0x00010001U), [odd] "r"(0x07050301U),
          [words] "r"(words), [step] "r"(at->step)
        : "memory");
#else
  for (; words > 0; words--) {
    uint32_t e[4];
    for (int i = 0; i < 4; i++) {
      e[i] = at->exp[at->complement[i * at->step] - at->smallest];
      sum += (int32_t)e[i];
    }
    *at->low = tr_xp_pack4((int32_t)e[0], (int32_t)e[1], (int32_t)e[2], (int32_t)e[3]);
    *at->high = tr_xp_pack4((int32_t)(e[0] >> 8), (int32_t)(e[1] >> 8), (int32_t)(e[2] >> 8),
                            (int32_t)(e[3] >> 8));
    at->complement += 4 * at->step;
    at->low += TR_XP_TILE;
    at->high += TR_XP_TILE;
  }
#endif
  return sum;
}

/* Fills the words of row i of a panel from t complements, `step` bytes apart and followed by
 * those of TR_XP_NO_SCORE up to whole words, zeros behind the last, and returns the sum. exp is the table
 * of 256; smallest is the smallest complement. */
TR_INLINE int32_t tr_xp_exponentials(const uint16_t *exp, const int8_t *complement, int32_t step,
                                     int32_t smallest, int32_t t, uint32_t *panel, int32_t i) {
  const int32_t words = (t + 3) / 4;
  const int32_t behind = 4 * words - t;
  tr_xp_row at = {complement, step, exp, smallest, panel + TR_XP_TILE * words + i, panel + i};
  const int32_t sum = tr_xp_exponentials_words(&at, words);
  if (behind == 0) {
    return sum;
  }
  const uint32_t mask = ~0U >> (8 * behind);
  at.low[-TR_XP_TILE] &= mask;
  at.high[-TR_XP_TILE] &= mask;
  return sum - behind * (int32_t)exp[~TR_XP_NO_SCORE - smallest];
}

#endif
