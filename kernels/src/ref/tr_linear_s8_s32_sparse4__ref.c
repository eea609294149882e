#include "common/sparse_portable.h"

void tr_linear_s8_s32_sparse4__ref(const tr_linear_s8_s32_params *p, const int8_t *x, int32_t *acc,
                                   void *scratch) {
  (void)scratch;
  tr_sparse_linear_sums(&tr_sparse4, p, x, acc);
}
