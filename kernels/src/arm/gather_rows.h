/* Gathered rows: what the schedules of the cores share. */
#ifndef TINYRIG_GATHER_ROWS_H
#define TINYRIG_GATHER_ROWS_H

#include "arm/copy_run.h"
#include "tinyrig/elementwise.h"

/* One row of any steps. */
TR_INLINE void tr_gather_bytes(const int8_t *x, int32_t x_step, int8_t *y, int32_t y_step,
                               int32_t count) {
  int32_t x_at = 0;
  int32_t y_at = 0;
  TR_NO_UNROLL
  for (; count > 0; count--) {
    y[y_at] = x[x_at];
    x_at += x_step;
    y_at += y_step;
  }
}

/* The rows of one outer index. */
TR_INLINE void tr_gather_inner(const tr_gather_s8_params *p, const int8_t *x, int8_t *y,
                               const tr_form form) {
  const int32_t *index = p->index;
  const int contiguous = p->x_inner == 1 && p->y_inner == 1;
  TR_NO_UNROLL
  for (int32_t i = 0; i < p->count; i++) {
    const int8_t *const from = x + *index++ * p->x_step;
    int8_t *const to = y + i * p->y_step;
    if (contiguous) {
      tr_copy_run(from, to, p->inner, form);
    } else {
      tr_gather_bytes(from, p->x_inner, to, p->y_inner, p->inner);
    }
  }
}

#endif
