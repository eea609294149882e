#include "arm/linear_sparse.h"
#include "arm/sparse_core_m7.h"

void tr_linear_s8_sparse2x4__m7(const tr_linear_s8_params *p, const int8_t *x, int8_t *y,
                                void *scratch) {
  static const tr_sparse_core core = {&tr_sparse2x4, tr_sparse2x4_sums, tr_sparse2x4_narrow};
  tr_linear_sparse(&core, p, x, y, scratch);
}
