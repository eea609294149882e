#include "arm/attention_quads.h"

void tr_attention_s8_w16_2x4__m4(const tr_attention_s8_params *p, const int8_t *q,
                                 const int8_t *k, const int8_t *v, int8_t *y, void *scratch) {
  tr_attention_quads(p, q, k, v, y, scratch, TR_M4);
}
