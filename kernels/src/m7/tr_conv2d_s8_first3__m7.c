#include "arm/first_layer.h"

TR_FIRST_RUN(run, M7, 27, 36)

void tr_conv2d_s8_first3__m7(const tr_conv2d_s8_params *p, const int8_t *x, int8_t *y,
                              void *scratch) {
  tr_first_layer(p, x, y, scratch, run, 3, 9, 27, 0, TR_M7);
}
