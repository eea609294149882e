/* 2-D convolution, grouped or not; 1-D uses height 1.
 * y = requantise(start[o] + sum of x * w), a cell outside the image reads x_zero_point. */
#ifndef TINYRIG_CONV_H
#define TINYRIG_CONV_H

#include "tinyrig/requant.h"
#include "tinyrig/window.h"

/* weight [out_c][kernel_h][kernel_w][in_c / groups], start [out_c]; groups divides in_c and
 * out_c. x and y do not overlap. No scratch. */
typedef struct {
  tr_window window;
  int32_t groups;
  int32_t x_zero_point;
  const int8_t *weight;
  const int32_t *start;
  tr_requant requant;
  const int8_t *lut; /* 256 entries or 0 */
} tr_conv2d_s8_params;

typedef void tr_conv2d_s8_fn(const tr_conv2d_s8_params *p, const int8_t *x, int8_t *y,
                             void *scratch);
tr_conv2d_s8_fn tr_conv2d_s8__ref;

#endif
