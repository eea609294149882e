#include "tinyrig/variants.h"

/* The largest root whose square is not above value, of at most 16 bits. */
static int32_t whole_root(int32_t value) {
  int32_t root = 0;
  for (int32_t bit = 1 << 7; bit != 0; bit >>= 1) {
    const int32_t tried = root + bit;
    root = tried * tried <= value ? tried : root;
  }
  return root;
}

static void normalise(const tr_integer_norm_s8_params *p, const int8_t *x, int8_t *y) {
  int32_t middle = p->zero_point;
  if (p->centred != 0) {
    int32_t sum = 0;
    for (int32_t i = 0; i < p->length; i++) {
      sum += x[i * p->x_col] - p->zero_point;
    }
    middle += sum / p->length;
  }
  int32_t squares = 0;
  for (int32_t i = 0; i < p->length; i++) {
    const int32_t value = x[i * p->x_col] - middle;
    squares += value * value;
  }
  const int32_t root = whole_root(squares / p->length + 1);
  for (int32_t i = 0; i < p->length; i++) {
    const int32_t scaled = (x[i * p->x_col] - middle) * p->weight[i] / root + p->bias[i];
    y[i * p->y_col] = (int8_t)tr_clamp(scaled >> p->shift, p->lo, p->hi);
  }
}

void tr_integer_norm_s8__ref(const tr_integer_norm_s8_params *p, const int8_t *x, int8_t *y,
                             void *scratch) {
  (void)scratch;
  for (int32_t i = 0; i < p->rows; i++) {
    normalise(p, x + i * p->x_row, y + i * p->y_row);
  }
}
