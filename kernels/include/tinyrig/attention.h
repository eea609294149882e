/* Attention with deferred softmax, one query row at a time: scores, exponentials and their sum,
 * weighted values, one division a row. The score matrix is never stored (depth-first tiling,
 * "Optimizing the Deployment of Tiny Transformers on Low-Power MCUs", Eq. 11). */
#ifndef TINYRIG_ATTENTION_H
#define TINYRIG_ATTENTION_H

#include "tinyrig/requant.h"
#include "tinyrig/row_scale.h"

/* Per (batch0, batch1): q [s, p], k [t, p], v [t, r], y [s, r]. Strides in elements, in the
 * order (batch0, batch1, row, column). k_slack bytes behind the last key's row may be read; where
 * v_stride[2] is 1 and v_stride[3] at least t rounded up to 8, so may that many bytes from the
 * start of every column of v. What they hold does not matter.
 * exp has 256 entries, exp[0] at most 32767, exp[0] * t * (128 + |v_zero_point|) < 2^31.
 * A row's sum, not limited, makes its reciprocal; its exponentials are limited before they weigh.
 * Scratch: 2 * t bytes, 4-byte aligned: the exponentials of one row. y does not overlap. */
typedef struct {
  int32_t batch0;
  int32_t batch1;
  int32_t s;
  int32_t t;
  int32_t p;
  int32_t r;
  int32_t q_stride[4];
  int32_t k_stride[4];
  int32_t k_slack;
  int32_t v_stride[4];
  int32_t y_stride[4];
  int32_t q_zero_point;
  int32_t k_zero_point;
  int32_t v_zero_point;
  int32_t score_start;
  tr_requant score;
  const uint16_t *exp;
  tr_row_scale value;
  tr_row_limit limit;
  int32_t y_zero_point;
  int32_t lo;
  int32_t hi;
} tr_attention_s8_params;

/* Portable, any strides. */
typedef void tr_attention_s8_fn(const tr_attention_s8_params *p, const int8_t *q, const int8_t *k,
                                const int8_t *v, int8_t *y, void *scratch);
tr_attention_s8_fn tr_attention_s8__ref;

#endif
