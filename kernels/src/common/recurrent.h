/* What LSTM and GRU kernels share: gates, their functions, and how codes become states. A kernel
 * brings what sums the rows of a unit's weights. */
#ifndef TINYRIG_RECURRENT_STEP_H
#define TINYRIG_RECURRENT_STEP_H

#include "common/dsp.h"
#include "tinyrig/recurrent.h"
#include "tinyrig/requant.h"

/* sums[i] = the hidden codes, 4-byte aligned, times row i at w; rows is at most 4. */
typedef void tr_gate_sums(const int8_t *w, const int8_t *h, int32_t units, int32_t rows,
                          int32_t *sums);

TR_INLINE int32_t tr_state(int32_t value) { return tr_clamp(value, INT16_MIN, INT16_MAX); }

TR_INLINE int32_t tr_moved(int32_t value, int32_t multiplier, int32_t shift) {
  return (value * multiplier + (1 << (shift - 1))) >> shift;
}

/* The logistic function of a gate of 16 bits, 12 of them behind its point; 2^15 is one. */
TR_INLINE int32_t tr_sigmoid(const int16_t *table, int32_t gate) {
  const int16_t *const at = table + (gate >> 8) + 128;
  return at[0] + (((at[1] - at[0]) * (gate & 255) + 128) >> 8);
}

/* The hyperbolic tangent of half a gate. */
TR_INLINE int32_t tr_tanh_half(const int16_t *table, int32_t gate) {
  return 2 * tr_sigmoid(table, gate) - 32768;
}

/* The gate whose constants stand at `at`, of a sum and an input's code, and of `more`. */
TR_INLINE int32_t tr_gate(const tr_recurrent *r, int32_t at, int32_t sum, int32_t x, int32_t more) {
  const int64_t scaled = (int64_t)sum * r->h_multiplier[at] + (int64_t)x * r->x_multiplier[at];
  const int64_t half = (int64_t)1 << (r->shift - 1);
  return tr_state(r->bias[at] + (int32_t)((scaled + half) >> r->shift) + more);
}

/* The code of a hidden state. */
TR_INLINE int8_t tr_hidden_code(const tr_recurrent *r, int32_t state) {
  const int32_t moved = tr_moved(state, r->y_multiplier, r->y_shift);
  return (int8_t)tr_clamp(r->zero_point + moved, INT8_MIN, INT8_MAX);
}

TR_INLINE int32_t tr_words(int32_t bytes) { return (bytes + 3) / 4 * 4; }

/* Where a step that is taken as number `turn` lies. */
TR_INLINE int32_t tr_step(const tr_recurrent *r, int32_t turn) {
  return r->reverse != 0 ? r->steps - 1 - turn : turn;
}

/* Writes hidden codes after turn `turn`, where they are shown. */
TR_INLINE void tr_show(const tr_recurrent *r, int32_t turn, const int8_t *h, int8_t *y) {
  if (r->sequence == 0 && turn + 1 < r->steps) {
    return;
  }
  int8_t *const row = y + (r->sequence != 0 ? tr_step(r, turn) * r->y_stride[0] : 0);
  for (int32_t j = 0; j < r->units; j++) {
    row[j * r->y_stride[2]] = h[j];
  }
}

#endif
