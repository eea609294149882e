/* Exponentials limited to a share of their row's sum, as two planes of bytes on an XpulpV2 core. */
#ifndef TINYRIG_XPULP_LIMIT_H
#define TINYRIG_XPULP_LIMIT_H

#include "xpulp/xpulp.h"

/* Limits `count` exponentials to `most`: fours of bytes in both planes, `gap` bytes between fours.
 * Returns their sum. */
TR_NOINLINE uint32_t tr_xp_limit(uint8_t *low, uint8_t *high, int32_t count, int32_t gap,
                                 uint32_t most) {
  uint32_t sum = 0;
  TR_NO_UNROLL
  for (int32_t j = 0; j < count; j++) {
    const int32_t at = j + j / 4 * gap;
    uint32_t e = low[at] | (uint32_t)high[at] << 8;
    if (e > most) {
      e = most;
      low[at] = (uint8_t)e;
      high[at] = (uint8_t)(e >> 8);
    }
    sum += e;
  }
  return sum;
}

#endif
