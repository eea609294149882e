#include "xpulp/xpulp_rounds.h"

void tr_attention_s8_rounds__xpulp(const tr_attention_s8_params *p, const int8_t *q, const int8_t *k,
                                   const int8_t *v, int8_t *y, void *scratch) {
  const int32_t blocks = (3 * (int32_t)tr_cluster_cores() + 1) / 2;
  tr_xp_rounds(p, q, k, v, y, scratch, TR_XP_QUERIES * blocks);
}
