/* Softmax with stored int8 probabilities: a table of exponentials, one reciprocal a row. */
#ifndef TINYRIG_SOFTMAX_H
#define TINYRIG_SOFTMAX_H

#include "tinyrig/row_scale.h"

/* x, y [outer0, outer1, length]; strides in the order of the axes. x and y may be the same
 * memory with the same strides. exp has 256 entries of at most 32767, exp[0] * length < 2^31.
 * `fine`, where it is not null, has 256 entries whose sum the scale divides by instead,
 * fine[0] * length < 2^32. Scratch: 2 * length bytes, 4-byte aligned. */
typedef struct {
  int32_t outer0;
  int32_t outer1;
  int32_t length;
  int32_t x_stride[3];
  int32_t y_stride[3];
  const uint16_t *exp;
  const uint32_t *fine;
  tr_row_scale scale;
  int32_t zero_point;
} tr_softmax_s8_params;

typedef void tr_softmax_s8_fn(const tr_softmax_s8_params *p, const int8_t *x, int8_t *y,
                              void *scratch);
tr_softmax_s8_fn tr_softmax_s8__ref;

/* The same without tables: exp[d] is top * 2^-(d * multiplier / 2^16) as common/bitmap_table.h
 * computes it, when a call first needs it; top is at most 32767, top * length < 2^31, and
 * multiplier at most 2^23. Scratch: 544 bytes, 4-byte aligned. */
typedef struct {
  int32_t outer0;
  int32_t outer1;
  int32_t length;
  int32_t x_stride[3];
  int32_t y_stride[3];
  int32_t multiplier;
  int32_t top;
  tr_row_scale scale;
  int32_t zero_point;
} tr_softmax_bitmap_s8_params;

typedef void tr_softmax_bitmap_s8_fn(const tr_softmax_bitmap_s8_params *p, const int8_t *x,
                                     int8_t *y, void *scratch);
tr_softmax_bitmap_s8_fn tr_softmax_bitmap_s8__ref;

/* Softmax of the scores that a mask keeps, with tables. Row (i, j) has the mask's row
 * m = i * mask_stride[0] + j * mask_stride[1], which keeps the runs first[m] to first[m + 1]: run n
 * is [runs[2 * n], runs[2 * n + 1]), in ascending order, none empty. What no run holds gets the
 * zero point, probability 0. */
typedef struct {
  tr_softmax_s8_params rows;
  int32_t mask_stride[2];
  const int32_t *first;
  const int32_t *runs;
} tr_softmax_masked_s8_params;

typedef void tr_softmax_masked_s8_fn(const tr_softmax_masked_s8_params *p, const int8_t *x,
                                     int8_t *y, void *scratch);
tr_softmax_masked_s8_fn tr_softmax_masked_s8__ref;

/* The runs that a row keeps: `count` pairs. */
typedef struct {
  const int32_t *run;
  int32_t count;
} tr_kept_runs;

static inline tr_kept_runs tr_runs_of(const tr_softmax_masked_s8_params *p, int32_t i, int32_t j) {
  const int32_t *const first = p->first + i * p->mask_stride[0] + j * p->mask_stride[1];
  const tr_kept_runs kept = {p->runs + 2 * first[0], first[1] - first[0]};
  return kept;
}

#endif
