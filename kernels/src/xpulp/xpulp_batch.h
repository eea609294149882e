/* Attention shared out among cores by queries: what one core takes of one (batch, head) after the
 * other. */
#ifndef TINYRIG_XPULP_BATCH_H
#define TINYRIG_XPULP_BATCH_H

#include "common/dsp.h"
#include "tinyrig/attention.h"
#include "tinyrig/cluster.h"

/* Queries `rows` of one (batch, head), and where its operands begin. */
typedef struct {
  tr_share rows;
  const int8_t *q;
  const int8_t *k;
  const int8_t *v;
  int8_t *y;
} tr_xp_batch;

/* Take the next (batch, head) off a core's share, which is not empty. */
TR_INLINE tr_xp_batch tr_xp_take_batch(const tr_attention_s8_params *p, tr_share *share,
                                       const int8_t *q, const int8_t *k, const int8_t *v,
                                       int8_t *y) {
  const int32_t batch = share->first / p->s;
  const int32_t i = batch / p->batch1;
  const int32_t j = batch - i * p->batch1;
  const int32_t left = share->end - batch * p->s;
  const tr_share rows = {share->first - batch * p->s, left < p->s ? left : p->s};
  share->first = batch * p->s + rows.end;
  return (tr_xp_batch){rows, q + i * p->q_stride[0] + j * p->q_stride[1],
                       k + i * p->k_stride[0] + j * p->k_stride[1],
                       v + i * p->v_stride[0] + j * p->v_stride[1],
                       y + i * p->y_stride[0] + j * p->y_stride[1]};
}

#endif
