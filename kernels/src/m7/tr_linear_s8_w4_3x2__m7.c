#include "arm/linear_rows.h"

void tr_linear_s8_w4_3x2__m7(const tr_linear_s8_params *p, const int8_t *x, int8_t *y,
                             void *scratch) {
  tr_linear_rows(p, x, y, scratch, TR_M7_NIBBLES);
}
