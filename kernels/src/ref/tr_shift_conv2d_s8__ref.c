#include "tinyrig/variants.h"

/* The sum over the window of one output cell and channel; x is the batch's image at the group's
 * first channel, w the channel's weights, top and left the window's corner in the image. */
static int32_t window_sum(const tr_shift_conv2d_s8_params *p, const int8_t *x, const int8_t *w,
                          int32_t top, int32_t left) {
  const tr_window *const g = &p->window;
  const int32_t depth = g->in_c / p->groups;
  int32_t acc = 0;
  for (int32_t h = top; h < top + g->kernel_h; h++) {
    for (int32_t v = left; v < left + g->kernel_w; v++) {
      const int outside = h < 0 || h >= g->in_h || v < 0 || v >= g->in_w;
      for (int32_t c = 0; c < depth; c++) {
        acc += w[c] * (outside ? p->x_zero_point
                               : x[c * g->x_stride[1] + h * g->x_stride[2] + v * g->x_stride[3]]);
      }
      w += depth;
    }
  }
  return acc;
}

static int8_t shifted(const tr_shift_conv2d_s8_params *p, int32_t acc, int32_t channel) {
  const int64_t product = (int64_t)acc * p->multiplier[channel] + p->addend[channel];
  const int64_t y = (product >> p->shift) + p->zero_point;
  return (int8_t)(y < p->lo ? p->lo : (y > p->hi ? p->hi : y));
}

static void image(const tr_shift_conv2d_s8_params *p, const int8_t *x, int8_t *y) {
  const tr_window *const g = &p->window;
  const int32_t depth = g->in_c / p->groups;
  const int32_t outputs = g->out_c / p->groups;
  const int32_t weights = g->kernel_h * g->kernel_w * depth;
  for (int32_t h = 0; h < g->out_h; h++) {
    for (int32_t v = 0; v < g->out_w; v++) {
      for (int32_t o = 0; o < g->out_c; o++) {
        const int32_t acc =
            p->start[o] + window_sum(p, x + o / outputs * depth * g->x_stride[1],
                                     p->weight + o * weights, h * g->stride_h - g->pad_top,
                                     v * g->stride_w - g->pad_left);
        y[o * g->y_stride[1] + h * g->y_stride[2] + v * g->y_stride[3]] = shifted(p, acc, o);
      }
    }
  }
}

void tr_shift_conv2d_s8__ref(const tr_shift_conv2d_s8_params *p, const int8_t *x, int8_t *y,
                             void *scratch) {
  (void)scratch;
  for (int32_t b = 0; b < p->window.batch; b++) {
    image(p, x + b * p->window.x_stride[0], y + b * p->window.y_stride[0]);
  }
}
