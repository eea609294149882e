/* Pooling and mean. */
#ifndef TINYRIG_POOL_H
#define TINYRIG_POOL_H

#include "tinyrig/requant.h"
#include "tinyrig/window.h"

typedef struct {
  tr_window window;
} tr_maxpool2d_s8_params;

/* y = maximum over the window's cells inside the image; at least one is. No scratch. */
typedef void tr_maxpool2d_s8_fn(const tr_maxpool2d_s8_params *p, const int8_t *x, int8_t *y,
                                void *scratch);
tr_maxpool2d_s8_fn tr_maxpool2d_s8__ref;

/* multiplier [kernel_h * kernel_w]: entry count - 1, where count is the number of cells inside
 * the image, or kernel_h * kernel_w always when count_include_pad is set. */
typedef struct {
  tr_window window;
  int32_t count_include_pad;
  int32_t x_zero_point;
  const int32_t *multiplier;
  int32_t shift;
  int32_t zero_point;
} tr_avgpool2d_s8_params;

/* y = sat8(zero_point + ((sum * M[count - 1] + 2^(shift-1)) >> shift)), sum over cells inside the
 * image of (x - x_zero_point). No scratch. */
typedef void tr_avgpool2d_s8_fn(const tr_avgpool2d_s8_params *p, const int8_t *x, int8_t *y,
                                void *scratch);
tr_avgpool2d_s8_fn tr_avgpool2d_s8__ref;

#define TR_MEAN_AXES 4

/* Kept axes (y runs over them) and reduced axes; unused leading axes have extent 1. */
typedef struct {
  int32_t kept[TR_MEAN_AXES];
  int32_t x_kept[TR_MEAN_AXES];
  int32_t y_kept[TR_MEAN_AXES];
  int32_t reduced[TR_MEAN_AXES];
  int32_t x_reduced[TR_MEAN_AXES];
  int32_t start;
  tr_requant requant;
} tr_mean_s8_params;

/* y = requantise(start + sum of x over the reduced axes). No scratch. */
typedef void tr_mean_s8_fn(const tr_mean_s8_params *p, const int8_t *x, int8_t *y, void *scratch);
tr_mean_s8_fn tr_mean_s8__ref;

#endif
