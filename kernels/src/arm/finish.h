/* Requantisation for the optimised kernels: tr_requantise without 64-bit shifts. */
#ifndef TINYRIG_FINISH_H
#define TINYRIG_FINISH_H

#include "common/dsp.h"
#include "tinyrig/requant.h"

/* One high multiply and one saturation. */
TR_INLINE int32_t tr_finish_narrow(int32_t acc, int32_t multiplier) {
  return tr_saturate8(tr_high_multiply(acc, multiplier));
}

/* zero_point + ((acc * multiplier + 2^(shift-1)) >> shift), 23 <= shift <= 32, saturated. The
 * high word is cut to 22 bits before it moves up by at most 9: what is lost saturates anyway. */
TR_INLINE int32_t tr_finish_wide(const tr_requant *r, int32_t acc, int32_t multiplier) {
  if (r->shift == 32) {
    return tr_saturate8(r->zero_point + tr_high_multiply_round(acc, multiplier));
  }
  const int64_t product = (int64_t)acc * multiplier + (int64_t)(1U << (r->shift - 1));
  const uint32_t high = (uint32_t)tr_saturate22((int32_t)(product >> 32));
  const uint32_t low = (uint32_t)product >> (r->shift - 1) >> 1;
  return tr_saturate8(r->zero_point + (int32_t)(high << (32 - r->shift) | low));
}

/* The general form: any clamp, any table. */
TR_INLINE int32_t tr_finish(const tr_requant *r, const int8_t *lut, int32_t acc,
                            int32_t multiplier) {
  const int32_t y = r->narrow != 0 ? tr_finish_narrow(acc, multiplier)
                                   : tr_finish_wide(r, acc, multiplier);
  return tr_lookup(lut, (int8_t)tr_clamp(y, r->lo, r->hi));
}

/* True when a high multiply and a saturation to eight bits are all there is to do, but for a
 * table; and without one. */
TR_INLINE int tr_finish_is_narrow(const tr_requant *r) {
  return r->narrow != 0 && r->lo == INT8_MIN && r->hi == INT8_MAX;
}

TR_INLINE int tr_finish_is_plain(const tr_requant *r, const int8_t *lut) {
  return tr_finish_is_narrow(r) && lut == 0;
}

#endif
