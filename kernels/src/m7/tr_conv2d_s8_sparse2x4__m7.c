#include "arm/conv_sparse.h"
#include "arm/sparse_core.h"

void tr_conv2d_s8_sparse2x4__m7(const tr_conv2d_s8_params *p, const int8_t *x, int8_t *y,
                                void *scratch) {
  tr_conv_sparse(&tr_sparse2x4_m7, p, x, y, scratch);
}
