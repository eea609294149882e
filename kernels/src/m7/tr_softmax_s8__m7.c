#include "arm/softmax_m7.h"
#include "arm/softmax_rows.h"

void tr_softmax_s8__m7(const tr_softmax_s8_params *p, const int8_t *x, int8_t *y, void *scratch) {
  tr_softmax_rows(&tr_softmax_core_m7, p, x, y, scratch);
}
