/* Geometry shared by convolution and pooling. Strides in elements. A cell outside the image is
 * one whose row or column lies outside [0, in_h) or [0, in_w). 1-D uses height 1. */
#ifndef TINYRIG_WINDOW_H
#define TINYRIG_WINDOW_H

#include <stdint.h>

typedef struct {
  int32_t batch;
  int32_t in_c;
  int32_t in_h;
  int32_t in_w;
  int32_t out_c;
  int32_t out_h;
  int32_t out_w;
  int32_t kernel_h;
  int32_t kernel_w;
  int32_t stride_h;
  int32_t stride_w;
  int32_t pad_top;
  int32_t pad_left;
  int32_t x_stride[4]; /* batch, channel, row, column */
  int32_t y_stride[4];
} tr_window;

#endif
