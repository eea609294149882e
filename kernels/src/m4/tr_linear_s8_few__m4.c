#include "arm/linear_few.h"

void tr_linear_s8_few__m4(const tr_linear_s8_params *p, const int8_t *x, int8_t *y, void *scratch) {
  tr_linear_few(p, x, y, scratch, TR_M4);
}
