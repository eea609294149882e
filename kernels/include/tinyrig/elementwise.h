/* Elementwise operators and copies over strided blocks of up to six axes.
 * Unused leading axes have extent 1. Strides are in elements and may be 0 or negative where the
 * operator reads. y may be the same memory as an input with the same strides. No scratch. */
#ifndef TINYRIG_ELEMENTWISE_H
#define TINYRIG_ELEMENTWISE_H

#include "tinyrig/requant.h"

#define TR_MAX_AXES 6

typedef struct {
  int32_t extent[TR_MAX_AXES];
  int32_t x_stride[TR_MAX_AXES];
  int32_t y_stride[TR_MAX_AXES];
} tr_copy_s8_params;

/* y = x */
typedef void tr_copy_s8_fn(const tr_copy_s8_params *p, const int8_t *x, int8_t *y, void *scratch);
tr_copy_s8_fn tr_copy_s8__ref;

typedef struct {
  int32_t extent[TR_MAX_AXES];
  int32_t x_stride[TR_MAX_AXES];
  int32_t y_stride[TR_MAX_AXES];
  const int8_t *lut; /* 256 entries */
} tr_unary_s8_params;

/* y = lut[x + 128] */
typedef void tr_unary_s8_fn(const tr_unary_s8_params *p, const int8_t *x, int8_t *y,
                            void *scratch);
tr_unary_s8_fn tr_unary_s8__ref;

typedef struct {
  int32_t extent[TR_MAX_AXES];
  int32_t y_stride[TR_MAX_AXES];
  int32_t value;
} tr_fill_s8_params;

/* y = value */
typedef void tr_fill_s8_fn(const tr_fill_s8_params *p, int8_t *y, void *scratch);
tr_fill_s8_fn tr_fill_s8__ref;

typedef struct {
  int32_t extent[TR_MAX_AXES];
  int32_t a_stride[TR_MAX_AXES];
  int32_t b_stride[TR_MAX_AXES];
  int32_t y_stride[TR_MAX_AXES];
  int32_t a_multiplier;
  int32_t b_multiplier;
  int32_t start;
  int32_t shift; /* 0 to 24 */
  int32_t lo;
  int32_t hi;
} tr_add_s8_params;

/* y = clamp((a * a_multiplier + b * b_multiplier + start) >> shift) */
typedef void tr_add_s8_fn(const tr_add_s8_params *p, const int8_t *a, const int8_t *b, int8_t *y,
                          void *scratch);
tr_add_s8_fn tr_add_s8__ref;

typedef struct {
  int32_t extent[TR_MAX_AXES];
  int32_t a_stride[TR_MAX_AXES];
  int32_t b_stride[TR_MAX_AXES];
  int32_t y_stride[TR_MAX_AXES];
  int32_t a_zero_point;
  int32_t b_zero_point;
  int32_t start;
  tr_requant requant;
} tr_mul_s8_params;

/* y = requantise(start + (a - za) * (b - zb)) */
typedef void tr_mul_s8_fn(const tr_mul_s8_params *p, const int8_t *a, const int8_t *b, int8_t *y,
                          void *scratch);
tr_mul_s8_fn tr_mul_s8__ref;

typedef struct {
  int32_t outer;
  int32_t count;
  int32_t inner;
  int32_t x_outer;
  int32_t x_step; /* stride of the gathered axis */
  int32_t x_inner;
  int32_t y_outer;
  int32_t y_step;
  int32_t y_inner;
  const int32_t *index; /* count entries */
} tr_gather_s8_params;

/* y[o, i, j] = x[o, index[i], j] */
typedef void tr_gather_s8_fn(const tr_gather_s8_params *p, const int8_t *x, int8_t *y,
                             void *scratch);
tr_gather_s8_fn tr_gather_s8__ref;

#endif
