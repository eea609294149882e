/* Probabilities of one byte in the place of complements (xpulp_panel.h) on an XpulpV2 core: their
 * exponentials are looked up twice, for the sum and for what it divides, and stored nowhere. */
#ifndef TINYRIG_XPULP_PROBABLE_H
#define TINYRIG_XPULP_PROBABLE_H

#include "common/row_rounding.h"
#include "xpulp/xpulp_tile.h"

/* Twelve instructions: the exponentials e0 to e3 of a word's four complements. */
#define TR_XP_LOOK_UP_FOUR                                                                     \
  "lb %[e0], 0(%[word])\n\tlb %[e1], 1(%[word])\n\t"                                           \
  "lb %[e2], 2(%[word])\n\tlb %[e3], 3(%[word])\n\t"                                           \
  "add %[a0], %[exp], %[e0]\n\tadd %[a1], %[exp], %[e1]\n\t"                                   \
  "add %[a2], %[exp], %[e2]\n\tadd %[a3], %[exp], %[e3]\n\t"                                   \
  TR_XP_LOADU16_AT("%[e0]", "%[a0]", "%[e0]") TR_XP_LOADU16_AT("%[e1]", "%[a1]", "%[e1]")     \
  TR_XP_LOADU16_AT("%[e2]", "%[a2]", "%[e2]") TR_XP_LOADU16_AT("%[e3]", "%[a3]", "%[e3]")

/* The sum of the exponentials of `words` words of four complements, at least one, TR_XP_TILE words
 * from one to the next; exp is the table of 256. */
TR_NOINLINE uint32_t tr_xp_exponential_sum(const uint16_t *exp, int32_t smallest,
                                           const uint32_t *word, int32_t words) {
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
      TR_XP_BEGIN TR_XP_LOOP(0, "%[words]", 17) TR_XP_LOOK_UP_FOUR
      TR_XP_PACK2("%[a0]", "%[e1]", "%[e0]")
      "addi %[word], %[word], 16\n\t"
      TR_XP_PACK2("%[a1]", "%[e3]", "%[e2]")
      TR_XP_SDOTSP2("%[sum]", "%[a0]", "%[ones]") TR_XP_SDOTSP2("%[sum]", "%[a1]", "%[ones]") TR_XP_END
      : [word] "+&r"(word), [sum] "+&r"(sum), [e0] "=&r"(e0), [e1] "=&r"(e1), [e2] "=&r"(e2),
        [e3] "=&r"(e3), [a0] "=&r"(a0), [a1] "=&r"(a1), [a2] "=&r"(a2), [a3] "=&r"(a3)
      : [exp] "r"((uint32_t)(uintptr_t)exp - 2U * (uint32_t)smallest), [ones] "r"(0x00010001U),
        [words] "r"(words)
      : "memory");
#else
  for (; words > 0; words--) {
    for (int i = 0; i < 4; i++) {
      sum += (int32_t)exp[tr_xp_byte(*word, i) - smallest];
    }
    word += TR_XP_TILE;
  }
#endif
  return (uint32_t)sum;
}

/* The same of finer exponentials, by a table of words. */
TR_NOINLINE uint32_t tr_xp_fine_words(const uint32_t *fine, int32_t smallest, const uint32_t *word,
                                      int32_t words) {
  uint32_t sum = 0;
#if defined(TR_XPULP_INSN)
  uint32_t e0;
  uint32_t e1;
  uint32_t e2;
  uint32_t e3;
  __asm__ volatile(
      TR_XP_BEGIN TR_XP_LOOP(0, "%[words]", 17)
      "lb %[e0], 0(%[word])\n\tlb %[e1], 1(%[word])\n\t"
      "lb %[e2], 2(%[word])\n\tlb %[e3], 3(%[word])\n\t"
      "slli %[e0], %[e0], 2\n\tslli %[e1], %[e1], 2\n\t"
      "slli %[e2], %[e2], 2\n\tslli %[e3], %[e3], 2\n\t"
      TR_XP_LOAD_AT("%[e0]", "%[fine]", "%[e0]") TR_XP_LOAD_AT("%[e1]", "%[fine]", "%[e1]")
      TR_XP_LOAD_AT("%[e2]", "%[fine]", "%[e2]") TR_XP_LOAD_AT("%[e3]", "%[fine]", "%[e3]")
      "add %[sum], %[sum], %[e0]\n\tadd %[sum], %[sum], %[e1]\n\t"
      "add %[sum], %[sum], %[e2]\n\tadd %[sum], %[sum], %[e3]\n\t"
      "addi %[word], %[word], 16\n\t" TR_XP_END
      : [word] "+&r"(word), [sum] "+&r"(sum), [e0] "=&r"(e0), [e1] "=&r"(e1), [e2] "=&r"(e2),
        [e3] "=&r"(e3)
      : [fine] "r"((uint32_t)(uintptr_t)fine - 4U * (uint32_t)smallest), [words] "r"(words)
      : "memory");
#else
  for (; words > 0; words--) {
    for (int i = 0; i < 4; i++) {
      sum += fine[tr_xp_byte(*word, i) - smallest];
    }
    word += TR_XP_TILE;
  }
#endif
  return sum;
}

/* Turns the same complements into probabilities; returns the sum of these. Products of 46 bits are
 * made of two, because a high multiply takes five cycles. */
TR_NOINLINE int32_t tr_xp_probable(tr_row_rounding r, int32_t most, const uint16_t *exp,
                                   int32_t smallest, uint32_t *word, int32_t words) {
  const int32_t lower = tr_low((uint32_t)r.multiplier);
  const int32_t upper = (int32_t)(((int64_t)r.multiplier - lower) >> 16);
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
      TR_XP_BEGIN TR_XP_LOOP(0, "%[words]", 32) TR_XP_LOOK_UP_FOUR
      TR_XP_MULS16("%[a0]", "%[e0]", "%[lower]") TR_XP_MULS16("%[a1]", "%[e1]", "%[lower]")
      TR_XP_MULS16("%[a2]", "%[e2]", "%[lower]") TR_XP_MULS16("%[a3]", "%[e3]", "%[lower]")
      TR_XP_MAC("%[a0]", "%[e0]", "%[upper]") TR_XP_MAC("%[a1]", "%[e1]", "%[upper]")
      TR_XP_MAC("%[a2]", "%[e2]", "%[upper]") TR_XP_MAC("%[a3]", "%[e3]", "%[upper]")
      TR_XP_ADD_ROUND("%[a0]", "x0", "%[shift]") TR_XP_ADD_ROUND("%[a1]", "x0", "%[shift]")
      TR_XP_ADD_ROUND("%[a2]", "x0", "%[shift]") TR_XP_ADD_ROUND("%[a3]", "x0", "%[shift]")
      TR_XP_MIN("%[a0]", "%[a0]", "%[most]") TR_XP_MIN("%[a1]", "%[a1]", "%[most]")
      TR_XP_MIN("%[a2]", "%[a2]", "%[most]") TR_XP_MIN("%[a3]", "%[a3]", "%[most]")
      TR_XP_PACK("%[e0]", "%[a0]", "%[a1]", "%[a2]", "%[a3]")
      TR_XP_SDOTUSP4("%[sum]", "%[e0]", "%[ones]") TR_XP_STORE_NEXT("%[e0]", "%[word]", 16) TR_XP_END
      : [word] "+&r"(word), [sum] "+&r"(sum), [e0] "=&r"(e0), [e1] "=&r"(e1), [e2] "=&r"(e2),
        [e3] "=&r"(e3), [a0] "=&r"(a0), [a1] "=&r"(a1), [a2] "=&r"(a2), [a3] "=&r"(a3)
      : [exp] "r"((uint32_t)(uintptr_t)exp - 2U * (uint32_t)smallest), [words] "r"(words),
        [lower] "r"(lower), [upper] "r"(upper), [shift] "r"(r.shift), [most] "r"(most),
        [ones] "r"(0x01010101U)
      : "memory");
#else
  for (; words > 0; words--) {
    int32_t w[4];
    for (int i = 0; i < 4; i++) {
      const int32_t e = exp[tr_xp_byte(*word, i) - smallest];
      w[i] = tr_xp_min(tr_xp_add_round(tr_xp_mac(e, upper, tr_xp_muls16(e, lower)), 0, r.shift), most);
      sum += w[i];
    }
    *word = tr_xp_pack4(w[0], w[1], w[2], w[3]);
    word += TR_XP_TILE;
  }
#endif
  return sum;
}

#endif
