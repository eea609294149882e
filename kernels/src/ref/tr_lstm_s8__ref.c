#include "common/gate_sums.h"
#include "common/lstm.h"

void tr_lstm_s8__ref(const tr_lstm_s8_params *p, const int8_t *x, const int8_t *h, const int8_t *c,
                     int8_t *y, void *scratch) {
  tr_lstm_batch(p, x, h, c, y, scratch, tr_plain_sums);
}
