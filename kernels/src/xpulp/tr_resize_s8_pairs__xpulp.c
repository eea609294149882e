#include "common/resize_four.h"
#include "tinyrig/cluster.h"
#include "xpulp/xpulp.h"
#include "xpulp/xpulp_finish.h"

/* The channels of one output. */
TR_NOINLINE void channels(const tr_resize_s8_params *p, const tr_resize_four *f, const int8_t *x,
                          int8_t *y) {
  const int32_t start = p->start;
  const int32_t multiplier = p->requant.multiplier[0];
  const int32_t a = f->weight[0];
  const int32_t b = f->weight[1];
  const int32_t c = f->weight[2];
  const int32_t d = f->weight[3];
  const int8_t *const right = x + f->right;
  const int8_t *const below = x + f->below;
  const int8_t *const last = below + f->right;
  const int32_t count = p->channels;
  TR_NO_UNROLL
  for (int32_t i = 0; i < count; i++) {
    const int32_t upper = tr_xp_mac(b, right[i], tr_xp_mac(a, x[i], start));
    const int32_t acc = tr_xp_mac(d, last[i], tr_xp_mac(c, below[i], upper));
    y[i] = (int8_t)tr_xp_finish_high(acc, multiplier);
  }
}

void tr_resize_s8_pairs__xpulp(const tr_resize_s8_params *p, const int8_t *x, int8_t *y,
                               void *scratch) {
  (void)scratch;
  const int32_t cells = p->out_h * p->out_w;
  const tr_share share = tr_cluster_share(p->batch * cells);
  for (int32_t n = share.first; n < share.end; n++) {
    const int32_t b = n / cells;
    const int32_t h = (n - b * cells) / p->out_w;
    const int32_t v = n - b * cells - h * p->out_w;
    const tr_resize_four four = tr_resize_four_of(p, h, v);
    channels(p, &four, tr_resize_cell(p, x, b, h, v),
             y + b * p->y_stride[0] + h * p->y_stride[2] + v * p->y_stride[3]);
  }
  tr_cluster_barrier();
}
