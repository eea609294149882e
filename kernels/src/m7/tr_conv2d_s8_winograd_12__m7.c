#include "arm/winograd.h"

void tr_conv2d_s8_winograd_12__m7(const tr_conv2d_s8_params *p, const int8_t *x, int8_t *y,
                                  void *scratch) {
  tr_winograd_panel panels[4];
  tr_conv_winograd(p, x, y, scratch, panels, 4, TR_M7_WIDE);
}
