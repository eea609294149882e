#include "arm/conv_sparse.h"
#include "arm/sparse_core_m7.h"

void tr_conv2d_s8_sparse2__m7(const tr_conv2d_s8_params *p, const int8_t *x, int8_t *y,
                              void *scratch) {
  static const tr_sparse_core core = {&tr_sparse2, tr_sparse2_sums, tr_sparse2_narrow};
  tr_conv_sparse(&core, p, x, y, scratch);
}
