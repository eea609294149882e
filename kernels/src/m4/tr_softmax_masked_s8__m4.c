#include "arm/softmax_run.h"
#include "common/row_multiplier.h"

TR_INLINE void fill(int8_t *y, int32_t begin, int32_t end, int32_t value) {
  for (; begin < end; begin++) {
    y[begin] = (int8_t)value;
  }
}

/* One row of contiguous elements; `row` holds the exponentials of its runs, one behind another. */
TR_NOINLINE void softmax_row(const tr_softmax_s8_params *p, const int8_t *x, int8_t *y,
                             uint16_t *row, tr_kept_runs kept) {
  const int32_t *const end = kept.run + 2 * kept.count;
  uint32_t largest = TR_NO_LARGEST;
  for (const int32_t *run = kept.run; run < end; run += 2) {
    largest = tr_larger_of(largest, x + run[0], run[1] - run[0]);
  }
  largest = tr_in_all_bytes(largest);
  uint16_t *to = row;
  uint32_t sum = 0;
  for (const int32_t *run = kept.run; run < end; run += 2) {
    const int32_t length = run[1] - run[0];
    const uint32_t coarse = tr_look_up_run(p->exp, largest, x + run[0], length, to);
    sum += p->fine != 0 ? tr_fine_sum(p->fine, largest, x + run[0], length) : coarse;
    to += length;
  }
  int32_t done = 0;
  const uint16_t *from = row;
  for (const int32_t *run = kept.run; run < end; run += 2) {
    const int32_t length = run[1] - run[0];
    fill(y, done, run[0], p->zero_point);
    tr_probabilities(p, from, y + run[0], length, tr_row_scale_for(p->scale, sum));
    from += length;
    done = run[1];
  }
  fill(y, done, p->length, p->zero_point);
}

void tr_softmax_masked_s8__m4(const tr_softmax_masked_s8_params *p, const int8_t *x, int8_t *y,
                              void *scratch) {
  const tr_softmax_s8_params *const rows = &p->rows;
  for (int32_t i = 0; i < rows->outer0; i++) {
    for (int32_t j = 0; j < rows->outer1; j++) {
      softmax_row(rows, x + i * rows->x_stride[0] + j * rows->x_stride[1],
                  y + i * rows->y_stride[0] + j * rows->y_stride[1], scratch,
                  tr_runs_of(p, i, j));
    }
  }
}
