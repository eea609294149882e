/* Rows of softmax, whole or masked, by the schedules of a core. */
#ifndef TINYRIG_SOFTMAX_ROWS_H
#define TINYRIG_SOFTMAX_ROWS_H

#include "arm/softmax_passes.h"

/* One row of contiguous elements. */
TR_INLINE void tr_softmax_row(const tr_softmax_core *core, const tr_softmax_s8_params *p,
                              const int8_t *x, int8_t *y, uint16_t *row) {
  const uint32_t largest = tr_in_all_bytes(tr_run_largest(core, TR_NO_LARGEST, x, p->length));
  uint32_t sum = tr_run_exponentials(core, p->exp, largest, x, p->length, row);
  if (p->fine != 0) {
    sum = tr_fine_sum(p->fine, largest, x, p->length);
  }
  tr_run_probabilities(core, p, row, y, p->length, sum);
}

TR_INLINE void tr_softmax_rows(const tr_softmax_core *core, const tr_softmax_s8_params *p,
                               const int8_t *x, int8_t *y, void *scratch) {
  for (int32_t i = 0; i < p->outer0; i++) {
    for (int32_t j = 0; j < p->outer1; j++) {
      tr_softmax_row(core, p, x + i * p->x_stride[0] + j * p->x_stride[1],
                     y + i * p->y_stride[0] + j * p->y_stride[1], scratch);
    }
  }
}

TR_INLINE void tr_fill_bytes(int8_t *y, int32_t begin, int32_t end, int32_t value) {
  TR_NO_UNROLL
  for (; begin < end; begin++) {
    y[begin] = (int8_t)value;
  }
}

/* One row of contiguous elements; `row` holds the exponentials of its runs, one behind another. */
TR_INLINE void tr_softmax_masked_row(const tr_softmax_core *core, const tr_softmax_s8_params *p,
                                     const int8_t *x, int8_t *y, uint16_t *row,
                                     tr_kept_runs kept) {
  const int32_t *const end = kept.run + 2 * kept.count;
  uint32_t largest = TR_NO_LARGEST;
  for (const int32_t *run = kept.run; run < end; run += 2) {
    largest = tr_run_largest(core, largest, x + run[0], run[1] - run[0]);
  }
  largest = tr_in_all_bytes(largest);
  uint16_t *to = row;
  uint32_t sum = 0;
  for (const int32_t *run = kept.run; run < end; run += 2) {
    const int32_t length = run[1] - run[0];
    const uint32_t coarse = tr_run_exponentials(core, p->exp, largest, x + run[0], length, to);
    sum += p->fine != 0 ? tr_fine_sum(p->fine, largest, x + run[0], length) : coarse;
    to += length;
  }
  int32_t done = 0;
  const uint16_t *from = row;
  for (const int32_t *run = kept.run; run < end; run += 2) {
    const int32_t length = run[1] - run[0];
    tr_fill_bytes(y, done, run[0], p->zero_point);
    tr_run_probabilities(core, p, from, y + run[0], length, sum);
    from += length;
    done = run[1];
  }
  tr_fill_bytes(y, done, p->length, p->zero_point);
}

TR_INLINE void tr_softmax_masked_rows(const tr_softmax_core *core,
                                      const tr_softmax_masked_s8_params *p, const int8_t *x,
                                      int8_t *y, void *scratch) {
  const tr_softmax_s8_params *const rows = &p->rows;
  for (int32_t i = 0; i < rows->outer0; i++) {
    for (int32_t j = 0; j < rows->outer1; j++) {
      tr_softmax_masked_row(core, rows, x + i * rows->x_stride[0] + j * rows->x_stride[1],
                            y + i * rows->y_stride[0] + j * rows->y_stride[1], scratch,
                            tr_runs_of(p, i, j));
    }
  }
}

#endif
