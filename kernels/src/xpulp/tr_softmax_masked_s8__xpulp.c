#include "common/row_multiplier.h"
#include "tinyrig/cluster.h"
#include "xpulp/xpulp_softmax.h"

TR_NOINLINE void fill(int8_t *y, int32_t begin, int32_t end, int32_t value) {
  TR_NO_UNROLL
  for (; begin < end; begin++) {
    y[begin] = (int8_t)value;
  }
}

/* `row` holds the exponentials of the runs, one behind another. */
static void softmax_row(const tr_softmax_s8_params *p, const int8_t *x, int8_t *y, uint16_t *row,
                        tr_kept_runs kept) {
  const int32_t *const end = kept.run + 2 * kept.count;
  int32_t largest = INT8_MIN;
  for (const int32_t *run = kept.run; run < end; run += 2) {
    largest = tr_xp_max(largest, tr_xp_largest_of(x + run[0], run[1] - run[0]));
  }
  uint16_t *to = row;
  uint32_t sum = 0;
  for (const int32_t *run = kept.run; run < end; run += 2) {
    sum += tr_xp_softmax_sum(p, largest, x + run[0], run[1] - run[0], to);
    to += run[1] - run[0];
  }
  int32_t done = 0;
  const uint16_t *from = row;
  for (const int32_t *run = kept.run; run < end; run += 2) {
    const int32_t length = run[1] - run[0];
    fill(y, done, run[0], p->zero_point);
    tr_xp_probabilities(from, y + run[0], length, tr_row_scale_for(p->scale, sum), p->zero_point);
    from += length;
    done = run[1];
  }
  fill(y, done, p->length, p->zero_point);
}

void tr_softmax_masked_s8__xpulp(const tr_softmax_masked_s8_params *p, const int8_t *x, int8_t *y,
                                 void *scratch) {
  const tr_softmax_s8_params *const rows = &p->rows;
  uint16_t *const row = tr_cluster_scratch(scratch, (rows->length + 1) / 2 * 4);
  const tr_share share = tr_cluster_share(rows->outer0 * rows->outer1);
  for (int32_t n = share.first; n < share.end; n++) {
    const int32_t i = n / rows->outer1;
    const int32_t j = n - i * rows->outer1;
    softmax_row(rows, x + i * rows->x_stride[0] + j * rows->x_stride[1],
                y + i * rows->y_stride[0] + j * rows->y_stride[1], row, tr_runs_of(p, i, j));
  }
  tr_cluster_barrier();
}
