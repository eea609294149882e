#include "common/resize_four.h"

/* The channels of one output. */
TR_NOINLINE void channels(const tr_resize_s8_params *p, const tr_resize_four *f, const int8_t *x, int8_t *y) {
  const int32_t start = p->start;
  const int32_t multiplier = p->requant.multiplier[0];
  const int32_t a = f->weight[0];
  const int32_t b = f->weight[1];
  const int32_t c = f->weight[2];
  const int32_t d = f->weight[3];
  const int32_t right = f->right;
  const int32_t below = f->below;
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
  for (int32_t b = 0; b < p->batch; b++) {
    for (int32_t h = 0; h < p->out_h; h++) {
      int8_t *const to = y + b * p->y_stride[0] + h * p->y_stride[2];
      for (int32_t v = 0; v < p->out_w; v++) {
        const tr_resize_four four = tr_resize_four_of(p, h, v);
        channels(p, &four, tr_resize_cell(p, x, b, h, v), to + v * p->y_stride[3]);
      }
    }
  }
}
