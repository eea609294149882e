#include "tinyrig/matmul_wide.h"

void tr_matmul_s8_w16_3x2__m4(const tr_matmul_s8_params *p, const int8_t *a, const int8_t *b,
                              int8_t *y, void *scratch) {
  tr_matmul_wide(p, a, b, y, scratch);
}
