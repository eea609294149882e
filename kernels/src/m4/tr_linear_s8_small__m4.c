#include "arm/finish.h"
#include "common/dsp.h"
#include "tinyrig/linear.h"

#define MOST_PAIRS 4

/* Outputs of one row of x, whose pairs are in registers. */
TR_INLINE void outputs(const tr_linear_s8_params *p, const uint32_t x[MOST_PAIRS], int8_t *y) {
  const int8_t *w = p->weight;
  const int32_t *multiplier = p->requant.multiplier;
  TR_NO_UNROLL
  for (int32_t n = 0; n < p->n; n++) {
    int32_t acc = p->start[n];
    TR_NO_UNROLL
    for (int32_t k = 0; k < p->k; k += 2) {
      acc = tr_dot2(x[k / 2], tr_pair(w[k], k + 1 < p->k ? w[k + 1] : 0), acc);
    }
    y[n * p->y_col] = (int8_t)tr_finish(&p->requant, p->lut, acc, *multiplier);
    w += p->k;
    multiplier += p->requant.channel_step;
  }
}

void tr_linear_s8_small__m4(const tr_linear_s8_params *p, const int8_t *x, int8_t *y,
                            void *scratch) {
  (void)scratch;
  for (int32_t m = 0; m < p->m; m++) {
    uint32_t pairs[MOST_PAIRS] = {0};
    const int8_t *const row = x + m * p->x_row;
    TR_NO_UNROLL
    for (int32_t k = 0; k < p->k; k += 2) {
      pairs[k / 2] = tr_pair(row[k * p->x_col], k + 1 < p->k ? row[(k + 1) * p->x_col] : 0);
    }
    outputs(p, pairs, y + m * p->y_row);
  }
}
