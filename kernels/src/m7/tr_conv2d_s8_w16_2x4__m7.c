#include "arm/quads_conv.h"

void tr_conv2d_s8_w16_2x4__m7(const tr_conv2d_s8_params *p, const int8_t *x, int8_t *y,
                              void *scratch) {
  tr_quads_conv(p, x, y, scratch, TR_M7);
}
