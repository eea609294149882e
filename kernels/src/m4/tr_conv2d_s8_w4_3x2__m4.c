#include "arm/conv_cells.h"

void tr_conv2d_s8_w4_3x2__m4(const tr_conv2d_s8_params *p, const int8_t *x, int8_t *y,
                             void *scratch) {
  tr_conv_cells(p, x, y, scratch, TR_M4_NIBBLES);
}
