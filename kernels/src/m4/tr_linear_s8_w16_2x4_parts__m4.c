#include "arm/quads_kept_linear.h"

void tr_linear_s8_w16_2x4_parts__m4(const tr_linear_s8_params *p, const int8_t *x, int8_t *y,
                                    void *scratch) {
  tr_quads_kept_linear(p, x, y, scratch, 4, TR_M4);
}
