/* Sums of bytes on an XpulpV2 core: products with ones, four bytes at a time. */
#ifndef TINYRIG_XPULP_SUMS_H
#define TINYRIG_XPULP_SUMS_H

#include "xpulp/xpulp.h"

#define TR_XP_ONES 0x01010101U

/* The sum of k >= 0 bytes. */
TR_INLINE int32_t tr_xp_sum(const int8_t *from, int32_t k) {
  int32_t sum = 0;
  TR_NO_UNROLL
  for (; k >= 4; k -= 4) {
    sum = tr_xp_sdotsp4(tr_xp_load(from), TR_XP_ONES, sum);
    from += 4;
  }
  TR_NO_UNROLL
  for (; k > 0; k--) {
    sum += *from++;
  }
  return sum;
}

/* sum[i] = the sum of row i: four rows of k >= 4 bytes, `step` bytes apart. */
TR_NOINLINE void tr_xp_four_sums(const int8_t *row, int32_t step, int32_t k, int32_t *sum) {
  int32_t s0 = 0;
  int32_t s1 = 0;
  int32_t s2 = 0;
  int32_t s3 = 0;
  const int8_t *from = row;
#if defined(TR_XPULP_INSN)
  uint32_t x0;
  uint32_t x1;
  uint32_t x2;
  uint32_t x3;
  __asm__ volatile(TR_XP_BEGIN TR_XP_LOOP(0, "%[words]", 8)
                   TR_XP_LOAD_STEP("%[x0]", "%[from]", "%[step]")
                   TR_XP_LOAD_STEP("%[x1]", "%[from]", "%[step]")
                   TR_XP_LOAD_STEP("%[x2]", "%[from]", "%[step]")
                   TR_XP_LOAD_STEP("%[x3]", "%[from]", "%[back]")
                   TR_XP_SDOTSP4("%[s0]", "%[x0]", "%[ones]")
                   TR_XP_SDOTSP4("%[s1]", "%[x1]", "%[ones]")
                   TR_XP_SDOTSP4("%[s2]", "%[x2]", "%[ones]")
                   TR_XP_SDOTSP4("%[s3]", "%[x3]", "%[ones]") TR_XP_END
                   : [from] "+&r"(from), [s0] "+&r"(s0), [s1] "+&r"(s1), [s2] "+&r"(s2),
                     [s3] "+&r"(s3), [x0] "=&r"(x0), [x1] "=&r"(x1), [x2] "=&r"(x2),
                     [x3] "=&r"(x3)
                   : [step] "r"(step), [back] "r"(4 - 3 * step), [words] "r"(k / 4),
                     [ones] "r"(TR_XP_ONES)
                   : "memory");
#else
  for (int32_t words = k / 4; words > 0; words--) {
    s0 = tr_xp_sdotsp4(tr_xp_load(from), TR_XP_ONES, s0);
    s1 = tr_xp_sdotsp4(tr_xp_load(from + step), TR_XP_ONES, s1);
    s2 = tr_xp_sdotsp4(tr_xp_load(from + 2 * step), TR_XP_ONES, s2);
    s3 = tr_xp_sdotsp4(tr_xp_load(from + 3 * step), TR_XP_ONES, s3);
    from += 4;
  }
#endif
  if (k % 4 != 0) {
    const uint32_t ones = TR_XP_ONES << (32 - 8 * (k % 4));
    from += k % 4 - 4;
    s0 = tr_xp_sdotsp4(tr_xp_load(from), ones, s0);
    s1 = tr_xp_sdotsp4(tr_xp_load(from + step), ones, s1);
    s2 = tr_xp_sdotsp4(tr_xp_load(from + 2 * step), ones, s2);
    s3 = tr_xp_sdotsp4(tr_xp_load(from + 3 * step), ones, s3);
  }
  sum[0] = s0;
  sum[1] = s1;
  sum[2] = s2;
  sum[3] = s3;
}

#endif
