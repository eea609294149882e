#include "common/block.h"
#include "common/dsp.h"
#include "tinyrig/variants.h"

/* Where the four cells of an output lie from the first, and their weights, of which the sum is
 * 2^20; along an axis of one tap the second cell is the first again, with a weight of 0. */
typedef struct {
  int32_t row;
  int32_t column;
  int32_t weight[4];
} four;

/* The channels of one output. */
TR_NOINLINE void channels(const tr_resize_s8_params *p, const four *f, const int8_t *x, int8_t *y) {
  const int32_t start = p->start;
  const int32_t multiplier = p->requant.multiplier[0];
  const int32_t a = f->weight[0];
  const int32_t b = f->weight[1];
  const int32_t c = f->weight[2];
  const int32_t d = f->weight[3];
  const int32_t right = f->column;
  const int32_t below = f->row;
  const int32_t last = below + right;
  const int8_t *const end = y + p->channels;
  TR_NO_UNROLL
  while (y != end) {
    int32_t acc = start + a * x[0];
    acc += b * x[right];
    acc += c * x[below];
    acc += d * x[last];
    x++;
    *y++ = (int8_t)tr_saturate8(tr_high_multiply(acc, multiplier));
  }
}

void tr_resize_s8_pairs__m4(const tr_resize_s8_params *p, const int8_t *x, int8_t *y,
                            void *scratch) {
  (void)scratch;
  const int down = p->taps_h == 2;
  const int across = p->taps_w == 2;
  four f = {down ? p->x_stride[2] : 0, across ? p->x_stride[3] : 0, {0}};
  for (int32_t b = 0; b < p->batch; b++) {
    for (int32_t h = 0; h < p->out_h; h++) {
      const int16_t *const row = p->row_weight + p->taps_h * h;
      const int8_t *const line = x + b * p->x_stride[0] + p->row_first[h] * p->x_stride[2];
      int8_t *const to = y + b * p->y_stride[0] + h * p->y_stride[2];
      const int16_t *column = p->column_weight;
      for (int32_t v = 0; v < p->out_w; v++) {
        const int32_t lower = down ? row[1] : 0;
        const int32_t right = across ? column[1] : 0;
        f.weight[0] = row[0] * column[0];
        f.weight[1] = row[0] * right;
        f.weight[2] = lower * column[0];
        f.weight[3] = lower * right;
        channels(p, &f, line + p->column_first[v] * p->x_stride[3], to + v * p->y_stride[3]);
        column += p->taps_w;
      }
    }
  }
}
