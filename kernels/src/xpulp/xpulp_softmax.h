/* Softmax of contiguous elements on an XpulpV2 core, in parts that a row, or the runs of a masked row,
 * are made of. */
#ifndef TINYRIG_XPULP_SOFTMAX_H
#define TINYRIG_XPULP_SOFTMAX_H

#include "common/row_multiplier.h"
#include "tinyrig/softmax.h"
#include "xpulp/xpulp.h"

/* Turns exponentials into probabilities. */
TR_NOINLINE void tr_xp_probabilities(const uint16_t *row, int8_t *y, int32_t length,
                                     tr_row_multiplier scale, int32_t zero_point) {
  const int32_t m = scale.multiplier;
  const int32_t shift = scale.shift;
  TR_NO_UNROLL
  for (; length > 0; length--) {
    const int32_t high = tr_xp_high((int32_t)*row++ << 8, m);
    *y++ = (int8_t)tr_xp_clip8(tr_xp_add_round(high, 0, shift) + zero_point);
  }
}

TR_NOINLINE int32_t tr_xp_largest_of(const int8_t *x, int32_t length) {
  uint32_t largest = 0x80808080U;
  TR_NO_UNROLL
  for (; length >= 4; length -= 4) {
    largest = tr_xp_max4(largest, tr_xp_load(x));
    x += 4;
  }
  int32_t most = tr_xp_max(tr_xp_max(tr_xp_byte(largest, 0), tr_xp_byte(largest, 1)),
                           tr_xp_max(tr_xp_byte(largest, 2), tr_xp_byte(largest, 3)));
  for (; length > 0; length--) {
    most = tr_xp_max(most, *x++);
  }
  return most;
}

/* Writes the exponentials of a run to `row`; returns what the scale divides by. */
TR_NOINLINE uint32_t tr_xp_softmax_sum(const tr_softmax_s8_params *p, int32_t largest,
                                       const int8_t *x, int32_t length, uint16_t *row) {
  const uint16_t *const exp = p->exp;
  const uint32_t *const fine = p->fine;
  uint32_t sum = 0;
  TR_NO_UNROLL
  for (int32_t j = 0; j < length; j++) {
    const uint32_t e = exp[largest - x[j]];
    row[j] = (uint16_t)e;
    sum += e;
  }
  if (fine == 0) {
    return sum;
  }
  sum = 0;
  TR_NO_UNROLL
  for (int32_t j = 0; j < length; j++) {
    sum += fine[largest - x[j]];
  }
  return sum;
}

#endif
