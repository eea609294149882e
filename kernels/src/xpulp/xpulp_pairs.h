/* Scores of attention heads of one or two columns on an XpulpV2 core. */
#ifndef TINYRIG_XPULP_PAIRS_H
#define TINYRIG_XPULP_PAIRS_H

#include "xpulp/xpulp_finish.h"

/* to[4 * j + i] = the score of key j and query i, both pairs less their zero points, in the SHORT
 * form; t >= 1 keys, four queries. */
TR_INLINE void tr_xp_score_pairs(const int32_t *key, const uint32_t *query, int32_t start,
                                 tr_xp_halves m, int32_t t, int8_t *to) {
#if defined(TR_XPULP_INSN)
  uint32_t pair;
  int32_t s0;
  int32_t s1;
  int32_t s2;
  int32_t s3;
  int32_t y0;
  int32_t y1;
  int32_t y2;
  int32_t y3;
  __asm__ volatile(
      TR_XP_BEGIN TR_XP_LOOP(0, "%[t]", 24) TR_XP_LOAD_NEXT("%[pair]", "%[key]", 4)
      "mv %[s0], %[start]\n\t"
      "mv %[s1], %[start]\n\t"
      "mv %[s2], %[start]\n\t"
      "mv %[s3], %[start]\n\t"
      TR_XP_SDOTSP2("%[s0]", "%[q0]", "%[pair]") TR_XP_SDOTSP2("%[s1]", "%[q1]", "%[pair]")
      TR_XP_SDOTSP2("%[s2]", "%[q2]", "%[pair]") TR_XP_SDOTSP2("%[s3]", "%[q3]", "%[pair]")
      TR_XP_CLIP("%[s0]", "%[s0]", "%[bound]") TR_XP_CLIP("%[s1]", "%[s1]", "%[bound]")
      TR_XP_CLIP("%[s2]", "%[s2]", "%[bound]") TR_XP_CLIP("%[s3]", "%[s3]", "%[bound]")
      TR_XP_MULS16("%[y0]", "%[s0]", "%[lower]") TR_XP_MULS16("%[y1]", "%[s1]", "%[lower]")
      TR_XP_MULS16("%[y2]", "%[s2]", "%[lower]") TR_XP_MULS16("%[y3]", "%[s3]", "%[lower]")
      TR_XP_MACS16("%[y0]", "%[s0]", "%[upper]") TR_XP_MACS16("%[y1]", "%[s1]", "%[upper]")
      TR_XP_MACS16("%[y2]", "%[s2]", "%[upper]") TR_XP_MACS16("%[y3]", "%[s3]", "%[upper]")
      TR_XP_PACK("%[y0]", "%[y0]", "%[y1]", "%[y2]", "%[y3]")
      TR_XP_STORE_NEXT("%[y0]", "%[to]", 4) TR_XP_END
      : [key] "+&r"(key), [to] "+&r"(to), [pair] "=&r"(pair), [s0] "=&r"(s0), [s1] "=&r"(s1),
        [s2] "=&r"(s2), [s3] "=&r"(s3), [y0] "=&r"(y0), [y1] "=&r"(y1), [y2] "=&r"(y2),
        [y3] "=&r"(y3)
      : [q0] "r"(query[0]), [q1] "r"(query[1]), [q2] "r"(query[2]), [q3] "r"(query[3]),
        [start] "r"(start), [upper] "r"(m.upper), [lower] "r"(m.lower),
        [bound] "r"(m.bound), [t] "r"(t)
      : "memory");
#else
  for (; t > 0; t--) {
    const uint32_t pair = (uint32_t)*key++;
    for (int i = 0; i < 4; i++) {
      *to++ = (int8_t)tr_xp_finish_short(tr_xp_sdotsp2(query[i], pair, start), m);
    }
  }
#endif
}

#endif
