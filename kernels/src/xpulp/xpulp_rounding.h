/* Exponentials, as two planes of bytes, into probabilities of one, on an XpulpV2 core. */
#ifndef TINYRIG_XPULP_ROUNDING_H
#define TINYRIG_XPULP_ROUNDING_H

#include "common/row_rounding.h"
#include "tinyrig/attention.h"
#include "xpulp/xpulp.h"

/* Rounds `words` words of four exponentials, at least one, `step` bytes from one to the next; the
 * probabilities stand where the low bytes were. Returns their sum. Products of 46 bits are made of
 * two, because a high multiply takes five cycles. */
TR_NOINLINE int32_t tr_xp_round(tr_row_rounding r, int32_t most, uint32_t *low,
                                const uint32_t *high, int32_t words, int32_t step) {
  const int32_t lower = tr_low((uint32_t)r.multiplier);
  const int32_t upper = (int32_t)(((int64_t)r.multiplier - lower) >> 16);
  int32_t sum = 0;
#if defined(TR_XPULP_INSN)
  uint32_t e0;
  uint32_t e1;
  uint32_t e2;
  uint32_t e3;
  uint32_t t0;
  uint32_t t1;
  uint32_t t2;
  uint32_t t3;
  __asm__ volatile(
      TR_XP_BEGIN TR_XP_LOOP(0, "%[words]", 32) "lw %[t0], 0(%[low])\n\t" TR_XP_LOAD_STEP(
          "%[t1]", "%[high]", "%[step]") "addi %[t2], %[t0], 0\n\t" TR_XP_SHUFFLE4("%[t0]", "%[t1]",
                                                                                   "%[first]")
          TR_XP_SHUFFLE4(
              "%[t2]", "%[t1]",
              "%[second]") "slli %[e0], %[t0], 16\n\t"
                           "srli %[e0], %[e0], 16\n\t"
                           "srli %[e1], %[t0], 16\n\t"
                           "slli %[e2], %[t2], 16\n\t"
                           "srli %[e2], %[e2], 16\n\t"
                           "srli %[e3], %[t2], 16\n\t" TR_XP_MULS16("%[t0]", "%[e0]", "%[lower]")
                               TR_XP_MULS16("%[t1]", "%[e1]", "%[lower]") TR_XP_MULS16(
                                   "%[t2]", "%[e2]", "%[lower]") TR_XP_MULS16("%[t3]", "%[e3]",
                                                                              "%[lower]")
                                   TR_XP_MAC("%[t0]", "%[e0]", "%[upper]") TR_XP_MAC(
                                       "%[t1]", "%[e1]", "%[upper]") TR_XP_MAC("%[t2]", "%[e2]",
                                                                               "%[upper]")
                                       TR_XP_MAC("%[t3]", "%[e3]", "%[upper]") TR_XP_ADD_ROUND(
                                           "%[t0]", "x0", "%[shift]") TR_XP_ADD_ROUND("%[t1]", "x0",
                                                                                      "%[shift]")
                                           TR_XP_ADD_ROUND("%[t2]", "x0", "%[shift]")
                                               TR_XP_ADD_ROUND("%[t3]", "x0", "%[shift]") TR_XP_MIN(
                                                   "%[t0]", "%[t0]",
                                                   "%[most]") TR_XP_MIN("%[t1]", "%[t1]", "%[most]")
                                                   TR_XP_MIN("%[t2]", "%[t2]", "%[most]") TR_XP_MIN(
                                                       "%[t3]", "%[t3]", "%[most]")
                                                       TR_XP_PACK("%[e0]", "%[t0]", "%[t1]",
                                                                  "%[t2]", "%[t3]")
                                                           TR_XP_SDOTUSP4(
                                                               "%[sum]", "%[e0]",
                                                               "%[ones]") "sw %[e0], 0(%[low])\n\t"
                                                                          "add %[low], %[low], "
                                                                          "%[step]\n\t" TR_XP_END
      : [low] "+&r"(low), [high] "+&r"(high), [sum] "+&r"(sum), [e0] "=&r"(e0), [e1] "=&r"(e1),
        [e2] "=&r"(e2), [e3] "=&r"(e3), [t0] "=&r"(t0), [t1] "=&r"(t1), [t2] "=&r"(t2),
        [t3] "=&r"(t3)
      : [words] "r"(words), [step] "r"(step), [first] "r"(0x05010400U), [second] "r"(0x07030602U),
        [lower] "r"(lower), [upper] "r"(upper), [shift] "r"(r.shift), [most] "r"(most),
        [ones] "r"(0x01010101U)
      : "memory");
#else
  for (; words > 0; words--) {
    int32_t w[4];
    for (int i = 0; i < 4; i++) {
      const uint32_t e = (*low >> 8 * i & 0xFFU) | (*high >> 8 * i & 0xFFU) << 8;
      const int32_t product = tr_xp_mac((int32_t)e, upper, tr_xp_muls16((int32_t)e, lower));
      w[i] = tr_xp_min(tr_xp_add_round(product, 0, r.shift), most);
      sum += w[i];
    }
    *low = tr_xp_pack4(w[0], w[1], w[2], w[3]);
    low += step / 4;
    high += step / 4;
  }
#endif
  return sum;
}

/* What divides a row of t complements, `step` bytes apart, where `exp` is too coarse to be summed.
 */
TR_NOINLINE uint32_t tr_xp_fine_sum(const uint32_t *fine, const int8_t *complement, int32_t step,
                                    int32_t smallest, int32_t t) {
  uint32_t sum = 0;
  TR_NO_UNROLL
  for (; t > 0; t--) {
    sum += fine[*complement - smallest];
    complement += step;
  }
  return sum;
}

/* Sums of probabilities end, in the narrow form, as
 * sat8((((sum * multiplier) >> 32) + offset + 2^(shift-1)) >> shift) with twice their multiplier:
 * nothing is left to round. */
#define TR_XP_ROUNDED_SHIFT 1
#define TR_XP_ROUNDED_OFFSET (-1)

#endif
