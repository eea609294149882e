#include "arm/conv_pieces.h"

void tr_conv2d_s8_3x2_pieces__m4(const tr_conv2d_s8_params *p, const int8_t *x, int8_t *y,
                                 void *scratch) {
  tr_conv_pieces(p, x, y, scratch, TR_M4);
}
