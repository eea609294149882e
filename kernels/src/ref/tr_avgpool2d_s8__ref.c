#include "tinyrig/pool.h"

static int8_t window_mean(const tr_avgpool2d_s8_params *p, const int8_t *x, int32_t top,
                          int32_t left) {
  const tr_window *const g = &p->window;
  int32_t acc = 0;
  int32_t count = 0;
  for (int32_t h = top < 0 ? 0 : top; h < top + g->kernel_h && h < g->in_h; h++) {
    for (int32_t v = left < 0 ? 0 : left; v < left + g->kernel_w && v < g->in_w; v++) {
      acc += x[h * g->x_stride[2] + v * g->x_stride[3]] - p->x_zero_point;
      count++;
    }
  }
  if (p->count_include_pad != 0) {
    count = g->kernel_h * g->kernel_w;
  }
  const tr_requant requant = {p->multiplier, 1,        p->shift, 0,
                              p->zero_point, INT8_MIN, INT8_MAX};
  return tr_requantise(&requant, acc, count - 1);
}

void tr_avgpool2d_s8__ref(const tr_avgpool2d_s8_params *p, const int8_t *x, int8_t *y,
                          void *scratch) {
  (void)scratch;
  const tr_window *const g = &p->window;
  for (int32_t b = 0; b < g->batch; b++) {
    for (int32_t c = 0; c < g->out_c; c++) {
      const int8_t *const image = x + b * g->x_stride[0] + c * g->x_stride[1];
      for (int32_t h = 0; h < g->out_h; h++) {
        for (int32_t v = 0; v < g->out_w; v++) {
          y[b * g->y_stride[0] + c * g->y_stride[1] + h * g->y_stride[2] + v * g->y_stride[3]] =
              window_mean(p, image, h * g->stride_h - g->pad_top, v * g->stride_w - g->pad_left);
        }
      }
    }
  }
}
