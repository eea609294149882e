#include "arm/first_layer.h"

TR_FIRST_RUN(run, M4, 27, 36)

void tr_conv2d_s8_first3__m4(const tr_conv2d_s8_params *p, const int8_t *x, int8_t *y,
                              void *scratch) {
  tr_first_layer(p, x, y, scratch, run, 3, 9, 27, 0, TR_M4);
}
