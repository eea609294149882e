#include "arm/winograd.h"

void tr_conv2d_s8_winograd__m4(const tr_conv2d_s8_params *p, const int8_t *x, int8_t *y,
                               void *scratch) {
  tr_winograd_panel panels[1];
  tr_conv_winograd(p, x, y, scratch, panels, 1, TR_M4_WIDE);
}
