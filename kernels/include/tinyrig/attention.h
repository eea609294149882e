/* Attention, one query row at a time: scores, exponentials and their sum, weighted values. The
 * score matrix is never stored (depth-first tiling, "Optimizing the Deployment of Tiny Transformers
 * on Low-Power MCUs", Eq. 11). Exponentials weigh the values as they are, and each row is divided
 * once (deferred softmax), or as probabilities rounded to int8. */
#ifndef TINYRIG_ATTENTION_H
#define TINYRIG_ATTENTION_H

#include "tinyrig/requant.h"
#include "tinyrig/row_scale.h"

/* How probabilities are rounded, as by a softmax that stores them. An exponential weighs as
 * min(scaled(e << 8), most), `scaled` by the row's sum, or that of its `fine` exponentials where
 * `fine` is not null; most, 1 to 255, is what 127 is above the probabilities' zero point. Sums of
 * weighted values start at `start` and end as `requant` says. With most = 0 nothing is rounded. */
typedef struct {
  int32_t most;
  const uint32_t *fine;
  int32_t start;
  tr_requant requant;
} tr_rounding;

/* Per (batch0, batch1): q [s, p], k [t, p], v [t, r], y [s, r]. Strides in elements, in the
 * order (batch0, batch1, row, column). k_slack bytes behind the last key's row may be read; where
 * v_stride[2] is 1 and v_stride[3] at least t rounded up to 8, so may that many bytes from the
 * start of every column of v. What they hold does not matter.
 * exp has 256 entries, exp[0] at most 32767, exp[0] * t < 2^31, fine[0] * t < 2^32. Where nothing
 * is rounded, exp[0] * t * (128 + |v_zero_point|) < 2^31, and `value` makes outputs of sums, which
 * y_zero_point, lo and hi end; else it makes probabilities, and those are the requantisation's own.
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
  tr_rounding rounding;
  int32_t y_zero_point;
  int32_t lo;
  int32_t hi;
} tr_attention_s8_params;

/* Portable, any strides. */
typedef void tr_attention_s8_fn(const tr_attention_s8_params *p, const int8_t *q, const int8_t *k,
                                const int8_t *v, int8_t *y, void *scratch);
tr_attention_s8_fn tr_attention_s8__ref;

#endif
