#include "arm/matmul_rows.h"

void tr_matmul_s8_3x2__m7(const tr_matmul_s8_params *p, const int8_t *a, const int8_t *b,
                          int8_t *y, void *scratch) {
  tr_matmul_rows(p, a, b, y, scratch, TR_M7);
}
