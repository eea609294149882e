/* Requantisation on an XpulpV2 core, where a high multiply takes five cycles. */
#ifndef TINYRIG_XPULP_FINISH_H
#define TINYRIG_XPULP_FINISH_H

#include "tinyrig/requant.h"
#include "xpulp/xpulp.h"

/* How sums become outputs. HIGH is a high multiply, a saturation and perhaps a table. SHORT needs
 * no high multiply: the one multiplier is at least 2^24 and below 2^30, so sums that sixteen bits
 * cannot hold saturate anyway; it has no table. TAIL is HIGH where rows are no whole words. */
typedef enum { TR_XP_ANY, TR_XP_HIGH, TR_XP_TAIL, TR_XP_SHORT } tr_xp_form;

TR_INLINE tr_xp_form tr_xp_form_of(const tr_requant *r, const int8_t *lut, int32_t k) {
  if (r->narrow == 0 || r->lo != INT8_MIN || r->hi != INT8_MAX) {
    return TR_XP_ANY;
  }
  if (k % 4 != 0) {
    return TR_XP_TAIL;
  }
  if (lut == 0 && r->channel_step == 0 && *r->multiplier >= 1 << 24 && *r->multiplier < 1 << 30) {
    return TR_XP_SHORT;
  }
  return TR_XP_HIGH;
}

/* A multiplier M of the SHORT form as upper * 2^16 + lower, both of sixteen signed bits. Sums are
 * clamped to [-bound - 1, bound] first, which sixteen bits hold: bound + 1 is the largest B with
 * B * M < 128 * 2^32, so B - 1 gives 127, -B gives -128, and nothing is left to saturate. */
typedef struct {
  int32_t upper;
  int32_t lower;
  int32_t bound;
} tr_xp_halves;

TR_INLINE tr_xp_halves tr_xp_split(int32_t multiplier) {
  const int32_t lower = tr_low((uint32_t)multiplier);
  int32_t largest = (int32_t)(UINT32_MAX / ((uint32_t)(multiplier >> 7) + 1U));
  while ((int64_t)(largest + 1) * multiplier < (int64_t)128 << 32) {
    largest++;
  }
  const tr_xp_halves halves = {(multiplier - lower) >> 16, lower, largest - 1};
  return halves;
}

/* sat8((acc * multiplier) >> 32). */
TR_INLINE int32_t tr_xp_finish_high(int32_t acc, int32_t multiplier) {
  return tr_xp_clip8(tr_xp_high(acc, multiplier));
}

/* The same for the SHORT form: the two floors are one. */
TR_INLINE int32_t tr_xp_finish_short(int32_t acc, tr_xp_halves m) {
  const int32_t value = tr_xp_clip(acc, m.bound);
  return tr_xp_macs16(value, m.upper, tr_xp_muls16(value, m.lower));
}

/* Any form, clamp and table: zero_point + ((acc * multiplier + 2^(shift-1)) >> shift) with
 * 23 <= shift <= 32 where the form is not narrow. What the cut of the high word to 22 bits loses
 * saturates anyway. */
TR_INLINE int32_t tr_xp_finish_any(const tr_requant *r, const int8_t *lut, int32_t acc,
                                   int32_t multiplier) {
  int32_t y;
  if (r->narrow != 0) {
    y = tr_xp_high(acc, multiplier);
  } else {
    const int64_t product = (int64_t)acc * multiplier + (int64_t)(1U << (r->shift - 1));
    const int32_t high = tr_xp_min(tr_xp_max((int32_t)(product >> 32), -(1 << 21)), (1 << 21) - 1);
    const uint32_t low = (uint32_t)product >> (r->shift - 1) >> 1;
    y = r->zero_point + (int32_t)((uint32_t)high << (32 - r->shift) | low);
  }
  return tr_lookup(lut, (int8_t)tr_xp_min(tr_xp_max(y, r->lo), r->hi));
}

#endif
