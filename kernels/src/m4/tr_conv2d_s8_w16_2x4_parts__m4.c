#include "arm/quads_kept_conv.h"

void tr_conv2d_s8_w16_2x4_parts__m4(const tr_conv2d_s8_params *p, const int8_t *x, int8_t *y,
                                    void *scratch) {
  tr_quads_kept_conv(p, x, y, scratch, 4, TR_M4);
}
