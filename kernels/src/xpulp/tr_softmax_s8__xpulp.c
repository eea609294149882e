#include "common/row_multiplier.h"
#include "tinyrig/cluster.h"
#include "xpulp/xpulp_softmax.h"

static void softmax_row(const tr_softmax_s8_params *p, const int8_t *x, int8_t *y,
                        uint16_t *row) {
  const int32_t largest = tr_xp_largest_of(x, p->length);
  const uint32_t sum = tr_xp_softmax_sum(p, largest, x, p->length, row);
  tr_xp_probabilities(row, y, p->length, tr_row_scale_for(p->scale, sum), p->zero_point);
}

void tr_softmax_s8__xpulp(const tr_softmax_s8_params *p, const int8_t *x, int8_t *y,
                          void *scratch) {
  uint16_t *const row = tr_cluster_scratch(scratch, (p->length + 1) / 2 * 4);
  const tr_share share = tr_cluster_share(p->outer0 * p->outer1);
  for (int32_t n = share.first; n < share.end; n++) {
    const int32_t i = n / p->outer1;
    const int32_t j = n - i * p->outer1;
    softmax_row(p, x + i * p->x_stride[0] + j * p->x_stride[1],
                y + i * p->y_stride[0] + j * p->y_stride[1], row);
  }
  tr_cluster_barrier();
}
