#include "arm/linear_sparse.h"
#include "arm/sparse_core.h"

void tr_linear_s8_sparse4__m7(const tr_linear_s8_params *p, const int8_t *x, int8_t *y,
                              void *scratch) {
  tr_linear_sparse(&tr_sparse4_m7, p, x, y, scratch);
}
