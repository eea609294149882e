#include "arm/linear_sums.h"

void tr_linear_s8_s32_w4_2x2__m4(const tr_linear_s8_s32_params *p, const int8_t *x, int32_t *acc,
                                 void *scratch) {
  tr_linear_sums(p, x, acc, scratch, TR_M4_NIBBLES);
}
