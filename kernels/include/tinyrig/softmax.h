/* Softmax with stored int8 probabilities: a table of exponentials, one reciprocal a row. */
#ifndef TINYRIG_SOFTMAX_H
#define TINYRIG_SOFTMAX_H

#include "tinyrig/row_scale.h"

/* x, y [outer0, outer1, length]; strides in the order of the axes. x and y may be the same
 * memory with the same strides. Scratch: 2 * length bytes, 4-byte aligned. */
typedef struct {
  int32_t outer0;
  int32_t outer1;
  int32_t length;
  int32_t x_stride[3];
  int32_t y_stride[3];
  const uint16_t *exp; /* 256 entries */
  tr_row_scale scale;
  int32_t zero_point;
} tr_softmax_s8_params;

typedef void tr_softmax_s8_fn(const tr_softmax_s8_params *p, const int8_t *x, int8_t *y,
                              void *scratch);
tr_softmax_s8_fn tr_softmax_s8__ref;

#endif
