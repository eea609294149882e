#include "tinyrig/inverse_sqrt.h"
#include "tinyrig/layernorm.h"

static void normalise(const tr_layernorm_s8_params *p, const int8_t *x, int8_t *y) {
  int32_t sum = 0;
  int32_t squares = 0;
  for (int32_t i = 0; i < p->length; i++) {
    const int32_t value = x[i * p->x_col];
    sum += value;
    squares += value * value;
  }
  const int64_t variance = (int64_t)p->length * squares - (int64_t)sum * sum + p->eps;
  const tr_inverse_sqrt inverse = tr_inverse_sqrt_of(variance);
  const int64_t half = (int64_t)1 << (inverse.shift - 1);
  for (int32_t i = 0; i < p->length; i++) {
    const int64_t centred = p->length * x[i * p->x_col] - sum;
    const int32_t scaled = (int32_t)((centred * inverse.root + half) >> inverse.shift);
    const int32_t acc = p->start[i] + scaled * p->gamma[i];
    y[i * p->y_col] = tr_requantise(&p->requant, acc, 0);
  }
}

void tr_layernorm_s8__ref(const tr_layernorm_s8_params *p, const int8_t *x, int8_t *y,
                          void *scratch) {
  (void)scratch;
  for (int32_t i = 0; i < p->rows; i++) {
    normalise(p, x + i * p->x_row, y + i * p->y_row);
  }
}
