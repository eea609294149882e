#include "arm/depthwise_odd.h"

void tr_conv2d_s8_depthwise_odd__m7(const tr_conv2d_s8_params *p, const int8_t *x, int8_t *y,
                                    void *scratch) {
  tr_odd_layer(p, x, y, scratch, TR_M7);
}
