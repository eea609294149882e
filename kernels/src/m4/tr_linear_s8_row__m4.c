#include "arm/row_quads.h"

void tr_linear_s8_row__m4(const tr_linear_s8_params *p, const int8_t *x, int8_t *y, void *scratch) {
  tr_row_layer(p, x, y, scratch, TR_M4_WIDE);
}
