#include "arm/gate_sums.h"
#include "common/gru.h"

void tr_gru_s8__m4(const tr_gru_s8_params *p, const int8_t *x, const int8_t *h, int8_t *y,
                   void *scratch) {
  tr_gru_batch(p, x, h, y, scratch, tr_quad_sums);
}
