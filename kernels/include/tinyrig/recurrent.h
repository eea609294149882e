/* LSTM and GRU over a sequence of one direction, from the input's part of every gate. */
#ifndef TINYRIG_RECURRENT_H
#define TINYRIG_RECURRENT_H

#include <stdint.h>

/* What both have. x [steps, batch, gates * units], h [batch, units], the states before, and
 * y [rows, batch, units], one row a step, or without sequence that of the last step alone; strides
 * in elements. Steps are taken from the last to the first where reverse is not 0. The
 * weights are [units, gates, units], the multipliers and bias [units, gates]; shift is 8 to 24.
 * table has the logistic function from -8 to 8, 257 entries. No gate's sum leaves int32, nor does a state times
 * its multiplier: the generator proved it. zero_point is that of h and y. y overlaps nothing. */
typedef struct {
  int32_t steps;
  int32_t batch;
  int32_t units;
  int32_t reverse;
  int32_t sequence;
  int32_t x_stride[3]; /* step, batch, column */
  int32_t h_stride[2];
  int32_t y_stride[3];
  const int32_t *h_multiplier;
  const int32_t *x_multiplier;
  const int32_t *bias;
  int32_t shift;
  const int16_t *table;
  int32_t y_multiplier;
  int32_t y_shift;
  int32_t zero_point;
} tr_recurrent;

/* Gates are input, output, forget and cell. c [batch, units] are the cells before. Where shown is
 * not 0, y has one row more, the codes of the last cells. Scratch: units twice, each rounded up to
 * words, and 2 bytes a unit. */
typedef struct {
  tr_recurrent run;
  const int8_t *weight;
  int32_t c_stride[2];
  int32_t c_multiplier;
  int32_t c_shift;
  int32_t c_zero_point;
  int32_t shown;
  int32_t shown_multiplier;
  int32_t shown_shift;
  int32_t shown_zero_point;
} tr_lstm_s8_params;

typedef void tr_lstm_s8_fn(const tr_lstm_s8_params *p, const int8_t *x, const int8_t *h,
                           const int8_t *c, int8_t *y, void *scratch);
tr_lstm_s8_fn tr_lstm_s8__ref;

/* Gates are update, reset and hidden. The reset gate multiplies the sums of the hidden gate and
 * held, or where held is 0 the states before they are summed: then the weights of all units' first
 * two gates come first, [units, 2, units], and those of their third behind them, [units, units].
 * Scratch: as an LSTM's, and 8 bytes a unit more. */
typedef struct {
  tr_recurrent run;
  const int8_t *weight;
  int32_t h_multiplier;
  int32_t h_shift;
  const int32_t *held;
} tr_gru_s8_params;

typedef void tr_gru_s8_fn(const tr_gru_s8_params *p, const int8_t *x, const int8_t *h, int8_t *y,
                          void *scratch);
tr_gru_s8_fn tr_gru_s8__ref;

#endif
