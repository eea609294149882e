/* The LSTM of every instruction set, by what sums its weights. */
#ifndef TINYRIG_LSTM_STEP_H
#define TINYRIG_LSTM_STEP_H

#include "common/recurrent.h"

/* One step of one element of the batch: new hidden codes and cells. */
TR_INLINE void tr_lstm_step(const tr_lstm_s8_params *p, const int8_t *x, const int8_t *h,
                            int8_t *next, int16_t *cell, tr_gate_sums *sum) {
  const tr_recurrent *const r = &p->run;
  const int32_t units = r->units;
  const int32_t column = r->x_stride[2];
  for (int32_t j = 0; j < units; j++) {
    int32_t sums[4];
    int32_t gate[4];
    sum(p->weight + 4 * j * units, h, units, 4, sums);
    for (int32_t i = 0; i < 4; i++) {
      gate[i] = tr_gate(r, 4 * j + i, sums[i], x[(i * units + j) * column], 0);
    }
    const int32_t input = tr_sigmoid(r->table, gate[0]);
    const int32_t output = tr_sigmoid(r->table, gate[1]);
    const int32_t forget = tr_sigmoid(r->table, gate[2]);
    const int32_t added = (input * tr_tanh_half(r->table, gate[3])) >> 4;
    const int32_t c = tr_state((forget * cell[j] + added + 16384) >> 15);
    cell[j] = (int16_t)c;
    const int32_t shown = output * tr_tanh_half(r->table, tr_state(4 * c));
    next[j] = tr_hidden_code(r, (shown + 16384) >> 15);
  }
}

TR_INLINE void tr_lstm_sequence(const tr_lstm_s8_params *p, const int8_t *x, const int8_t *h,
                                const int8_t *c, int8_t *y, int8_t *scratch, tr_gate_sums *sum) {
  const tr_recurrent *const r = &p->run;
  int8_t *codes = scratch;
  int8_t *next = codes + tr_words(r->units);
  int16_t *const cell = (int16_t *)(void *)(scratch + 2 * tr_words(r->units));
  for (int32_t j = 0; j < r->units; j++) {
    const int32_t code = c[j * p->c_stride[1]] - p->c_zero_point;
    codes[j] = h[j * r->h_stride[1]];
    cell[j] = (int16_t)tr_state(tr_moved(code, p->c_multiplier, p->c_shift));
  }
  for (int32_t turn = 0; turn < r->steps; turn++) {
    tr_lstm_step(p, x + tr_step(r, turn) * r->x_stride[0], codes, next, cell, sum);
    int8_t *const old = codes;
    codes = next;
    next = old;
    tr_show(r, turn, codes, y);
  }
  if (p->shown == 0) {
    return;
  }
  int8_t *const last = y + (r->sequence != 0 ? r->steps : 1) * r->y_stride[0];
  for (int32_t j = 0; j < r->units; j++) {
    const int32_t moved = tr_moved(cell[j], p->shown_multiplier, p->shown_shift);
    last[j * r->y_stride[2]] =
        (int8_t)tr_clamp(p->shown_zero_point + moved, INT8_MIN, INT8_MAX);
  }
}

TR_INLINE void tr_lstm_batch(const tr_lstm_s8_params *p, const int8_t *x, const int8_t *h,
                             const int8_t *c, int8_t *y, void *scratch, tr_gate_sums *sum) {
  const tr_recurrent *const r = &p->run;
  for (int32_t n = 0; n < r->batch; n++) {
    tr_lstm_sequence(p, x + n * r->x_stride[1], h + n * r->h_stride[0], c + n * p->c_stride[0],
                     y + n * r->y_stride[1], scratch, sum);
  }
}

#endif
