#include "arm/linear_sparse_sums.h"
#include "arm/sparse_core_m4.h"

void tr_linear_s8_s32_sparse2x4__m4(const tr_linear_s8_s32_params *p, const int8_t *x, int32_t *acc,
                                    void *scratch) {
  static const tr_sparse_core core = {&tr_sparse2x4, tr_sparse2x4_sums, tr_sparse2x4_narrow};
  tr_linear_sparse_sums(&core, p, x, acc, scratch);
}
