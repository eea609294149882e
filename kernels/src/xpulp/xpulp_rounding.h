/* Exponentials, as two planes of bytes, into probabilities of one, on an XpulpV2 core. */
#ifndef TINYRIG_XPULP_ROUNDING_H
#define TINYRIG_XPULP_ROUNDING_H

#include "common/row_rounding.h"
#include "tinyrig/attention.h"
#include "xpulp/xpulp.h"

/* One exponential: a product of 46 bits in two, because a high multiply takes five cycles. */
TR_INLINE int32_t tr_xp_rounded(tr_row_rounding r, int32_t e, int32_t most) {
  const int32_t rest = (int32_t)((uint32_t)e * ((uint32_t)r.multiplier & 0xFFFFU) >> 16);
  const int32_t product = tr_xp_mac(e, r.multiplier >> 16, rest);
  return tr_xp_min(tr_xp_add_round(product, 0, r.shift), most);
}

/* Rounds `words` words of four exponentials, `step` words from one to the next; the probabilities
 * stand where the low bytes were. Returns their sum. */
TR_NOINLINE int32_t tr_xp_round(tr_row_rounding r, int32_t most, uint32_t *low, const uint32_t *high,
                                int32_t words, int32_t step) {
  int32_t sum = 0;
  TR_NO_UNROLL
  for (; words > 0; words--) {
    const uint32_t l = *low;
    const uint32_t h = *high;
    int32_t w[4];
    for (int i = 0; i < 4; i++) {
      const uint32_t e = (l >> 8 * i & 0xFFU) | (h >> 8 * i & 0xFFU) << 8;
      w[i] = tr_xp_rounded(r, (int32_t)e, most);
      sum += w[i];
    }
    *low = tr_xp_pack4(w[0], w[1], w[2], w[3]);
    low += step;
    high += step;
  }
  return sum;
}

/* What divides a row of t complements, `step` bytes apart, where `exp` is too coarse to be summed. */
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
 * sat8((((sum * multiplier) >> 32) + offset + 2^(shift-1)) >> shift) with twice their multiplier: nothing
 * is left to round. */
#define TR_XP_ROUNDED_SHIFT 1
#define TR_XP_ROUNDED_OFFSET (-1)

#endif
