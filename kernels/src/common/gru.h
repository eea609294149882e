/* The GRU of every instruction set, by what sums its weights. */
#ifndef TINYRIG_GRU_STEP_H
#define TINYRIG_GRU_STEP_H

#include "common/recurrent.h"

/* Between an old state and a hidden gate, as far as the update gate says. */
TR_INLINE int32_t tr_gru_updated(int32_t update, int32_t state, int32_t hidden) {
  return (update * state + (32768 - update) * hidden + 16384) >> 15;
}

/* One step whose reset gate multiplies sums: `next` becomes the new codes. */
TR_INLINE void tr_gru_step_sums(const tr_gru_s8_params *p, const int8_t *x, const int8_t *h,
                                int8_t *next, int16_t *state, tr_gate_sums *sum) {
  const tr_recurrent *const r = &p->run;
  const int32_t units = r->units;
  const int32_t column = r->x_stride[2];
  const int64_t half = (int64_t)1 << (r->shift - 1);
  for (int32_t j = 0; j < units; j++) {
    int32_t sums[4];
    sum(p->weight + 3 * j * units, h, units, 3, sums);
    const int32_t update = tr_sigmoid(r->table, tr_gate(r, 3 * j, sums[0], x[j * column], 0));
    const int32_t reset =
        tr_sigmoid(r->table, tr_gate(r, 3 * j + 1, sums[1], x[(units + j) * column], 0));
    const int64_t scaled = (int64_t)sums[2] * r->h_multiplier[3 * j + 2];
    const int64_t held = p->held[j] + ((scaled + half) >> r->shift);
    const int32_t more = (int32_t)((held * reset + 16384) >> 15);
    const int32_t gate = tr_gate(r, 3 * j + 2, 0, x[(2 * units + j) * column], more);
    state[j] = (int16_t)tr_gru_updated(update, state[j], tr_tanh_half(r->table, gate));
    next[j] = tr_hidden_code(r, state[j]);
  }
}

/* Sums of `rows` rows at w, four at a time. */
TR_INLINE void tr_gru_sums(const int8_t *w, const int8_t *h, int32_t units, int32_t rows,
                           int32_t *sums, tr_gate_sums *sum) {
  int32_t i = 0;
  for (; i <= rows - 4; i += 4) {
    sum(w + i * units, h, units, 4, sums + i);
  }
  for (; i < rows; i++) {
    sum(w + i * units, h, units, 1, sums + i);
  }
}

/* One step whose reset gate multiplies states, as codes in `reset`: h becomes the new codes. */
TR_INLINE void tr_gru_step_states(const tr_gru_s8_params *p, const int8_t *x, int8_t *h,
                                  int8_t *reset, int16_t *state, int32_t *sums,
                                  tr_gate_sums *sum) {
  const tr_recurrent *const r = &p->run;
  const int32_t units = r->units;
  const int32_t column = r->x_stride[2];
  tr_gru_sums(p->weight, h, units, 2 * units, sums, sum);
  for (int32_t j = 0; j < units; j++) {
    const int32_t part =
        tr_sigmoid(r->table, tr_gate(r, 3 * j + 1, sums[2 * j + 1], x[(units + j) * column], 0));
    sums[j] = tr_sigmoid(r->table, tr_gate(r, 3 * j, sums[2 * j], x[j * column], 0));
    reset[j] = tr_hidden_code(r, (part * state[j] + 16384) >> 15);
  }
  tr_gru_sums(p->weight + 2 * units * units, reset, units, units, sums + units, sum);
  for (int32_t j = 0; j < units; j++) {
    const int32_t gate = tr_gate(r, 3 * j + 2, sums[units + j], x[(2 * units + j) * column], 0);
    state[j] = (int16_t)tr_gru_updated(sums[j], state[j], tr_tanh_half(r->table, gate));
    h[j] = tr_hidden_code(r, state[j]);
  }
}

TR_INLINE void tr_gru_sequence(const tr_gru_s8_params *p, const int8_t *x, const int8_t *h,
                               int8_t *y, int8_t *scratch, tr_gate_sums *sum) {
  const tr_recurrent *const r = &p->run;
  int8_t *codes = scratch;
  int8_t *other = codes + tr_words(r->units);
  int32_t *const sums = (int32_t *)(void *)(scratch + 2 * tr_words(r->units));
  int16_t *const state = (int16_t *)(void *)(sums + 2 * r->units);
  for (int32_t j = 0; j < r->units; j++) {
    codes[j] = h[j * r->h_stride[1]];
    state[j] = (int16_t)tr_state(tr_moved(codes[j] - r->zero_point, p->h_multiplier, p->h_shift));
  }
  for (int32_t turn = 0; turn < r->steps; turn++) {
    const int8_t *const row = x + tr_step(r, turn) * r->x_stride[0];
    if (p->held != 0) {
      tr_gru_step_sums(p, row, codes, other, state, sum);
      int8_t *const old = codes;
      codes = other;
      other = old;
    } else {
      tr_gru_step_states(p, row, codes, other, state, sums, sum);
    }
    tr_show(r, turn, codes, y);
  }
}

TR_INLINE void tr_gru_batch(const tr_gru_s8_params *p, const int8_t *x, const int8_t *h, int8_t *y,
                            void *scratch, tr_gate_sums *sum) {
  const tr_recurrent *const r = &p->run;
  for (int32_t n = 0; n < r->batch; n++) {
    tr_gru_sequence(p, x + n * r->x_stride[1], h + n * r->h_stride[0], y + n * r->y_stride[1],
                    scratch, sum);
  }
}

#endif
