#include "common/sparse_portable.h"

void tr_linear_s8_sparse4__ref(const tr_linear_s8_params *p, const int8_t *x, int8_t *y,
                               void *scratch) {
  (void)scratch;
  tr_sparse_linear(&tr_sparse4, p, x, y);
}
