#include "arm/first_layer.h"

TR_FIRST_RUN(run, M7, 9, 12)

void tr_conv2d_s8_first1__m7(const tr_conv2d_s8_params *p, const int8_t *x, int8_t *y,
                              void *scratch) {
  tr_first_layer(p, x, y, scratch, run, 1, 3, 9, 0, TR_M7);
}
