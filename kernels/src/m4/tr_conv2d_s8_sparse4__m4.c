#include "arm/conv_sparse.h"
#include "arm/sparse_core.h"

void tr_conv2d_s8_sparse4__m4(const tr_conv2d_s8_params *p, const int8_t *x, int8_t *y,
                              void *scratch) {
  tr_conv_sparse(&tr_sparse4_m4, p, x, y, scratch);
}
