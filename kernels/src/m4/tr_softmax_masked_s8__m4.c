#include "arm/softmax_m4.h"
#include "arm/softmax_rows.h"

void tr_softmax_masked_s8__m4(const tr_softmax_masked_s8_params *p, const int8_t *x, int8_t *y,
                              void *scratch) {
  tr_softmax_masked_rows(&tr_softmax_core_m4, p, x, y, scratch);
}
