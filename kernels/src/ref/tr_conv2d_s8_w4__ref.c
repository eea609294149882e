#include "common/nibbles.h"
#include "tinyrig/conv.h"

/* Element c of a window from (top, left) on, whose channels begin at x. */
static int32_t element(const tr_conv2d_s8_params *p, const int8_t *x, int32_t top, int32_t left,
                       int32_t c) {
  const tr_window *const g = &p->window;
  const int32_t depth = g->in_c / p->groups;
  const int32_t h = top + c / depth / g->kernel_w;
  const int32_t v = left + c / depth % g->kernel_w;
  if (h < 0 || h >= g->in_h || v < 0 || v >= g->in_w) {
    return p->x_zero_point;
  }
  return x[c % depth * g->x_stride[1] + h * g->x_stride[2] + v * g->x_stride[3]];
}

/* The outputs of a cell of an image. */
static void cell(const tr_conv2d_s8_params *p, const int8_t *x, int8_t *y, int32_t top,
                 int32_t left) {
  const tr_window *const g = &p->window;
  const int32_t depth = g->in_c / p->groups;
  const int32_t weights = g->kernel_h * g->kernel_w * depth;
  for (int32_t o = 0; o < g->out_c; o++) {
    const int8_t *const from = x + o / (g->out_c / p->groups) * depth * g->x_stride[1];
    int32_t acc = p->start[o];
    for (int32_t c = 0; c < weights; c++) {
      acc += element(p, from, top, left, c) * tr_nibble(p->weight, o * weights + c);
    }
    y[o * g->y_stride[1]] = tr_lookup(p->lut, tr_requantise(&p->requant, acc, o));
  }
}

void tr_conv2d_s8_w4__ref(const tr_conv2d_s8_params *p, const int8_t *x, int8_t *y,
                          void *scratch) {
  const tr_window *const g = &p->window;
  (void)scratch;
  for (int32_t b = 0; b < g->batch; b++) {
    for (int32_t h = 0; h < g->out_h; h++) {
      for (int32_t v = 0; v < g->out_w; v++) {
        cell(p, x + b * g->x_stride[0],
             y + b * g->y_stride[0] + h * g->y_stride[2] + v * g->y_stride[3],
             h * g->stride_h - g->pad_top, v * g->stride_w - g->pad_left);
      }
    }
  }
}
