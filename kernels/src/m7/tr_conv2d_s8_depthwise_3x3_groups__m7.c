#include "arm/depthwise_groups.h"

void tr_conv2d_s8_depthwise_3x3_groups__m7(const tr_conv2d_s8_params *p, const int8_t *x, int8_t *y,
                                           void *scratch) {
  tr_depthwise_3x3_groups(p, x, y, scratch, TR_M7);
}
