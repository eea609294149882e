#include "common/normaliser.h"
#include "tinyrig/layernorm.h"

static void normalise(const tr_layernorm_s8_params *p, const int8_t *x, int8_t *y) {
  int32_t sum = 0;
  int32_t squares = 0;
  for (int32_t i = 0; i < p->length; i++) {
    const int32_t value = x[i * p->x_col];
    sum += value;
    squares += value * value;
  }
  const tr_normaliser a = tr_normaliser_of(p, sum, squares);
  for (int32_t i = 0; i < p->length; i++) {
    const int64_t scaled = (int64_t)tr_normalised(&a, x[i * p->x_col]) * p->gamma[i];
    const int32_t acc = p->start[i] + (int32_t)(scaled >> 32);
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
