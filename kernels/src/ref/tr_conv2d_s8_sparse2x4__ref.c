#include "common/sparse_portable.h"

void tr_conv2d_s8_sparse2x4__ref(const tr_conv2d_s8_params *p, const int8_t *x, int8_t *y,
                                 void *scratch) {
  (void)scratch;
  tr_sparse_conv(&tr_sparse2x4, p, tr_sparse_window_element, x, y);
}
