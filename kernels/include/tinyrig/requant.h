/* Requantisation: an int32 accumulator becomes an int8 output (docs/arithmetic.md). */
#ifndef TINYRIG_REQUANT_H
#define TINYRIG_REQUANT_H

#include <stdint.h>

/* multiplier: one entry when channel_step is 0, else one an output channel (channel_step 1).
 * narrow != 0: y = sat8((acc * M) >> 32), the accumulator started with fold.
 * narrow == 0: y = sat8(zero_point + ((acc * M + 2^(shift-1)) >> shift)), 23 <= shift <= 32.
 * Then y is clamped to [lo, hi], both within [-128, 127], lo <= hi. */
typedef struct {
  const int32_t *multiplier;
  int32_t channel_step;
  int32_t shift;
  int32_t narrow;
  int32_t zero_point;
  int32_t lo;
  int32_t hi;
} tr_requant;

static inline int32_t tr_clamp(int32_t value, int32_t lo, int32_t hi) {
  return value < lo ? lo : (value > hi ? hi : value);
}

static inline int8_t tr_requantise(const tr_requant *r, int32_t acc, int32_t channel) {
  const int64_t product = (int64_t)acc * r->multiplier[channel * r->channel_step];
  int64_t y;
  if (r->narrow != 0) {
    y = product >> 32;
  } else {
    y = r->zero_point + ((product + ((int64_t)1 << (r->shift - 1))) >> r->shift);
  }
  y = y < r->lo ? r->lo : (y > r->hi ? r->hi : y);
  return (int8_t)y;
}

/* A table of 256 entries, indexed by y + 128; lut may be 0. */
static inline int8_t tr_lookup(const int8_t *lut, int8_t y) {
  return lut != 0 ? lut[(int32_t)y + 128] : y;
}

#endif
