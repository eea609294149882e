#include "arm/linear_sparse_sums.h"
#include "arm/sparse_core.h"

void tr_linear_s8_s32_sparse4__m7(const tr_linear_s8_s32_params *p, const int8_t *x, int32_t *acc,
                                  void *scratch) {
  tr_linear_sparse_sums(&tr_sparse4_m7, p, x, acc, scratch);
}
