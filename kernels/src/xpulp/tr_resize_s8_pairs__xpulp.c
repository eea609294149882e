#include "tinyrig/cluster.h"
#include "tinyrig/variants.h"
#include "xpulp/xpulp.h"
#include "xpulp/xpulp_finish.h"

/* Where the cells lie from the first, and their weights, of which the sum is 2^20; along an axis of
 * one tap the second cell is the first again, with a weight of 0. */
typedef struct {
  int32_t below;
  int32_t right;
  int32_t weight[4];
} four_cells;

/* The four of the output in row `h` and column `v`. */
TR_INLINE four_cells four_of(const tr_resize_s8_params *p, int32_t h, int32_t v) {
  const int down = p->taps_h == 2;
  const int across = p->taps_w == 2;
  const int16_t *const row = p->row_weight + p->taps_h * h;
  const int16_t *const column = p->column_weight + p->taps_w * v;
  const int32_t lower = down ? row[1] : 0;
  const int32_t later = across ? column[1] : 0;
  const four_cells four = {down ? p->x_stride[2] : 0,
                           across ? p->x_stride[3] : 0,
                           {row[0] * column[0], row[0] * later, lower * column[0], lower * later}};
  return four;
}

/* The first of its cells in image `b`. */
TR_INLINE const int8_t *first_cell(const tr_resize_s8_params *p, const int8_t *x, int32_t b,
                                   int32_t h, int32_t v) {
  return x + b * p->x_stride[0] + p->row_first[h] * p->x_stride[2] +
         p->column_first[v] * p->x_stride[3];
}

/* The channels of one output. */
TR_NOINLINE void channels(const tr_resize_s8_params *p, const four_cells *f, const int8_t *x,
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
    const four_cells four = four_of(p, h, v);
    channels(p, &four, first_cell(p, x, b, h, v),
             y + b * p->y_stride[0] + h * p->y_stride[2] + v * p->y_stride[3]);
  }
  tr_cluster_barrier();
}
