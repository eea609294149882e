#include "tinyrig/cluster.h"
#include "tinyrig/softmax.h"
#include "tinyrig/xpulp.h"

TR_NOINLINE void normalise(const uint16_t *row, int8_t *y, int32_t length,
                           tr_row_multiplier scale, int32_t zero_point) {
  const int32_t m = scale.multiplier;
  const int32_t shift = scale.shift;
  TR_NO_UNROLL
  for (; length > 0; length--) {
    const int32_t high = tr_xp_high((int32_t)*row++ << 8, m);
    *y++ = (int8_t)tr_xp_clip8(tr_xp_add_round(high, 0, shift) + zero_point);
  }
}

TR_NOINLINE int32_t largest_of(const int8_t *x, int32_t length) {
  uint32_t largest = 0x80808080U;
  TR_NO_UNROLL
  for (; length >= 4; length -= 4) {
    largest = tr_xp_max4(largest, tr_xp_load(x));
    x += 4;
  }
  int32_t most = tr_xp_max(tr_xp_max(tr_xp_byte(largest, 0), tr_xp_byte(largest, 1)),
                           tr_xp_max(tr_xp_byte(largest, 2), tr_xp_byte(largest, 3)));
  for (; length > 0; length--) {
    most = tr_xp_max(most, *x++);
  }
  return most;
}

static void softmax_row(const tr_softmax_s8_params *p, const int8_t *x, int8_t *y,
                        uint16_t *row) {
  const int32_t largest = largest_of(x, p->length);
  const uint16_t *const exp = p->exp;
  const int32_t length = p->length;
  uint32_t sum = 0;
  TR_NO_UNROLL
  for (int32_t j = 0; j < length; j++) {
    const uint32_t e = exp[largest - x[j]];
    row[j] = (uint16_t)e;
    sum += e;
  }
  normalise(row, y, length, tr_row_scale_for(p->scale, sum), p->zero_point);
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
