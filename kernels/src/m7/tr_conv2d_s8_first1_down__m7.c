#include "arm/first_layer.h"

TR_FIRST_RUN(run, M7, 40, 16)

void tr_conv2d_s8_first1_down__m7(const tr_conv2d_s8_params *p, const int8_t *x, int8_t *y,
                                   void *scratch) {
  tr_first_layer(p, x, y, scratch, run, 1, 4, 40, 1, TR_M7);
}
