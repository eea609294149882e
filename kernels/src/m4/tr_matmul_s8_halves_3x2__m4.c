#include "arm/matmul_halves.h"

void tr_matmul_s8_halves_3x2__m4(const tr_matmul_s8_params *p, const int8_t *a, const int8_t *b,
                                 int8_t *y, void *scratch) {
  tr_matmul_halves(p, a, b, y, scratch, TR_M4);
}
