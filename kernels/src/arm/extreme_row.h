/* The largest or the least of contiguous bytes, four at a time. */
#ifndef TINYRIG_EXTREME_ROW_H
#define TINYRIG_EXTREME_ROW_H

#include "common/dsp.h"

#define TR_EXTREME_FOUR 4
#define TR_EXTREME_TURN 16 /* bytes of a loop */

TR_INLINE uint32_t tr_extreme4(uint32_t a, uint32_t b, const int least) {
  return least ? tr_signed_min4(a, b) : tr_max4(a, b);
}

/* Four bytes whose extreme is that of `four` and of `count` bytes, four or more: the last four may be
 * some that were looked at before. */
TR_INLINE uint32_t tr_extreme_row(uint32_t four, const int8_t *x, int32_t count, const int least) {
  const int8_t *const last = x + count - TR_EXTREME_FOUR;
  TR_NO_UNROLL
  for (; count >= TR_EXTREME_TURN; count -= TR_EXTREME_TURN) {
    const uint32_t a = tr_load4(x);
    const uint32_t b = tr_load4(x + 4);
    const uint32_t c = tr_load4(x + 8);
    const uint32_t d = tr_load4(x + 12);
    four = tr_extreme4(four, a, least);
    four = tr_extreme4(four, b, least);
    four = tr_extreme4(four, c, least);
    four = tr_extreme4(four, d, least);
    x += TR_EXTREME_TURN;
  }
  TR_NO_UNROLL
  for (; count > TR_EXTREME_FOUR; count -= TR_EXTREME_FOUR) {
    four = tr_extreme4(four, tr_load4(x), least);
    x += TR_EXTREME_FOUR;
  }
  return count > 0 ? tr_extreme4(four, tr_load4(last), least) : four;
}

/* The extreme of four bytes, in each of them. */
TR_INLINE uint32_t tr_extreme_all(uint32_t four, const int least) {
  four = tr_extreme4(four, four >> 16 | four << 16, least);
  return tr_extreme4(four, four >> 8 | four << 24, least);
}

#endif
