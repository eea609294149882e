#include "arm/row_quads.h"

void tr_linear_s8_row_w8__m7(const tr_linear_s8_params *p, const int8_t *x, int8_t *y,
                              void *scratch) {
  tr_row_layer(p, x, y, scratch, TR_M7);
}
