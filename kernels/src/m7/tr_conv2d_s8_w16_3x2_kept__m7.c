#include "arm/conv_cells.h"
#include "arm/kept.h"

void tr_conv2d_s8_w16_3x2_kept__m7(const tr_conv2d_s8_params *p, const int8_t *x, int8_t *y,
                                   void *scratch) {
  const tr_window *const g = &p->window;
  const int32_t k = g->kernel_h * g->kernel_w * g->in_c;
  tr_conv2d_s8_params kept = *p;
  kept.weight = scratch;
  tr_conv_cells(&kept, x, y, tr_kept(p->weight, tr_stream_bytes(k, g->out_c, TR_M7_WIDE), scratch),
                TR_M7_WIDE);
}
