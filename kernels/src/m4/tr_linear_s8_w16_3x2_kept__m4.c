#include "arm/kept.h"
#include "arm/linear_rows.h"

void tr_linear_s8_w16_3x2_kept__m4(const tr_linear_s8_params *p, const int8_t *x, int8_t *y,
                                   void *scratch) {
  tr_linear_s8_params kept = *p;
  kept.weight = scratch;
  tr_linear_rows(&kept, x, y, tr_kept(p->weight, tr_stream_bytes(p->k, p->n, TR_M4_WIDE), scratch),
                 TR_M4_WIDE);
}
