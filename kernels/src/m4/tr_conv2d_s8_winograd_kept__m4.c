#include "arm/kept.h"
#include "arm/winograd.h"

void tr_conv2d_s8_winograd_kept__m4(const tr_conv2d_s8_params *p, const int8_t *x, int8_t *y,
                                    void *scratch) {
  const tr_window *const g = &p->window;
  const int32_t bytes = tr_stream_bytes(TR_WINOGRAD_PLACES * g->in_c, g->out_c, TR_M4_WIDE);
  tr_winograd_panel panels[1];
  tr_conv2d_s8_params kept = *p;
  kept.weight = scratch;
  tr_conv_winograd(&kept, x, y, tr_kept(p->weight, bytes, scratch), panels, 1, TR_M4_WIDE);
}
