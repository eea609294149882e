/* The kernel variants; whether each may be called with such parameters, by their numbers (how
 * constants are laid out it cannot see); and the scratch it needs for a call, in bytes: 4-byte
 * aligned, 0 where it needs none. A checked build asks `_accepts` before every call. Written by
 * `tinyrig kernels --header` from kernels/registry.toml; do not edit.
 *
 * What an operator computes, its shapes and ranges stand at its parameters. A variant's name ends
 * in its instruction set: ref, portable C; m4 and m7, ARMv7E-M with the DSP instructions, paced for
 * one of the two cores; xpulp, every core of an XpulpV2 cluster calls it with the same arguments.
 * "rows" weights lie as the parameters say; "stream8" and "stream16" as arm/weight_stream.h,
 * "norm4" as arm/layernorm_row.h, "depthwise3" as arm/depthwise_3x3.h, "taps16" as
 * arm/depthwise_taps.h, "winograd" as arm/winograd.h, "first" and "firstdown" as
 * arm/first_layer.h, "quads16" as arm/quads.h, "longquads16" as arm/quads_panel.h, "row16" and
 * "row8" as arm/row_quads.h, "sparse4" as common/sparse_stream.h says. */
#ifndef TINYRIG_VARIANTS_H
#define TINYRIG_VARIANTS_H

#include "tinyrig/attention.h"
#include "tinyrig/conv.h"
#include "tinyrig/elementwise.h"
#include "tinyrig/layernorm.h"
#include "tinyrig/linear.h"
#include "tinyrig/matmul.h"
#include "tinyrig/pool.h"
#include "tinyrig/recurrent.h"
#include "tinyrig/softmax.h"

typedef struct {
  int32_t extent[TR_MAX_AXES];
  int32_t a_stride[TR_MAX_AXES];
  int32_t b_stride[TR_MAX_AXES];
  int32_t y_stride[TR_MAX_AXES];
  int32_t a_multiplier;
  int32_t a_start;
  int32_t b_multiplier;
  int32_t b_start;
  int32_t shift;
  int32_t least;
  int32_t lo;
  int32_t hi;
} tr_extremum_s8_params;

/* y = clamp(chosen >> shift), the larger of a * a_multiplier + a_start and b * b_multiplier +
 * b_start, the smaller where least is not 0; shift is 0 to 24. y may be an input with its strides.
 * No scratch. */
typedef void tr_extremum_s8_fn(const tr_extremum_s8_params *p, const int8_t *a, const int8_t *b,
                               int8_t *y, void *scratch);

typedef struct {
  int32_t kept[TR_MEAN_AXES];
  int32_t x_kept[TR_MEAN_AXES];
  int32_t y_kept[TR_MEAN_AXES];
  int32_t reduced[TR_MEAN_AXES];
  int32_t x_reduced[TR_MEAN_AXES];
  int32_t least;
} tr_reduce_s8_params;

/* y = the largest x over the reduced axes, the least where least is not 0; strides in elements. No
 * scratch. */
typedef void tr_reduce_s8_fn(const tr_reduce_s8_params *p, const int8_t *x, int8_t *y, void
                             *scratch);

typedef struct {
  int32_t kept[TR_MEAN_AXES];
  int32_t x_kept[TR_MEAN_AXES];
  int32_t y_kept[TR_MEAN_AXES];
  int32_t reduced[TR_MEAN_AXES];
  int32_t x_reduced[TR_MEAN_AXES];
  int32_t least;
  int32_t last;
  int32_t first;
} tr_argmax_s8_params;

/* y = first + the place of the largest x along the reduced axis, or of the least; of equal ones the
 * first, or the last. Only reduced[3] is not 1; first + reduced[3] is at most 128. No scratch. */
typedef void tr_argmax_s8_fn(const tr_argmax_s8_params *p, const int8_t *x, int8_t *y, void
                             *scratch);

typedef struct {
  int32_t batch;
  int32_t channels;
  int32_t in_h;
  int32_t in_w;
  int32_t out_h;
  int32_t out_w;
  int32_t x_stride[4];
  int32_t y_stride[4];
  int32_t taps_h;
  int32_t taps_w;
  const int32_t *row_first;
  const int16_t *row_weight;
  const int32_t *column_first;
  const int16_t *column_weight;
  int32_t start;
  tr_requant requant;
} tr_resize_s8_params;

/* y = requantise(start + sum of row_weight * column_weight * x) over taps_h rows from row_first[h]
 * on and taps_w columns from column_first[w] on; first [out], weight [out][taps], of which those of
 * an output sum to 2^10; all cells lie inside the image. Strides of batch, channel, row and column.
 * The sums of absolute weights of both axes, multiplied, are below 2^23. */
typedef void tr_resize_s8_fn(const tr_resize_s8_params *p, const int8_t *x, int8_t *y, void
                             *scratch);

typedef struct {
  int32_t extent[TR_MAX_AXES];
  int32_t a_stride[TR_MAX_AXES];
  int32_t b_stride[TR_MAX_AXES];
  int32_t y_stride[TR_MAX_AXES];
  int32_t a_zero_point;
  const int32_t *reciprocal;
  int32_t start;
  int32_t shift;
  int32_t lo;
  int32_t hi;
} tr_divide_s8_params;

/* y = clamp(((a - a_zero_point) * reciprocal[b + 128] + start) >> shift), 256 entries; shift is 0
 * to 24. y may be an input with its strides. No scratch. */
typedef void tr_divide_s8_fn(const tr_divide_s8_params *p, const int8_t *a, const int8_t *b, int8_t
                             *y, void *scratch);

typedef struct {
  int32_t extent[TR_MAX_AXES];
  int32_t a_stride[TR_MAX_AXES];
  int32_t b_stride[TR_MAX_AXES];
  int32_t y_stride[TR_MAX_AXES];
  int32_t a_zero_point;
  int32_t b_zero_point;
  int32_t positive;
  int32_t negative;
  int32_t start;
  int32_t shift;
  int32_t lo;
  int32_t hi;
} tr_prelu_s8_params;

/* y = clamp((d * m + start) >> shift), d = a - a_zero_point, m = positive, or (b - b_zero_point) *
 * negative where d is negative; shift is 0 to 24. y may be an input with its strides. No scratch.
 * */
typedef void tr_prelu_s8_fn(const tr_prelu_s8_params *p, const int8_t *a, const int8_t *b, int8_t
                            *y, void *scratch);

typedef struct {
  int32_t rows;
  int32_t length;
  int32_t x_row;
  int32_t x_col;
  int32_t y_row;
  int32_t y_col;
  const int32_t *weight;
  const int32_t *bias;
  int32_t zero_point;
  int32_t shift;
  int32_t centred;
  int32_t lo;
  int32_t hi;
} tr_integer_norm_s8_params;

/* y = clamp((x - middle) * weight / root + bias) >> shift): middle is the row's mean where centred
 * is not 0, else the zero point; root the whole root of the mean square plus 1; quotients are cut
 * towards 0. length is at most 32768, and 255 * |weight| + |bias| below 2^31. y may be x with its
 * strides. No scratch. */
typedef void tr_integer_norm_s8_fn(const tr_integer_norm_s8_params *p, const int8_t *x, int8_t *y,
                                   void *scratch);

typedef struct {
  int32_t rows;
  int32_t length;
  int32_t x_row;
  int32_t x_col;
  int32_t y_row;
  int32_t y_col;
  const uint32_t *exp;
  int32_t top;
  int32_t zero_point;
} tr_integer_softmax_s8_params;

/* y = exp[largest - x] * top / sum + zero_point, cut; exp has 256 entries, of which products with
 * top and sums of a row are below 2^32, and exp[0] is not 0. y may be x with its strides. No
 * scratch. */
typedef void tr_integer_softmax_s8_fn(const tr_integer_softmax_s8_params *p, const int8_t *x, int8_t
                                      *y, void *scratch);

typedef struct {
  int32_t rows;
  int32_t length;
  int32_t x_row;
  int32_t x_col;
  int32_t y_row;
  int32_t y_col;
  int32_t group;
  int32_t top;
  int32_t zero_point;
} tr_shift_softmax_s8_params;

/* y = (256 * top / sum >> halvings) + zero_point, sum that of 256 >> halvings, halvings = (largest
 * - x + 16) >> 5; the sum is made group by group and halved where a group has a larger x. group
 * divides length. y may be x with its strides. No scratch. */
typedef void tr_shift_softmax_s8_fn(const tr_shift_softmax_s8_params *p, const int8_t *x, int8_t *y,
                                    void *scratch);

typedef struct {
  int32_t extent[TR_MAX_AXES];
  int32_t a_stride[TR_MAX_AXES];
  int32_t b_stride[TR_MAX_AXES];
  int32_t y_stride[TR_MAX_AXES];
  int32_t a_zero_point;
  int32_t b_zero_point;
  int32_t factor;
  int32_t eta;
  int32_t eps;
  int32_t rounded;
  int32_t multiplier;
  int32_t addend;
  int32_t shift;
  int32_t zero_point;
  int32_t lo;
  int32_t hi;
} tr_integer_divide_s8_params;

/* y = clamp(((q * multiplier + addend) >> shift) + zero_point), q the quotient of (a -
 * a_zero_point) * factor and (b - b_zero_point) * eta + eps, which is above 0: cut downwards, or
 * rounded half away from 0 where rounded is not 0; shift is 0 to 31. y may be an input with its
 * strides. No scratch. */
typedef void tr_integer_divide_s8_fn(const tr_integer_divide_s8_params *p, const int8_t *a, const
                                     int8_t *b, int8_t *y, void *scratch);

typedef struct {
  tr_window window;
  int32_t groups;
  int32_t x_zero_point;
  const int8_t *weight;
  const int32_t *start;
  const int32_t *multiplier;
  const int32_t *addend;
  int32_t shift;
  int32_t zero_point;
  int32_t lo;
  int32_t hi;
} tr_shift_conv2d_s8_params;

/* y = clamp(((acc * multiplier[o] + addend[o]) >> shift) + zero_point), acc = start[o] + the sum of
 * x * weight over a window as conv2d_s8 has it, shift is 0 to 31. No scratch. */
typedef void tr_shift_conv2d_s8_fn(const tr_shift_conv2d_s8_params *p, const int8_t *x, int8_t *y,
                                   void *scratch);

typedef struct {
  int32_t rows;
  int32_t length;
  int32_t x_row;
  int32_t x_col;
  int32_t y_row;
  int32_t y_col;
  const uint32_t *exp;
  const int32_t *logs;
  int32_t octave;
  int32_t slope;
  int32_t start;
  tr_requant requant;
} tr_logsoftmax_s8_params;

/* y = requantise(start - (largest - x) * slope - log), log = logs[i] + ((logs[i + 1] - logs[i]) * f
 * >> 16) - n * octave of a row's sum of exp[largest - x]: n its leading zeros, 128 + i and f the 8
 * bits from its leading one on and the 16 behind them. exp has 256 entries, of which exp[0] is not
 * 0 and sums of a row are below 2^32; logs has 129, ascending. What is added stays within int32. y
 * may be x with its strides. No scratch. */
typedef void tr_logsoftmax_s8_fn(const tr_logsoftmax_s8_params *p, const int8_t *x, int8_t *y, void
                                 *scratch);

/* Portable, any strides. */
tr_linear_s8_fn tr_linear_s8__ref;
static inline int tr_linear_s8__ref_accepts(const tr_linear_s8_params *p) {
  (void)p;
  return 1;
}
static inline int32_t tr_linear_s8__ref_scratch_size(const tr_linear_s8_params *p) {
  (void)p;
  return 0;
}

/* Portable. */
tr_linear_s8_s32_fn tr_linear_s8_s32__ref;
static inline int tr_linear_s8_s32__ref_accepts(const tr_linear_s8_s32_params *p) {
  (void)p;
  return 1;
}
static inline int32_t tr_linear_s8_s32__ref_scratch_size(const tr_linear_s8_s32_params *p) {
  (void)p;
  return 0;
}

/* Portable, any strides. */
tr_requant_s32_s8_fn tr_requant_s32_s8__ref;
static inline int tr_requant_s32_s8__ref_accepts(const tr_requant_s32_s8_params *p) {
  (void)p;
  return 1;
}
static inline int32_t tr_requant_s32_s8__ref_scratch_size(const tr_requant_s32_s8_params *p) {
  (void)p;
  return 0;
}

/* Portable, any strides. */
tr_matmul_s8_fn tr_matmul_s8__ref;
static inline int tr_matmul_s8__ref_accepts(const tr_matmul_s8_params *p) {
  (void)p;
  return 1;
}
static inline int32_t tr_matmul_s8__ref_scratch_size(const tr_matmul_s8_params *p) {
  (void)p;
  return 0;
}

/* Portable, any strides. */
tr_attention_s8_fn tr_attention_s8__ref;
static inline int tr_attention_s8__ref_accepts(const tr_attention_s8_params *p) {
  (void)p;
  return 1;
}
static inline int32_t tr_attention_s8__ref_scratch_size(const tr_attention_s8_params *p) {
  return (2 * p->t);
}

/* Portable, any strides. */
tr_softmax_s8_fn tr_softmax_s8__ref;
static inline int tr_softmax_s8__ref_accepts(const tr_softmax_s8_params *p) {
  (void)p;
  return 1;
}
static inline int32_t tr_softmax_s8__ref_scratch_size(const tr_softmax_s8_params *p) {
  return (2 * p->length);
}

/* Portable, any strides. */
tr_softmax_masked_s8_fn tr_softmax_masked_s8__ref;
static inline int tr_softmax_masked_s8__ref_accepts(const tr_softmax_masked_s8_params *p) {
  (void)p;
  return 1;
}
static inline int32_t tr_softmax_masked_s8__ref_scratch_size(const tr_softmax_masked_s8_params *p) {
  return (2 * p->rows.length);
}

/* Portable, any strides; exponentials are computed where a bitmap knows none. */
tr_softmax_bitmap_s8_fn tr_softmax_bitmap_s8__ref;
static inline int tr_softmax_bitmap_s8__ref_accepts(const tr_softmax_bitmap_s8_params *p) {
  (void)p;
  return 1;
}
static inline int32_t tr_softmax_bitmap_s8__ref_scratch_size(const tr_softmax_bitmap_s8_params *p) {
  (void)p;
  return 544;
}

/* Portable, any strides. */
tr_layernorm_s8_fn tr_layernorm_s8__ref;
static inline int tr_layernorm_s8__ref_accepts(const tr_layernorm_s8_params *p) {
  (void)p;
  return 1;
}
static inline int32_t tr_layernorm_s8__ref_scratch_size(const tr_layernorm_s8_params *p) {
  (void)p;
  return 0;
}

/* Portable, any strides. */
tr_lstm_s8_fn tr_lstm_s8__ref;
static inline int tr_lstm_s8__ref_accepts(const tr_lstm_s8_params *p) {
  (void)p;
  return 1;
}
static inline int32_t tr_lstm_s8__ref_scratch_size(const tr_lstm_s8_params *p) {
  return ((2 * (((p->run.units + 3) / 4) * 4)) + (2 * p->run.units));
}

/* Any strides; hidden codes are widened once for all gates of a unit. */
tr_lstm_s8_fn tr_lstm_s8__m4;
static inline int tr_lstm_s8__m4_accepts(const tr_lstm_s8_params *p) {
  (void)p;
  return 1;
}
static inline int32_t tr_lstm_s8__m4_scratch_size(const tr_lstm_s8_params *p) {
  return ((2 * (((p->run.units + 3) / 4) * 4)) + (2 * p->run.units));
}

/* Portable, any strides. */
tr_gru_s8_fn tr_gru_s8__ref;
static inline int tr_gru_s8__ref_accepts(const tr_gru_s8_params *p) {
  (void)p;
  return 1;
}
static inline int32_t tr_gru_s8__ref_scratch_size(const tr_gru_s8_params *p) {
  return ((2 * (((p->run.units + 3) / 4) * 4)) + (10 * p->run.units));
}

/* Any strides; hidden codes are widened once for all gates of a unit. */
tr_gru_s8_fn tr_gru_s8__m4;
static inline int tr_gru_s8__m4_accepts(const tr_gru_s8_params *p) {
  (void)p;
  return 1;
}
static inline int32_t tr_gru_s8__m4_scratch_size(const tr_gru_s8_params *p) {
  return ((2 * (((p->run.units + 3) / 4) * 4)) + (10 * p->run.units));
}

/* Portable, any groups, strides and padding. */
tr_conv2d_s8_fn tr_conv2d_s8__ref;
static inline int tr_conv2d_s8__ref_accepts(const tr_conv2d_s8_params *p) {
  (void)p;
  return 1;
}
static inline int32_t tr_conv2d_s8__ref_scratch_size(const tr_conv2d_s8_params *p) {
  (void)p;
  return 0;
}

/* Portable, any strides and padding. */
tr_maxpool2d_s8_fn tr_maxpool2d_s8__ref;
static inline int tr_maxpool2d_s8__ref_accepts(const tr_maxpool2d_s8_params *p) {
  (void)p;
  return 1;
}
static inline int32_t tr_maxpool2d_s8__ref_scratch_size(const tr_maxpool2d_s8_params *p) {
  (void)p;
  return 0;
}

/* Portable, any strides and padding. */
tr_avgpool2d_s8_fn tr_avgpool2d_s8__ref;
static inline int tr_avgpool2d_s8__ref_accepts(const tr_avgpool2d_s8_params *p) {
  (void)p;
  return 1;
}
static inline int32_t tr_avgpool2d_s8__ref_scratch_size(const tr_avgpool2d_s8_params *p) {
  (void)p;
  return 0;
}

/* Portable, any axes. */
tr_mean_s8_fn tr_mean_s8__ref;
static inline int tr_mean_s8__ref_accepts(const tr_mean_s8_params *p) {
  (void)p;
  return 1;
}
static inline int32_t tr_mean_s8__ref_scratch_size(const tr_mean_s8_params *p) {
  (void)p;
  return 0;
}

/* Portable, any strides: transposes, slices and concatenations. */
tr_copy_s8_fn tr_copy_s8__ref;
static inline int tr_copy_s8__ref_accepts(const tr_copy_s8_params *p) {
  (void)p;
  return 1;
}
static inline int32_t tr_copy_s8__ref_scratch_size(const tr_copy_s8_params *p) {
  (void)p;
  return 0;
}

/* Portable, any strides. */
tr_fill_s8_fn tr_fill_s8__ref;
static inline int tr_fill_s8__ref_accepts(const tr_fill_s8_params *p) {
  (void)p;
  return 1;
}
static inline int32_t tr_fill_s8__ref_scratch_size(const tr_fill_s8_params *p) {
  (void)p;
  return 0;
}

/* Portable, any strides. */
tr_unary_s8_fn tr_unary_s8__ref;
static inline int tr_unary_s8__ref_accepts(const tr_unary_s8_params *p) {
  (void)p;
  return 1;
}
static inline int32_t tr_unary_s8__ref_scratch_size(const tr_unary_s8_params *p) {
  (void)p;
  return 0;
}

/* Portable, any broadcast. */
tr_add_s8_fn tr_add_s8__ref;
static inline int tr_add_s8__ref_accepts(const tr_add_s8_params *p) {
  (void)p;
  return 1;
}
static inline int32_t tr_add_s8__ref_scratch_size(const tr_add_s8_params *p) {
  (void)p;
  return 0;
}

/* Portable, any broadcast. */
tr_mul_s8_fn tr_mul_s8__ref;
static inline int tr_mul_s8__ref_accepts(const tr_mul_s8_params *p) {
  (void)p;
  return 1;
}
static inline int32_t tr_mul_s8__ref_scratch_size(const tr_mul_s8_params *p) {
  (void)p;
  return 0;
}

/* Portable. */
tr_gather_s8_fn tr_gather_s8__ref;
static inline int tr_gather_s8__ref_accepts(const tr_gather_s8_params *p) {
  (void)p;
  return 1;
}
static inline int32_t tr_gather_s8__ref_scratch_size(const tr_gather_s8_params *p) {
  (void)p;
  return 0;
}

/* Tiles of 3 rows by 2 columns; both operands are widened to 16 bits as they are used. Legal where
 * m >= 3. */
tr_matmul_s8_fn tr_matmul_s8_3x2__m4;
static inline int tr_matmul_s8_3x2__m4_accepts(const tr_matmul_s8_params *p) {
  return (p->m >= 3);
}
static inline int32_t tr_matmul_s8_3x2__m4_scratch_size(const tr_matmul_s8_params *p) {
  return ((48 * ((p->k + 7) / 8)) + ((3 + p->n) * (p->k + ((8 - p->k) * (p->k < 8)))));
}

/* Tiles of 3 queries by 2 columns, keys and values widened as they are used. Legal where s >= 3. */
tr_attention_s8_fn tr_attention_s8_3x2__m4;
static inline int tr_attention_s8_3x2__m4_accepts(const tr_attention_s8_params *p) {
  return (p->s >= 3);
}
static inline int32_t tr_attention_s8_3x2__m4_scratch_size(const tr_attention_s8_params *p) {
  return (((((9 * (((p->t + 7) / 8) * 8)) + ((48 * ((p->p + 7) / 8)) * (p->p > 2))) +
         ((((p->v_stride[2] != 1) || (p->v_stride[3] < (((p->t + 7) / 8) * 8))) * p->r) * (((p->t +
         7) / 8) * 8))) + ((((p->p > 2) && ((p->k_stride[3] != 1) || ((p->p + p->k_slack) < 8))) *
         p->t) * (p->p + ((8 - p->p) * (p->p < 8))))) + ((((p->p > 2) && ((p->p < 8) ||
         (p->q_stride[3] != 1))) * 3) * (p->p + ((8 - p->p) * (p->p < 8)))));
}

/* Four contiguous sums at a time. */
tr_requant_s32_s8_fn tr_requant_s32_s8__m4;
static inline int tr_requant_s32_s8__m4_accepts(const tr_requant_s32_s8_params *p) {
  (void)p;
  return 1;
}
static inline int32_t tr_requant_s32_s8__m4_scratch_size(const tr_requant_s32_s8_params *p) {
  (void)p;
  return 0;
}

/* Rows of contiguous elements, in as many instructions for any data. Legal where x_stride[2] == 1;
 * y_stride[2] == 1. */
tr_softmax_s8_fn tr_softmax_s8__m4;
static inline int tr_softmax_s8__m4_accepts(const tr_softmax_s8_params *p) {
  return (p->x_stride[2] == 1) && (p->y_stride[2] == 1);
}
static inline int32_t tr_softmax_s8__m4_scratch_size(const tr_softmax_s8_params *p) {
  return (2 * p->length);
}

/* Rows of contiguous elements, in as many instructions for any data. Legal where x_stride[2] == 1;
 * y_stride[2] == 1. */
tr_softmax_s8_fn tr_softmax_s8__m7;
static inline int tr_softmax_s8__m7_accepts(const tr_softmax_s8_params *p) {
  return (p->x_stride[2] == 1) && (p->y_stride[2] == 1);
}
static inline int32_t tr_softmax_s8__m7_scratch_size(const tr_softmax_s8_params *p) {
  return (2 * p->length);
}

/* Rows of contiguous elements, run by run. Legal where rows.x_stride[2] == 1; rows.y_stride[2] ==
 * 1. */
tr_softmax_masked_s8_fn tr_softmax_masked_s8__m4;
static inline int tr_softmax_masked_s8__m4_accepts(const tr_softmax_masked_s8_params *p) {
  return (p->rows.x_stride[2] == 1) && (p->rows.y_stride[2] == 1);
}
static inline int32_t tr_softmax_masked_s8__m4_scratch_size(const tr_softmax_masked_s8_params *p) {
  return (2 * p->rows.length);
}

/* Rows of contiguous elements, run by run. Legal where rows.x_stride[2] == 1; rows.y_stride[2] ==
 * 1. */
tr_softmax_masked_s8_fn tr_softmax_masked_s8__m7;
static inline int tr_softmax_masked_s8__m7_accepts(const tr_softmax_masked_s8_params *p) {
  return (p->rows.x_stride[2] == 1) && (p->rows.y_stride[2] == 1);
}
static inline int32_t tr_softmax_masked_s8__m7_scratch_size(const tr_softmax_masked_s8_params *p) {
  return (2 * p->rows.length);
}

/* Rows of contiguous elements, four at a time; rows of a multiple of 16 elements fastest. Legal
 * where x_col == 1; y_col == 1; length < 32768; gamma_bits == 16. Constants laid out as "norm4". */
tr_layernorm_s8_fn tr_layernorm_s8__m4;
static inline int tr_layernorm_s8__m4_accepts(const tr_layernorm_s8_params *p) {
  return (p->x_col == 1) && (p->y_col == 1) && (p->length < 32768) && (p->gamma_bits == 16);
}
static inline int32_t tr_layernorm_s8__m4_scratch_size(const tr_layernorm_s8_params *p) {
  (void)p;
  return 0;
}

/* Rows of contiguous elements, four at a time; rows of a multiple of 16 elements fastest. Legal
 * where x_col == 1; y_col == 1; length < 32768; gamma_bits == 16. Constants laid out as "norm4". */
tr_layernorm_s8_fn tr_layernorm_s8__m7;
static inline int tr_layernorm_s8__m7_accepts(const tr_layernorm_s8_params *p) {
  return (p->x_col == 1) && (p->y_col == 1) && (p->length < 32768) && (p->gamma_bits == 16);
}
static inline int32_t tr_layernorm_s8__m7_scratch_size(const tr_layernorm_s8_params *p) {
  (void)p;
  return 0;
}

/* Rows of contiguous elements, eight at a time. Legal where a_stride[5] == 1; b_stride[5] == 1;
 * y_stride[5] == 1. */
tr_add_s8_fn tr_add_s8__m4;
static inline int tr_add_s8__m4_accepts(const tr_add_s8_params *p) {
  return (p->a_stride[5] == 1) && (p->b_stride[5] == 1) && (p->y_stride[5] == 1);
}
static inline int32_t tr_add_s8__m4_scratch_size(const tr_add_s8_params *p) {
  (void)p;
  return 0;
}

/* One filter a channel; rows of the window by pairs, four cells at a time. Legal where groups ==
 * window.in_c; window.out_c == window.in_c; window.in_c >= 4; window.x_stride[1] == 1;
 * window.pad_left < window.kernel_w. */
tr_conv2d_s8_fn tr_conv2d_s8_depthwise__m4;
static inline int tr_conv2d_s8_depthwise__m4_accepts(const tr_conv2d_s8_params *p) {
  return (p->groups == p->window.in_c) && (p->window.out_c == p->window.in_c) && (p->window.in_c >=
         4) && (p->window.x_stride[1] == 1) && (p->window.pad_left < p->window.kernel_w);
}
static inline int32_t tr_conv2d_s8_depthwise__m4_scratch_size(const tr_conv2d_s8_params *p) {
  return ((4 * ((p->window.kernel_h + 1) / 2)) * ((4 * (((p->window.out_w - 1) * p->window.stride_w)
         + p->window.kernel_w)) + (4 * p->window.kernel_w)));
}

/* One filter a channel, 3x3 at stride 1 or 2; pairs of lines along the longer axis, made once, in a
 * ring of two. Legal where groups == window.in_c; window.out_c == window.in_c; window.in_c >= 4;
 * window.x_stride[1] == 1; window.y_stride[1] == 1; window.kernel_h == 3; window.kernel_w == 3;
 * window.stride_h == window.stride_w; window.stride_h <= 2; window.pad_top <= 2; window.pad_left <=
 * 2; window.out_h >= 2 or window.out_w >= 2. Constants laid out as "depthwise3". */
tr_conv2d_s8_fn tr_conv2d_s8_depthwise_3x3__m4;
static inline int tr_conv2d_s8_depthwise_3x3__m4_accepts(const tr_conv2d_s8_params *p) {
  return (p->groups == p->window.in_c) && (p->window.out_c == p->window.in_c) && (p->window.in_c >=
         4) && (p->window.x_stride[1] == 1) && (p->window.y_stride[1] == 1) && (p->window.kernel_h
         == 3) && (p->window.kernel_w == 3) && (p->window.stride_h == p->window.stride_w) &&
         (p->window.stride_h <= 2) && (p->window.pad_top <= 2) && (p->window.pad_left <= 2) &&
         ((p->window.out_h >= 2) || (p->window.out_w >= 2));
}
static inline int32_t tr_conv2d_s8_depthwise_3x3__m4_scratch_size(const tr_conv2d_s8_params *p) {
  return (((32 * ((((p->window.out_w + ((p->window.out_h > p->window.out_w) * (p->window.out_h -
         p->window.out_w))) - 1) * p->window.stride_h) + 3)) + 72) + ((((p->window.out_w +
         ((p->window.out_h > p->window.out_w) * (p->window.out_h - p->window.out_w))) * (3 -
         p->window.stride_h)) * 4) * (1 + ((p->lut != 0) || (p->requant.narrow != 1) ||
         (p->requant.lo != -128) || (p->requant.hi != 127)))));
}

/* As tr_conv2d_s8_depthwise_3x3, two lines a pass and up to three passes a group: more scratch,
 * fewer cycles. Legal where groups == window.in_c; window.out_c == window.in_c; window.in_c >= 4;
 * window.x_stride[1] == 1; window.y_stride[1] == 1; window.kernel_h == 3; window.kernel_w == 3;
 * window.stride_h == window.stride_w; window.stride_h <= 2; window.pad_top <= 2; window.pad_left <=
 * 2; window.out_h >= 2 or window.out_w >= 2; lut == 0; requant.narrow == 1; requant.lo == -128;
 * requant.hi == 127. Constants laid out as "depthwise3". */
tr_conv2d_s8_fn tr_conv2d_s8_depthwise_3x3_groups__m4;
static inline int tr_conv2d_s8_depthwise_3x3_groups__m4_accepts(const tr_conv2d_s8_params *p) {
  return (p->groups == p->window.in_c) && (p->window.out_c == p->window.in_c) && (p->window.in_c >=
         4) && (p->window.x_stride[1] == 1) && (p->window.y_stride[1] == 1) && (p->window.kernel_h
         == 3) && (p->window.kernel_w == 3) && (p->window.stride_h == p->window.stride_w) &&
         (p->window.stride_h <= 2) && (p->window.pad_top <= 2) && (p->window.pad_left <= 2) &&
         ((p->window.out_h >= 2) || (p->window.out_w >= 2)) && (p->lut == 0) && (p->requant.narrow
         == 1) && (p->requant.lo == -128) && (p->requant.hi == 127);
}
static inline int32_t tr_conv2d_s8_depthwise_3x3_groups__m4_scratch_size(
    const tr_conv2d_s8_params *p) {
  return (4 + (((1 + (((p->window.out_w + ((p->window.out_h > p->window.out_w) * (p->window.out_h -
         p->window.out_w))) <= 12) * (p->window.in_c > 4))) + ((2 * ((p->window.out_w +
         ((p->window.out_h > p->window.out_w) * (p->window.out_h - p->window.out_w))) <= 6)) *
         (p->window.in_c > 12))) * (((16 * (5 - p->window.stride_h)) * ((((p->window.out_w +
         ((p->window.out_h > p->window.out_w) * (p->window.out_h - p->window.out_w))) - 1) *
         p->window.stride_h) + 3)) + ((8 * (p->window.out_w + ((p->window.out_h > p->window.out_w) *
         (p->window.out_h - p->window.out_w)))) * (1 + ((p->window.stride_h == 1) *
         (((p->window.out_h + ((p->window.out_h > p->window.out_w) * (p->window.out_w -
         p->window.out_h))) > 2) + ((p->window.out_h + ((p->window.out_h > p->window.out_w) *
         (p->window.out_w - p->window.out_h))) > 4))))))));
}

/* One filter a channel; columns of the image by pairs, in a ring of rows. Legal where groups ==
 * window.in_c; window.out_c == window.in_c; window.in_c >= 4; window.x_stride[1] == 1;
 * window.stride_w == 1; window.kernel_w % 2 == 1; window.kernel_w >= 3; window.kernel_w <= 7. */
tr_conv2d_s8_fn tr_conv2d_s8_depthwise_odd__m4;
static inline int tr_conv2d_s8_depthwise_odd__m4_accepts(const tr_conv2d_s8_params *p) {
  return (p->groups == p->window.in_c) && (p->window.out_c == p->window.in_c) && (p->window.in_c >=
         4) && (p->window.x_stride[1] == 1) && (p->window.stride_w == 1) && ((p->window.kernel_w %
         2) == 1) && (p->window.kernel_w >= 3) && (p->window.kernel_w <= 7);
}
static inline int32_t tr_conv2d_s8_depthwise_odd__m4_scratch_size(const tr_conv2d_s8_params *p) {
  return (16 * ((((p->window.kernel_h * (((2 * ((p->window.out_w + 3) / 4)) - 1) +
         ((p->window.kernel_w + 1) / 2))) + (((2 * p->window.kernel_h) - 1) * (p->window.kernel_w -
         1))) + (((p->window.out_w + 3) / 4) * ((p->lut != 0) || (p->requant.narrow != 1) ||
         (p->requant.lo != -128) || (p->requant.hi != 127)))) + (((p->lut == 0) &&
         (p->requant.narrow == 1) && (p->requant.lo == -128) && (p->requant.hi == 127)) *
         (((p->window.out_w % 2) != 0) || (p->window.out_w == 2)))));
}

/* One filter a channel, any window, four channels of one output at a time, where the image lies.
 * Legal where groups == window.in_c; window.out_c == window.in_c; window.in_c >= 4;
 * window.x_stride[1] == 1; window.y_stride[1] == 1. Constants laid out as "taps16". */
tr_conv2d_s8_fn tr_conv2d_s8_depthwise_taps__m4;
static inline int tr_conv2d_s8_depthwise_taps__m4_accepts(const tr_conv2d_s8_params *p) {
  return (p->groups == p->window.in_c) && (p->window.out_c == p->window.in_c) && (p->window.in_c >=
         4) && (p->window.x_stride[1] == 1) && (p->window.y_stride[1] == 1);
}
static inline int32_t tr_conv2d_s8_depthwise_taps__m4_scratch_size(const tr_conv2d_s8_params *p) {
  return (4 * ((((p->window.kernel_h * p->window.kernel_w) + 3) + ((p->window.in_c + 3) / 4)) +
         (((p->window.in_c / 4) * 4) * ((p->lut != 0) || (p->requant.narrow != 1) || (p->requant.lo
         != -128) || (p->requant.hi != 127)))));
}

/* Windows of few taps: what an output channel needs is widened into scratch once. Legal where
 * groups == 1; window.kernel_h * window.kernel_w * window.in_c < 8. */
tr_conv2d_s8_fn tr_conv2d_s8_small__m4;
static inline int tr_conv2d_s8_small__m4_accepts(const tr_conv2d_s8_params *p) {
  return (p->groups == 1) && (((p->window.kernel_h * p->window.kernel_w) * p->window.in_c) < 8);
}
static inline int32_t tr_conv2d_s8_small__m4_scratch_size(const tr_conv2d_s8_params *p) {
  return ((4 * p->window.out_c) * (2 + ((((p->window.kernel_h * p->window.kernel_w) *
         p->window.in_c) + 1) / 2)));
}

/* Any groups: windows of two cells are gathered as pairs, and multiplied by all outputs of their
 * group. Legal where groups >= 2. */
tr_conv2d_s8_fn tr_conv2d_s8_grouped__m4;
static inline int tr_conv2d_s8_grouped__m4_accepts(const tr_conv2d_s8_params *p) {
  return (p->groups >= 2);
}
static inline int32_t tr_conv2d_s8_grouped__m4_scratch_size(const tr_conv2d_s8_params *p) {
  return (((8 * ((((p->window.kernel_h * p->window.kernel_w) * (p->window.in_c / p->groups)) + 1) /
         2)) * 2) + ((4 * (p->window.out_c / p->groups)) * (2 + ((((p->window.kernel_h *
         p->window.kernel_w) * (p->window.in_c / p->groups)) + 1) / 2))));
}

/* Four channels at a time. Legal where window.in_c >= 4; window.x_stride[1] == 1. */
tr_maxpool2d_s8_fn tr_maxpool2d_s8__m4;
static inline int tr_maxpool2d_s8__m4_accepts(const tr_maxpool2d_s8_params *p) {
  return (p->window.in_c >= 4) && (p->window.x_stride[1] == 1);
}
static inline int32_t tr_maxpool2d_s8__m4_scratch_size(const tr_maxpool2d_s8_params *p) {
  (void)p;
  return 0;
}

/* Four channels at a time. Legal where window.in_c >= 4; window.x_stride[1] == 1. */
tr_maxpool2d_s8_fn tr_maxpool2d_s8__m7;
static inline int tr_maxpool2d_s8__m7_accepts(const tr_maxpool2d_s8_params *p) {
  return (p->window.in_c >= 4) && (p->window.x_stride[1] == 1);
}
static inline int32_t tr_maxpool2d_s8__m7_scratch_size(const tr_maxpool2d_s8_params *p) {
  (void)p;
  return 0;
}

/* Four channels at a time. Legal where window.in_c >= 4; window.x_stride[1] == 1; window.kernel_h *
 * window.kernel_w <= 128. */
tr_avgpool2d_s8_fn tr_avgpool2d_s8__m4;
static inline int tr_avgpool2d_s8__m4_accepts(const tr_avgpool2d_s8_params *p) {
  return (p->window.in_c >= 4) && (p->window.x_stride[1] == 1) && ((p->window.kernel_h *
         p->window.kernel_w) <= 128);
}
static inline int32_t tr_avgpool2d_s8__m4_scratch_size(const tr_avgpool2d_s8_params *p) {
  (void)p;
  return 0;
}

/* Four channels at a time. Legal where window.in_c >= 4; window.x_stride[1] == 1; window.kernel_h *
 * window.kernel_w <= 128. */
tr_avgpool2d_s8_fn tr_avgpool2d_s8__m7;
static inline int tr_avgpool2d_s8__m7_accepts(const tr_avgpool2d_s8_params *p) {
  return (p->window.in_c >= 4) && (p->window.x_stride[1] == 1) && ((p->window.kernel_h *
         p->window.kernel_w) <= 128);
}
static inline int32_t tr_avgpool2d_s8__m7_scratch_size(const tr_avgpool2d_s8_params *p) {
  (void)p;
  return 0;
}

/* Over outer axes, four contiguous elements at a time. Legal where kept[3] >= 4; x_kept[3] == 1. */
tr_mean_s8_fn tr_mean_s8__m4;
static inline int tr_mean_s8__m4_accepts(const tr_mean_s8_params *p) {
  return (p->kept[3] >= 4) && (p->x_kept[3] == 1);
}
static inline int32_t tr_mean_s8__m4_scratch_size(const tr_mean_s8_params *p) {
  (void)p;
  return 0;
}

/* Over the contiguous axis. Legal where x_reduced[3] == 1. */
tr_mean_s8_fn tr_mean_s8_rows__m4;
static inline int tr_mean_s8_rows__m4_accepts(const tr_mean_s8_params *p) {
  return (p->x_reduced[3] == 1);
}
static inline int32_t tr_mean_s8_rows__m4_scratch_size(const tr_mean_s8_params *p) {
  (void)p;
  return 0;
}

/* Rows of contiguous elements, eight at a time. Legal where a_stride[5] == 1; b_stride[5] == 1;
 * y_stride[5] == 1. */
tr_mul_s8_fn tr_mul_s8__m4;
static inline int tr_mul_s8__m4_accepts(const tr_mul_s8_params *p) {
  return (p->a_stride[5] == 1) && (p->b_stride[5] == 1) && (p->y_stride[5] == 1);
}
static inline int32_t tr_mul_s8__m4_scratch_size(const tr_mul_s8_params *p) {
  (void)p;
  return 0;
}

/* Rows of contiguous elements, four at a time. Legal where x_stride[5] == 1; y_stride[5] == 1. */
tr_unary_s8_fn tr_unary_s8__m4;
static inline int tr_unary_s8__m4_accepts(const tr_unary_s8_params *p) {
  return (p->x_stride[5] == 1) && (p->y_stride[5] == 1);
}
static inline int32_t tr_unary_s8__m4_scratch_size(const tr_unary_s8_params *p) {
  (void)p;
  return 0;
}

/* Rows of contiguous elements, eight at a time. Legal where x_stride[5] == 1; y_stride[5] == 1. */
tr_unary_s8_fn tr_unary_s8__m7;
static inline int tr_unary_s8__m7_accepts(const tr_unary_s8_params *p) {
  return (p->x_stride[5] == 1) && (p->y_stride[5] == 1);
}
static inline int32_t tr_unary_s8__m7_scratch_size(const tr_unary_s8_params *p) {
  (void)p;
  return 0;
}

/* Rows of contiguous elements, thirty-two at a time. Legal where x_stride[5] == 1; y_stride[5] ==
 * 1. */
tr_copy_s8_fn tr_copy_s8__m4;
static inline int tr_copy_s8__m4_accepts(const tr_copy_s8_params *p) {
  return (p->x_stride[5] == 1) && (p->y_stride[5] == 1);
}
static inline int32_t tr_copy_s8__m4_scratch_size(const tr_copy_s8_params *p) {
  (void)p;
  return 0;
}

/* Rows of contiguous elements, thirty-two at a time. Legal where x_stride[5] == 1; y_stride[5] ==
 * 1. */
tr_copy_s8_fn tr_copy_s8__m7;
static inline int tr_copy_s8__m7_accepts(const tr_copy_s8_params *p) {
  return (p->x_stride[5] == 1) && (p->y_stride[5] == 1);
}
static inline int32_t tr_copy_s8__m7_scratch_size(const tr_copy_s8_params *p) {
  (void)p;
  return 0;
}

/* Transposes by squares of four by four bytes. Legal where extent[4] >= 4; extent[5] >= 4;
 * (x_stride[4] == 1 and y_stride[5] == 1) or (x_stride[5] == 1 and y_stride[4] == 1). */
tr_copy_s8_fn tr_copy_s8_transpose__m4;
static inline int tr_copy_s8_transpose__m4_accepts(const tr_copy_s8_params *p) {
  return (p->extent[4] >= 4) && (p->extent[5] >= 4) && (((p->x_stride[4] == 1) && (p->y_stride[5] ==
         1)) || ((p->x_stride[5] == 1) && (p->y_stride[4] == 1)));
}
static inline int32_t tr_copy_s8_transpose__m4_scratch_size(const tr_copy_s8_params *p) {
  (void)p;
  return 0;
}

/* A row or two: 4 columns at a time, or one where they are few, by little code. Legal where m <= 2;
 * k % 4 == 0; x_col == 1; lut == 0; requant.narrow == 1; requant.lo == -128; requant.hi == 127. */
tr_linear_s8_fn tr_linear_s8_row__xpulp;
static inline int tr_linear_s8_row__xpulp_accepts(const tr_linear_s8_params *p) {
  return (p->m <= 2) && ((p->k % 4) == 0) && (p->x_col == 1) && (p->lut == 0) && (p->requant.narrow
         == 1) && (p->requant.lo == -128) && (p->requant.hi == 127);
}
static inline int32_t tr_linear_s8_row__xpulp_scratch_size(
    const tr_linear_s8_params *p, int32_t cores) {
  (void)p;
  (void)cores;
  return 0;
}

/* Few rows: tiles of 3 rows by 4 columns. Legal where m >= 3; m <= 7; n % 4 == 0; k % 4 == 0; x_col
 * == 1; lut == 0; requant.narrow == 1; requant.lo == -128; requant.hi == 127. */
tr_linear_s8_fn tr_linear_s8_3x4__xpulp;
static inline int tr_linear_s8_3x4__xpulp_accepts(const tr_linear_s8_params *p) {
  return (p->m >= 3) && (p->m <= 7) && ((p->n % 4) == 0) && ((p->k % 4) == 0) && (p->x_col == 1) &&
         (p->lut == 0) && (p->requant.narrow == 1) && (p->requant.lo == -128) && (p->requant.hi ==
         127);
}
static inline int32_t tr_linear_s8_3x4__xpulp_scratch_size(
    const tr_linear_s8_params *p, int32_t cores) {
  (void)p;
  (void)cores;
  return 0;
}

/* Rows of 32 elements: two of x held in registers while the weights stream past. Legal where m >=
 * 2; m <= 8; k == 32; x_col == 1; lut == 0; requant.narrow == 1; requant.lo == -128; requant.hi ==
 * 127. */
tr_linear_s8_fn tr_linear_s8_2x1__xpulp;
static inline int tr_linear_s8_2x1__xpulp_accepts(const tr_linear_s8_params *p) {
  return (p->m >= 2) && (p->m <= 8) && (p->k == 32) && (p->x_col == 1) && (p->lut == 0) &&
         (p->requant.narrow == 1) && (p->requant.lo == -128) && (p->requant.hi == 127);
}
static inline int32_t tr_linear_s8_2x1__xpulp_scratch_size(
    const tr_linear_s8_params *p, int32_t cores) {
  (void)p;
  (void)cores;
  return 0;
}

/* Tiles of 4 rows by 4 columns. Legal where k >= 4; x_col == 1. */
tr_linear_s8_fn tr_linear_s8_4x4__xpulp;
static inline int tr_linear_s8_4x4__xpulp_accepts(const tr_linear_s8_params *p) {
  return (p->k >= 4) && (p->x_col == 1);
}
static inline int32_t tr_linear_s8_4x4__xpulp_scratch_size(
    const tr_linear_s8_params *p, int32_t cores) {
  (void)p;
  (void)cores;
  return 0;
}

/* Tiles of 4 rows by 4 columns. Legal where k >= 4. */
tr_linear_s8_s32_fn tr_linear_s8_s32_4x4__xpulp;
static inline int tr_linear_s8_s32_4x4__xpulp_accepts(const tr_linear_s8_s32_params *p) {
  return (p->k >= 4);
}
static inline int32_t tr_linear_s8_s32_4x4__xpulp_scratch_size(
    const tr_linear_s8_s32_params *p, int32_t cores) {
  (void)p;
  (void)cores;
  return 0;
}

/* Tiles of 4 rows by 4 columns; operands laid in rows of four where they are not. */
tr_matmul_s8_fn tr_matmul_s8_4x4__xpulp;
static inline int tr_matmul_s8_4x4__xpulp_accepts(const tr_matmul_s8_params *p) {
  (void)p;
  return 1;
}
static inline int32_t tr_matmul_s8_4x4__xpulp_scratch_size(
    const tr_matmul_s8_params *p, int32_t cores) {
  return (cores * ((4 * (p->m + p->n)) + ((((p->k + 3) / 4) * 4) * ((p->m * ((p->k < 4) ||
         (p->a_stride[3] != 1))) + (p->n * ((p->k < 4) || (p->b_stride[2] != 1)))))));
}

/* Up to 8 keys, whose scores are made together. Legal where t >= 4; t <= 8; p % 4 == 0; q_stride[3]
 * == 1; k_stride[3] == 1; v_stride[2] == 1; v_stride[3] >= 8; score.narrow == 1; score.lo == -128;
 * score.hi == 127; lo == -128; hi == 127; rounding.requant.narrow == 1 or (rounding.most == 0 and
 * value.exponent <= 36). */
tr_attention_s8_fn tr_attention_s8_1x8__xpulp;
static inline int tr_attention_s8_1x8__xpulp_accepts(const tr_attention_s8_params *p) {
  return (p->t >= 4) && (p->t <= 8) && ((p->p % 4) == 0) && (p->q_stride[3] == 1) && (p->k_stride[3]
         == 1) && (p->v_stride[2] == 1) && (p->v_stride[3] >= 8) && (p->score.narrow == 1) &&
         (p->score.lo == -128) && (p->score.hi == 127) && (p->lo == -128) && (p->hi == 127) &&
         ((p->rounding.requant.narrow == 1) || ((p->rounding.most == 0) && (p->value.exponent <=
         36)));
}
static inline int32_t tr_attention_s8_1x8__xpulp_scratch_size(
    const tr_attention_s8_params *p, int32_t cores) {
  (void)p;
  (void)cores;
  return 0;
}

/* Tiles of 4 queries by 4 columns, probabilities are never stored. */
tr_attention_s8_fn tr_attention_s8_4x4__xpulp;
static inline int tr_attention_s8_4x4__xpulp_accepts(const tr_attention_s8_params *p) {
  (void)p;
  return 1;
}
static inline int32_t tr_attention_s8_4x4__xpulp_scratch_size(
    const tr_attention_s8_params *p, int32_t cores) {
  return (cores * (((((12 * (((p->t + 3) / 4) * 4)) + (16 * p->r)) + ((4 * ((((p->t + 3) / 4) * 4) -
         (4 * p->r))) * ((((p->t + 3) / 4) * 4) > (4 * p->r)))) + ((((p->p > 2) && ((p->p == 3) ||
         (p->k_stride[3] != 1) || (p->q_stride[3] != 1))) * (p->t + 4)) * (((p->p + 3) / 4) * 4))) +
         ((((p->v_stride[2] != 1) || (((p->t % 4) != 0) && (p->v_stride[3] < (((p->t + 7) / 8) *
         8)))) * p->r) * (((p->t + 3) / 4) * 4))));
}

/* Rounded probabilities stand where their scores were: half the scratch of the 4x4 tile's. Legal
 * where p >= 4; rounding.most != 0; q_stride[3] == 1; k_stride[3] == 1; v_stride[2] == 1; t % 4 ==
 * 0 or v_stride[3] >= (t + 7) // 8 * 8. */
tr_attention_s8_fn tr_attention_s8_bytes__xpulp;
static inline int tr_attention_s8_bytes__xpulp_accepts(const tr_attention_s8_params *p) {
  return (p->p >= 4) && (p->rounding.most != 0) && (p->q_stride[3] == 1) && (p->k_stride[3] == 1) &&
         (p->v_stride[2] == 1) && (((p->t % 4) == 0) || (p->v_stride[3] >= (((p->t + 7) / 8) * 8)));
}
static inline int32_t tr_attention_s8_bytes__xpulp_scratch_size(
    const tr_attention_s8_params *p, int32_t cores) {
  return ((((cores + 1) + ((cores - 1) * ((p->batch0 * p->batch1) > 1))) * 4) * (((p->t + 3) / 4) *
         4));
}

/* All cores answer the same queries together, six a core at a time: few are shared evenly. Legal
 * where s >= 4; p >= 4; rounding.most != 0; q_stride[3] == 1; k_stride[3] == 1; v_stride[2] == 1; t
 * % 4 == 0 or v_stride[3] >= (t + 7) // 8 * 8. */
tr_attention_s8_fn tr_attention_s8_rounds__xpulp;
static inline int tr_attention_s8_rounds__xpulp_accepts(const tr_attention_s8_params *p) {
  return (p->s >= 4) && (p->p >= 4) && (p->rounding.most != 0) && (p->q_stride[3] == 1) &&
         (p->k_stride[3] == 1) && (p->v_stride[2] == 1) && (((p->t % 4) == 0) || (p->v_stride[3] >=
         (((p->t + 7) / 8) * 8)));
}
static inline int32_t tr_attention_s8_rounds__xpulp_scratch_size(
    const tr_attention_s8_params *p, int32_t cores) {
  return (((((3 * cores) + 1) / 2) * 16) + ((((((3 * cores) + 1) / 2) * 4) + 4) * (((p->t + 3) / 4)
         * 4)));
}

/* All cores answer all queries of the one head together; the output may lie over them. Legal where
 * batch0 * batch1 == 1; s >= 4; p >= 4; rounding.most != 0; q_stride[3] == 1; k_stride[3] == 1;
 * v_stride[2] == 1; t % 4 == 0 or v_stride[3] >= (t + 7) // 8 * 8. */
tr_attention_s8_fn tr_attention_s8_once__xpulp;
static inline int tr_attention_s8_once__xpulp_accepts(const tr_attention_s8_params *p) {
  return ((p->batch0 * p->batch1) == 1) && (p->s >= 4) && (p->p >= 4) && (p->rounding.most != 0) &&
         (p->q_stride[3] == 1) && (p->k_stride[3] == 1) && (p->v_stride[2] == 1) && (((p->t % 4) ==
         0) || (p->v_stride[3] >= (((p->t + 7) / 8) * 8)));
}
static inline int32_t tr_attention_s8_once__xpulp_scratch_size(
    const tr_attention_s8_params *p, int32_t cores) {
  (void)cores;
  return ((((((p->s + 3) / 4) * 4) * (((p->t + 3) / 4) * 4)) + (((p->t + 3) / 4) * 16)) + (((((p->s
         + 3) / 4) - ((p->t + 3) / 4)) * (p->s > p->t)) * 16));
}

/* The same, two queries a core at a time, for which a key is read once: keys may lie in slow
 * memory. Legal where s >= 4; p >= 4; p <= 64; rounding.most != 0; score.narrow == 1; score.lo ==
 * -128; score.hi == 127; q_stride[3] == 1; k_stride[3] == 1; v_stride[2] == 1; t % 4 == 0 or
 * v_stride[3] >= (t + 7) // 8 * 8. */
tr_attention_s8_fn tr_attention_s8_fetched__xpulp;
static inline int tr_attention_s8_fetched__xpulp_accepts(const tr_attention_s8_params *p) {
  return (p->s >= 4) && (p->p >= 4) && (p->p <= 64) && (p->rounding.most != 0) && (p->score.narrow
         == 1) && (p->score.lo == -128) && (p->score.hi == 127) && (p->q_stride[3] == 1) &&
         (p->k_stride[3] == 1) && (p->v_stride[2] == 1) && (((p->t % 4) == 0) || (p->v_stride[3] >=
         (((p->t + 7) / 8) * 8)));
}
static inline int32_t tr_attention_s8_fetched__xpulp_scratch_size(
    const tr_attention_s8_params *p, int32_t cores) {
  return ((((cores + 1) / 2) * 4) * ((8 + (((p->p + 3) / 4) * 4)) + (((p->t + 3) / 4) * 4)));
}

/* Panels of 3 rows widened once, by pairs of columns; weights are widened as they are used. Legal
 * where k >= 8. Constants laid out as "stream8". */
tr_linear_s8_fn tr_linear_s8_3x2__m4;
static inline int tr_linear_s8_3x2__m4_accepts(const tr_linear_s8_params *p) {
  return (p->k >= 8);
}
static inline int32_t tr_linear_s8_3x2__m4_scratch_size(const tr_linear_s8_params *p) {
  return (((3 - (2 * (p->m == 1))) - (p->m == 2)) * ((16 * ((p->k + 7) / 8)) + (p->k * (p->x_col !=
         1))));
}

/* Panels of 3 rows widened once, by pairs of columns; weights are widened as they are used. Legal
 * where k >= 8; n >= 2. Constants laid out as "stream8". */
tr_linear_s8_s32_fn tr_linear_s8_s32_3x2__m4;
static inline int tr_linear_s8_s32_3x2__m4_accepts(const tr_linear_s8_s32_params *p) {
  return (p->k >= 8) && (p->n >= 2);
}
static inline int32_t tr_linear_s8_s32_3x2__m4_scratch_size(const tr_linear_s8_s32_params *p) {
  return (48 * ((p->k + 7) / 8));
}

/* Panels of 3 cells, whose windows are widened where they lie or gathered, then as
 * tr_linear_s8_3x2. Legal where groups == 1; window.kernel_h * window.kernel_w * window.in_c >= 8.
 * Constants laid out as "stream8". */
tr_conv2d_s8_fn tr_conv2d_s8_3x2__m4;
static inline int tr_conv2d_s8_3x2__m4_accepts(const tr_conv2d_s8_params *p) {
  return (p->groups == 1) && (((p->window.kernel_h * p->window.kernel_w) * p->window.in_c) >= 8);
}
static inline int32_t tr_conv2d_s8_3x2__m4_scratch_size(const tr_conv2d_s8_params *p) {
  return ((48 * ((((p->window.kernel_h * p->window.kernel_w) * p->window.in_c) + 7) / 8)) +
         (((p->window.kernel_h * p->window.kernel_w) * p->window.in_c) * ((p->window.x_stride[1] !=
         1) || (p->window.pad_top != 0) || (p->window.pad_left != 0) || ((((p->window.out_h - 1) *
         p->window.stride_h) + p->window.kernel_h) > p->window.in_h) || ((((p->window.out_w - 1) *
         p->window.stride_w) + p->window.kernel_w) > p->window.in_w) || ((p->window.kernel_w > 1) &&
         (p->window.x_stride[3] != p->window.in_c)) || ((p->window.kernel_h > 1) &&
         (((p->window.kernel_w * p->window.in_c) % 8) != 0)))));
}

/* Panels of 3 rows widened once, by pairs of columns; weights lie widened. Legal where k >= 8.
 * Constants laid out as "stream16". */
tr_linear_s8_fn tr_linear_s8_w16_3x2__m4;
static inline int tr_linear_s8_w16_3x2__m4_accepts(const tr_linear_s8_params *p) {
  return (p->k >= 8);
}
static inline int32_t tr_linear_s8_w16_3x2__m4_scratch_size(const tr_linear_s8_params *p) {
  return (((3 - (2 * (p->m == 1))) - (p->m == 2)) * ((16 * ((p->k + 7) / 8)) + (p->k * (p->x_col !=
         1))));
}

/* As tr_linear_s8_w16_3x2, whose weights are copied to scratch before. Legal where k >= 8.
 * Constants laid out as "stream16". */
tr_linear_s8_fn tr_linear_s8_w16_3x2_kept__m4;
static inline int tr_linear_s8_w16_3x2_kept__m4_accepts(const tr_linear_s8_params *p) {
  return (p->k >= 8);
}
static inline int32_t tr_linear_s8_w16_3x2_kept__m4_scratch_size(const tr_linear_s8_params *p) {
  return ((((3 - (2 * (p->m == 1))) - (p->m == 2)) * ((16 * ((p->k + 7) / 8)) + (p->k * (p->x_col !=
         1)))) + (((p->n + 1) / 2) * (16 + (32 * ((p->k + 7) / 8)))));
}

/* Panels of 3 rows widened once, by pairs of columns; weights lie two a byte. Legal where k >= 8.
 * Constants laid out as "stream4". */
tr_linear_s8_fn tr_linear_s8_w4_3x2__m4;
static inline int tr_linear_s8_w4_3x2__m4_accepts(const tr_linear_s8_params *p) {
  return (p->k >= 8);
}
static inline int32_t tr_linear_s8_w4_3x2__m4_scratch_size(const tr_linear_s8_params *p) {
  return (((3 - (2 * (p->m == 1))) - (p->m == 2)) * ((16 * ((p->k + 7) / 8)) + (p->k * (p->x_col !=
         1))));
}

/* Pairs of rows by four columns; the rows lie in the FPU's registers, and more than 32 values of
 * each go by blocks. Legal where m >= 2; k >= 4; n >= 4; x_col == 1; y_col == 1; requant.narrow ==
 * 1; requant.lo == -128; requant.hi == 127. Constants laid out as "quads16". */
tr_linear_s8_fn tr_linear_s8_w16_2x4__m4;
static inline int tr_linear_s8_w16_2x4__m4_accepts(const tr_linear_s8_params *p) {
  return (p->m >= 2) && (p->k >= 4) && (p->n >= 4) && (p->x_col == 1) && (p->y_col == 1) &&
         (p->requant.narrow == 1) && (p->requant.lo == -128) && (p->requant.hi == 127);
}
static inline int32_t tr_linear_s8_w16_2x4__m4_scratch_size(const tr_linear_s8_params *p) {
  return ((32 * ((p->n + 3) / 4)) * (p->k > 32));
}

/* As tr_linear_s8_w16_2x4, whose weights are copied to scratch before. Legal where m >= 2; k >= 4;
 * n >= 4; x_col == 1; y_col == 1; requant.narrow == 1; requant.lo == -128; requant.hi == 127.
 * Constants laid out as "quads16". */
tr_linear_s8_fn tr_linear_s8_w16_2x4_kept__m4;
static inline int tr_linear_s8_w16_2x4_kept__m4_accepts(const tr_linear_s8_params *p) {
  return (p->m >= 2) && (p->k >= 4) && (p->n >= 4) && (p->x_col == 1) && (p->y_col == 1) &&
         (p->requant.narrow == 1) && (p->requant.lo == -128) && (p->requant.hi == 127);
}
static inline int32_t tr_linear_s8_w16_2x4_kept__m4_scratch_size(const tr_linear_s8_params *p) {
  return ((((p->n + 3) / 4) * 4) * (((8 * ((p->k + 3) / 4)) + 8) + (12 * (p->k > 32))));
}

/* As tr_linear_s8_w16_2x4, by quarters of the columns, whose weights are copied to scratch before.
 * Legal where m >= 2; k >= 4; n >= 4; x_col == 1; y_col == 1; requant.narrow == 1; requant.lo ==
 * -128; requant.hi == 127. Constants laid out as "quads16". */
tr_linear_s8_fn tr_linear_s8_w16_2x4_parts__m4;
static inline int tr_linear_s8_w16_2x4_parts__m4_accepts(const tr_linear_s8_params *p) {
  return (p->m >= 2) && (p->k >= 4) && (p->n >= 4) && (p->x_col == 1) && (p->y_col == 1) &&
         (p->requant.narrow == 1) && (p->requant.lo == -128) && (p->requant.hi == 127);
}
static inline int32_t tr_linear_s8_w16_2x4_parts__m4_scratch_size(const tr_linear_s8_params *p) {
  return ((((p->n + 15) / 16) * 4) * (((8 * ((p->k + 3) / 4)) + 8) + (12 * (p->k > 32))));
}

/* One row, widened once, by four columns. Legal where m == 1; k >= 8; n >= 4; x_col == 1. Constants
 * laid out as "row16". */
tr_linear_s8_fn tr_linear_s8_row__m4;
static inline int tr_linear_s8_row__m4_accepts(const tr_linear_s8_params *p) {
  return (p->m == 1) && (p->k >= 8) && (p->n >= 4) && (p->x_col == 1);
}
static inline int32_t tr_linear_s8_row__m4_scratch_size(const tr_linear_s8_params *p) {
  return (16 * ((p->k + 7) / 8));
}

/* As tr_linear_s8_row; weights lie as bytes, and 256 times the sums, which must be less than 2^23,
 * are added up. Legal where m == 1; k >= 8; n >= 4; x_col == 1. Constants laid out as "row8". */
tr_linear_s8_fn tr_linear_s8_row_w8__m4;
static inline int tr_linear_s8_row_w8__m4_accepts(const tr_linear_s8_params *p) {
  return (p->m == 1) && (p->k >= 8) && (p->n >= 4) && (p->x_col == 1);
}
static inline int32_t tr_linear_s8_row_w8__m4_scratch_size(const tr_linear_s8_params *p) {
  return (16 * ((p->k + 7) / 8));
}

/* Panels of 3 rows widened once, by pairs of columns; weights lie widened. Legal where k >= 8; n >=
 * 2. Constants laid out as "stream16". */
tr_linear_s8_s32_fn tr_linear_s8_s32_w16_3x2__m4;
static inline int tr_linear_s8_s32_w16_3x2__m4_accepts(const tr_linear_s8_s32_params *p) {
  return (p->k >= 8) && (p->n >= 2);
}
static inline int32_t tr_linear_s8_s32_w16_3x2__m4_scratch_size(const tr_linear_s8_s32_params *p) {
  return (48 * ((p->k + 7) / 8));
}

/* Panels of 2 rows widened once, by pairs of columns; weights lie two a byte. Legal where k >= 8; n
 * >= 2. Constants laid out as "stream4". */
tr_linear_s8_s32_fn tr_linear_s8_s32_w4_2x2__m4;
static inline int tr_linear_s8_s32_w4_2x2__m4_accepts(const tr_linear_s8_s32_params *p) {
  return (p->k >= 8) && (p->n >= 2);
}
static inline int32_t tr_linear_s8_s32_w4_2x2__m4_scratch_size(const tr_linear_s8_s32_params *p) {
  return (32 * ((p->k + 7) / 8));
}

/* Panels of 3 cells, whose windows are widened where they lie or gathered, then as
 * tr_linear_s8_w16_3x2. Legal where groups == 1; window.kernel_h * window.kernel_w * window.in_c >=
 * 8. Constants laid out as "stream16". */
tr_conv2d_s8_fn tr_conv2d_s8_w16_3x2__m4;
static inline int tr_conv2d_s8_w16_3x2__m4_accepts(const tr_conv2d_s8_params *p) {
  return (p->groups == 1) && (((p->window.kernel_h * p->window.kernel_w) * p->window.in_c) >= 8);
}
static inline int32_t tr_conv2d_s8_w16_3x2__m4_scratch_size(const tr_conv2d_s8_params *p) {
  return ((48 * ((((p->window.kernel_h * p->window.kernel_w) * p->window.in_c) + 7) / 8)) +
         (((p->window.kernel_h * p->window.kernel_w) * p->window.in_c) * ((p->window.x_stride[1] !=
         1) || (p->window.pad_top != 0) || (p->window.pad_left != 0) || ((((p->window.out_h - 1) *
         p->window.stride_h) + p->window.kernel_h) > p->window.in_h) || ((((p->window.out_w - 1) *
         p->window.stride_w) + p->window.kernel_w) > p->window.in_w) || ((p->window.kernel_w > 1) &&
         (p->window.x_stride[3] != p->window.in_c)) || ((p->window.kernel_h > 1) &&
         (((p->window.kernel_w * p->window.in_c) % 8) != 0)))));
}

/* Pointwise, as tr_conv2d_s8_3x2; all cells are widened before, weights copied to scratch 16
 * columns at a time. Legal where groups == 1; window.kernel_h == 1; window.kernel_w == 1;
 * window.pad_top == 0; window.pad_left == 0; (window.out_h - 1) * window.stride_h < window.in_h;
 * (window.out_w - 1) * window.stride_w < window.in_w; window.in_c >= 8; window.x_stride[1] == 1.
 * Constants laid out as "stream8". */
tr_conv2d_s8_fn tr_conv2d_s8_3x2_pieces__m4;
static inline int tr_conv2d_s8_3x2_pieces__m4_accepts(const tr_conv2d_s8_params *p) {
  return (p->groups == 1) && (p->window.kernel_h == 1) && (p->window.kernel_w == 1) &&
         (p->window.pad_top == 0) && (p->window.pad_left == 0) && (((p->window.out_h - 1) *
         p->window.stride_h) < p->window.in_h) && (((p->window.out_w - 1) * p->window.stride_w) <
         p->window.in_w) && (p->window.in_c >= 8) && (p->window.x_stride[1] == 1);
}
static inline int32_t tr_conv2d_s8_3x2_pieces__m4_scratch_size(const tr_conv2d_s8_params *p) {
  return ((((16 * p->window.out_h) * p->window.out_w) * ((p->window.in_c + 7) / 8)) +
         ((((p->window.out_c + 1) / 2) + ((9 - ((p->window.out_c + 1) / 2)) * (((p->window.out_c +
         1) / 2) > 9))) * (16 + (16 * ((p->window.in_c + 7) / 8)))));
}

/* As tr_conv2d_s8_w16_3x2, whose weights are copied to scratch before. Legal where groups == 1;
 * window.kernel_h * window.kernel_w * window.in_c >= 8. Constants laid out as "stream16". */
tr_conv2d_s8_fn tr_conv2d_s8_w16_3x2_kept__m4;
static inline int tr_conv2d_s8_w16_3x2_kept__m4_accepts(const tr_conv2d_s8_params *p) {
  return (p->groups == 1) && (((p->window.kernel_h * p->window.kernel_w) * p->window.in_c) >= 8);
}
static inline int32_t tr_conv2d_s8_w16_3x2_kept__m4_scratch_size(const tr_conv2d_s8_params *p) {
  return (((48 * ((((p->window.kernel_h * p->window.kernel_w) * p->window.in_c) + 7) / 8)) +
         (((p->window.kernel_h * p->window.kernel_w) * p->window.in_c) * ((p->window.x_stride[1] !=
         1) || (p->window.pad_top != 0) || (p->window.pad_left != 0) || ((((p->window.out_h - 1) *
         p->window.stride_h) + p->window.kernel_h) > p->window.in_h) || ((((p->window.out_w - 1) *
         p->window.stride_w) + p->window.kernel_w) > p->window.in_w) || ((p->window.kernel_w > 1) &&
         (p->window.x_stride[3] != p->window.in_c)) || ((p->window.kernel_h > 1) &&
         (((p->window.kernel_w * p->window.in_c) % 8) != 0))))) + (((p->window.out_c + 1) / 2) * (16
         + (32 * ((((p->window.kernel_h * p->window.kernel_w) * p->window.in_c) + 7) / 8)))));
}

/* Panels of 3 cells, whose windows are widened where they lie or gathered, then as
 * tr_linear_s8_w4_3x2. Legal where groups == 1; window.kernel_h * window.kernel_w * window.in_c >=
 * 8. Constants laid out as "stream4". */
tr_conv2d_s8_fn tr_conv2d_s8_w4_3x2__m4;
static inline int tr_conv2d_s8_w4_3x2__m4_accepts(const tr_conv2d_s8_params *p) {
  return (p->groups == 1) && (((p->window.kernel_h * p->window.kernel_w) * p->window.in_c) >= 8);
}
static inline int32_t tr_conv2d_s8_w4_3x2__m4_scratch_size(const tr_conv2d_s8_params *p) {
  return ((48 * ((((p->window.kernel_h * p->window.kernel_w) * p->window.in_c) + 7) / 8)) +
         (((p->window.kernel_h * p->window.kernel_w) * p->window.in_c) * ((p->window.x_stride[1] !=
         1) || (p->window.pad_top != 0) || (p->window.pad_left != 0) || ((((p->window.out_h - 1) *
         p->window.stride_h) + p->window.kernel_h) > p->window.in_h) || ((((p->window.out_w - 1) *
         p->window.stride_w) + p->window.kernel_w) > p->window.in_w) || ((p->window.kernel_w > 1) &&
         (p->window.x_stride[3] != p->window.in_c)) || ((p->window.kernel_h > 1) &&
         (((p->window.kernel_w * p->window.in_c) % 8) != 0)))));
}

/* Portable, any strides; weights lie two a byte. Constants laid out as "rows4". */
tr_linear_s8_fn tr_linear_s8_w4__ref;
static inline int tr_linear_s8_w4__ref_accepts(const tr_linear_s8_params *p) {
  (void)p;
  return 1;
}
static inline int32_t tr_linear_s8_w4__ref_scratch_size(const tr_linear_s8_params *p) {
  (void)p;
  return 0;
}

/* Portable; weights lie two a byte. Constants laid out as "rows4". */
tr_linear_s8_s32_fn tr_linear_s8_s32_w4__ref;
static inline int tr_linear_s8_s32_w4__ref_accepts(const tr_linear_s8_s32_params *p) {
  (void)p;
  return 1;
}
static inline int32_t tr_linear_s8_s32_w4__ref_scratch_size(const tr_linear_s8_s32_params *p) {
  (void)p;
  return 0;
}

/* Portable, any window; weights lie two a byte. Constants laid out as "rows4". */
tr_conv2d_s8_fn tr_conv2d_s8_w4__ref;
static inline int tr_conv2d_s8_w4__ref_accepts(const tr_conv2d_s8_params *p) {
  (void)p;
  return 1;
}
static inline int32_t tr_conv2d_s8_w4__ref_scratch_size(const tr_conv2d_s8_params *p) {
  (void)p;
  return 0;
}

/* Pointwise, cells by pairs as tr_linear_s8_w16_2x4. Legal where groups == 1; window.kernel_h == 1;
 * window.kernel_w == 1; window.pad_top == 0; window.pad_left == 0; (window.out_h - 1) *
 * window.stride_h < window.in_h; (window.out_w - 1) * window.stride_w < window.in_w; window.in_c >=
 * 4; window.out_c >= 4; window.x_stride[1] == 1; window.y_stride[1] == 1; window.out_h *
 * window.out_w >= 2; requant.narrow == 1; requant.lo == -128; requant.hi == 127. Constants laid out
 * as "quads16". */
tr_conv2d_s8_fn tr_conv2d_s8_w16_2x4__m4;
static inline int tr_conv2d_s8_w16_2x4__m4_accepts(const tr_conv2d_s8_params *p) {
  return (p->groups == 1) && (p->window.kernel_h == 1) && (p->window.kernel_w == 1) &&
         (p->window.pad_top == 0) && (p->window.pad_left == 0) && (((p->window.out_h - 1) *
         p->window.stride_h) < p->window.in_h) && (((p->window.out_w - 1) * p->window.stride_w) <
         p->window.in_w) && (p->window.in_c >= 4) && (p->window.out_c >= 4) &&
         (p->window.x_stride[1] == 1) && (p->window.y_stride[1] == 1) && ((p->window.out_h *
         p->window.out_w) >= 2) && (p->requant.narrow == 1) && (p->requant.lo == -128) &&
         (p->requant.hi == 127);
}
static inline int32_t tr_conv2d_s8_w16_2x4__m4_scratch_size(const tr_conv2d_s8_params *p) {
  return ((32 * ((p->window.out_c + 3) / 4)) * (p->window.in_c > 32));
}

/* Pointwise of eight channels; the weights of eight columns stay in registers while all cells pass.
 * Legal where groups == 1; window.kernel_h == 1; window.kernel_w == 1; window.pad_top == 0;
 * window.pad_left == 0; (window.out_h - 1) * window.stride_h < window.in_h; (window.out_w - 1) *
 * window.stride_w < window.in_w; window.in_c == 8; window.out_c % 4 == 0; window.out_c >= 8;
 * window.x_stride[1] == 1; window.y_stride[1] == 1; lut == 0; requant.narrow == 1; requant.lo ==
 * -128; requant.hi == 127. Constants laid out as "quads16". */
tr_conv2d_s8_fn tr_conv2d_s8_eights__m4;
static inline int tr_conv2d_s8_eights__m4_accepts(const tr_conv2d_s8_params *p) {
  return (p->groups == 1) && (p->window.kernel_h == 1) && (p->window.kernel_w == 1) &&
         (p->window.pad_top == 0) && (p->window.pad_left == 0) && (((p->window.out_h - 1) *
         p->window.stride_h) < p->window.in_h) && (((p->window.out_w - 1) * p->window.stride_w) <
         p->window.in_w) && (p->window.in_c == 8) && ((p->window.out_c % 4) == 0) &&
         (p->window.out_c >= 8) && (p->window.x_stride[1] == 1) && (p->window.y_stride[1] == 1) &&
         (p->lut == 0) && (p->requant.narrow == 1) && (p->requant.lo == -128) && (p->requant.hi ==
         127);
}
static inline int32_t tr_conv2d_s8_eights__m4_scratch_size(const tr_conv2d_s8_params *p) {
  (void)p;
  return 0;
}

/* As tr_conv2d_s8_w16_2x4, whose weights are copied to scratch before. Legal where groups == 1;
 * window.kernel_h == 1; window.kernel_w == 1; window.pad_top == 0; window.pad_left == 0;
 * (window.out_h - 1) * window.stride_h < window.in_h; (window.out_w - 1) * window.stride_w <
 * window.in_w; window.in_c >= 4; window.out_c >= 4; window.x_stride[1] == 1; window.y_stride[1] ==
 * 1; window.out_h * window.out_w >= 2; requant.narrow == 1; requant.lo == -128; requant.hi == 127.
 * Constants laid out as "quads16". */
tr_conv2d_s8_fn tr_conv2d_s8_w16_2x4_kept__m4;
static inline int tr_conv2d_s8_w16_2x4_kept__m4_accepts(const tr_conv2d_s8_params *p) {
  return (p->groups == 1) && (p->window.kernel_h == 1) && (p->window.kernel_w == 1) &&
         (p->window.pad_top == 0) && (p->window.pad_left == 0) && (((p->window.out_h - 1) *
         p->window.stride_h) < p->window.in_h) && (((p->window.out_w - 1) * p->window.stride_w) <
         p->window.in_w) && (p->window.in_c >= 4) && (p->window.out_c >= 4) &&
         (p->window.x_stride[1] == 1) && (p->window.y_stride[1] == 1) && ((p->window.out_h *
         p->window.out_w) >= 2) && (p->requant.narrow == 1) && (p->requant.lo == -128) &&
         (p->requant.hi == 127);
}
static inline int32_t tr_conv2d_s8_w16_2x4_kept__m4_scratch_size(const tr_conv2d_s8_params *p) {
  return ((((p->window.out_c + 3) / 4) * 4) * (((8 * ((p->window.in_c + 3) / 4)) + 8) + (12 *
         (p->window.in_c > 32))));
}

/* As tr_conv2d_s8_w16_2x4, by quarters of the columns, whose weights are copied to scratch before.
 * Legal where groups == 1; window.kernel_h == 1; window.kernel_w == 1; window.pad_top == 0;
 * window.pad_left == 0; (window.out_h - 1) * window.stride_h < window.in_h; (window.out_w - 1) *
 * window.stride_w < window.in_w; window.in_c >= 4; window.out_c >= 4; window.x_stride[1] == 1;
 * window.y_stride[1] == 1; window.out_h * window.out_w >= 2; requant.narrow == 1; requant.lo ==
 * -128; requant.hi == 127. Constants laid out as "quads16". */
tr_conv2d_s8_fn tr_conv2d_s8_w16_2x4_parts__m4;
static inline int tr_conv2d_s8_w16_2x4_parts__m4_accepts(const tr_conv2d_s8_params *p) {
  return (p->groups == 1) && (p->window.kernel_h == 1) && (p->window.kernel_w == 1) &&
         (p->window.pad_top == 0) && (p->window.pad_left == 0) && (((p->window.out_h - 1) *
         p->window.stride_h) < p->window.in_h) && (((p->window.out_w - 1) * p->window.stride_w) <
         p->window.in_w) && (p->window.in_c >= 4) && (p->window.out_c >= 4) &&
         (p->window.x_stride[1] == 1) && (p->window.y_stride[1] == 1) && ((p->window.out_h *
         p->window.out_w) >= 2) && (p->requant.narrow == 1) && (p->requant.lo == -128) &&
         (p->requant.hi == 127);
}
static inline int32_t tr_conv2d_s8_w16_2x4_parts__m4_scratch_size(const tr_conv2d_s8_params *p) {
  return ((((p->window.out_c + 15) / 16) * 4) * (((8 * ((p->window.in_c + 3) / 4)) + 8) + (12 *
         (p->window.in_c > 32))));
}

/* Panels of 3 rows widened once, by pairs of columns; weights are widened as they are used. Legal
 * where k >= 8. Constants laid out as "stream8". */
tr_linear_s8_fn tr_linear_s8_3x2__m7;
static inline int tr_linear_s8_3x2__m7_accepts(const tr_linear_s8_params *p) {
  return (p->k >= 8);
}
static inline int32_t tr_linear_s8_3x2__m7_scratch_size(const tr_linear_s8_params *p) {
  return (((3 - (2 * (p->m == 1))) - (p->m == 2)) * ((16 * ((p->k + 7) / 8)) + (p->k * (p->x_col !=
         1))));
}

/* Panels of 3 rows widened once, by pairs of columns; weights are widened as they are used. Legal
 * where k >= 8; n >= 2. Constants laid out as "stream8". */
tr_linear_s8_s32_fn tr_linear_s8_s32_3x2__m7;
static inline int tr_linear_s8_s32_3x2__m7_accepts(const tr_linear_s8_s32_params *p) {
  return (p->k >= 8) && (p->n >= 2);
}
static inline int32_t tr_linear_s8_s32_3x2__m7_scratch_size(const tr_linear_s8_s32_params *p) {
  return (48 * ((p->k + 7) / 8));
}

/* One filter a channel, 3x3 at stride 1 or 2; pairs of lines along the longer axis, made once, in a
 * ring of two. Legal where groups == window.in_c; window.out_c == window.in_c; window.in_c >= 4;
 * window.x_stride[1] == 1; window.y_stride[1] == 1; window.kernel_h == 3; window.kernel_w == 3;
 * window.stride_h == window.stride_w; window.stride_h <= 2; window.pad_top <= 2; window.pad_left <=
 * 2; window.out_h >= 2 or window.out_w >= 2. Constants laid out as "depthwise3". */
tr_conv2d_s8_fn tr_conv2d_s8_depthwise_3x3__m7;
static inline int tr_conv2d_s8_depthwise_3x3__m7_accepts(const tr_conv2d_s8_params *p) {
  return (p->groups == p->window.in_c) && (p->window.out_c == p->window.in_c) && (p->window.in_c >=
         4) && (p->window.x_stride[1] == 1) && (p->window.y_stride[1] == 1) && (p->window.kernel_h
         == 3) && (p->window.kernel_w == 3) && (p->window.stride_h == p->window.stride_w) &&
         (p->window.stride_h <= 2) && (p->window.pad_top <= 2) && (p->window.pad_left <= 2) &&
         ((p->window.out_h >= 2) || (p->window.out_w >= 2));
}
static inline int32_t tr_conv2d_s8_depthwise_3x3__m7_scratch_size(const tr_conv2d_s8_params *p) {
  return (((32 * ((((p->window.out_w + ((p->window.out_h > p->window.out_w) * (p->window.out_h -
         p->window.out_w))) - 1) * p->window.stride_h) + 3)) + 72) + ((((p->window.out_w +
         ((p->window.out_h > p->window.out_w) * (p->window.out_h - p->window.out_w))) * (3 -
         p->window.stride_h)) * 4) * (1 + ((p->lut != 0) || (p->requant.narrow != 1) ||
         (p->requant.lo != -128) || (p->requant.hi != 127)))));
}

/* As tr_conv2d_s8_depthwise_3x3, two lines a pass and up to three passes a group: more scratch,
 * fewer cycles. Legal where groups == window.in_c; window.out_c == window.in_c; window.in_c >= 4;
 * window.x_stride[1] == 1; window.y_stride[1] == 1; window.kernel_h == 3; window.kernel_w == 3;
 * window.stride_h == window.stride_w; window.stride_h <= 2; window.pad_top <= 2; window.pad_left <=
 * 2; window.out_h >= 2 or window.out_w >= 2; lut == 0; requant.narrow == 1; requant.lo == -128;
 * requant.hi == 127. Constants laid out as "depthwise3". */
tr_conv2d_s8_fn tr_conv2d_s8_depthwise_3x3_groups__m7;
static inline int tr_conv2d_s8_depthwise_3x3_groups__m7_accepts(const tr_conv2d_s8_params *p) {
  return (p->groups == p->window.in_c) && (p->window.out_c == p->window.in_c) && (p->window.in_c >=
         4) && (p->window.x_stride[1] == 1) && (p->window.y_stride[1] == 1) && (p->window.kernel_h
         == 3) && (p->window.kernel_w == 3) && (p->window.stride_h == p->window.stride_w) &&
         (p->window.stride_h <= 2) && (p->window.pad_top <= 2) && (p->window.pad_left <= 2) &&
         ((p->window.out_h >= 2) || (p->window.out_w >= 2)) && (p->lut == 0) && (p->requant.narrow
         == 1) && (p->requant.lo == -128) && (p->requant.hi == 127);
}
static inline int32_t tr_conv2d_s8_depthwise_3x3_groups__m7_scratch_size(
    const tr_conv2d_s8_params *p) {
  return (((4 + ((16 * (5 - p->window.stride_h)) * ((((p->window.out_w + ((p->window.out_h >
         p->window.out_w) * (p->window.out_h - p->window.out_w))) - 1) * p->window.stride_h) + 3)))
         + ((8 * (p->window.out_w + ((p->window.out_h > p->window.out_w) * (p->window.out_h -
         p->window.out_w)))) * (1 + ((p->window.stride_h == 1) * (((p->window.out_h +
         ((p->window.out_h > p->window.out_w) * (p->window.out_w - p->window.out_h))) > 2) +
         ((p->window.out_h + ((p->window.out_h > p->window.out_w) * (p->window.out_w -
         p->window.out_h))) > 4)))))) + 48);
}

/* One filter a channel, any window, four channels of one output at a time, where the image lies.
 * Legal where groups == window.in_c; window.out_c == window.in_c; window.in_c >= 4;
 * window.x_stride[1] == 1; window.y_stride[1] == 1. Constants laid out as "taps16". */
tr_conv2d_s8_fn tr_conv2d_s8_depthwise_taps__m7;
static inline int tr_conv2d_s8_depthwise_taps__m7_accepts(const tr_conv2d_s8_params *p) {
  return (p->groups == p->window.in_c) && (p->window.out_c == p->window.in_c) && (p->window.in_c >=
         4) && (p->window.x_stride[1] == 1) && (p->window.y_stride[1] == 1);
}
static inline int32_t tr_conv2d_s8_depthwise_taps__m7_scratch_size(const tr_conv2d_s8_params *p) {
  return (4 * ((((p->window.kernel_h * p->window.kernel_w) + 3) + ((p->window.in_c + 3) / 4)) +
         (((p->window.in_c / 4) * 4) * ((p->lut != 0) || (p->requant.narrow != 1) || (p->requant.lo
         != -128) || (p->requant.hi != 127)))));
}

/* One filter a channel; columns of the image by pairs, in a ring of rows. Legal where groups ==
 * window.in_c; window.out_c == window.in_c; window.in_c >= 4; window.x_stride[1] == 1;
 * window.stride_w == 1; window.kernel_w % 2 == 1; window.kernel_w >= 3; window.kernel_w <= 7;
 * window.kernel_h >= 2. */
tr_conv2d_s8_fn tr_conv2d_s8_depthwise_odd__m7;
static inline int tr_conv2d_s8_depthwise_odd__m7_accepts(const tr_conv2d_s8_params *p) {
  return (p->groups == p->window.in_c) && (p->window.out_c == p->window.in_c) && (p->window.in_c >=
         4) && (p->window.x_stride[1] == 1) && (p->window.stride_w == 1) && ((p->window.kernel_w %
         2) == 1) && (p->window.kernel_w >= 3) && (p->window.kernel_w <= 7) && (p->window.kernel_h
         >= 2);
}
static inline int32_t tr_conv2d_s8_depthwise_odd__m7_scratch_size(const tr_conv2d_s8_params *p) {
  return (16 * ((((p->window.kernel_h * (((2 * ((p->window.out_w + 3) / 4)) - 1) +
         ((p->window.kernel_w + 1) / 2))) + (((2 * p->window.kernel_h) - 1) * (p->window.kernel_w -
         1))) + (((p->window.out_w + 3) / 4) * ((p->lut != 0) || (p->requant.narrow != 1) ||
         (p->requant.lo != -128) || (p->requant.hi != 127)))) + (((p->lut == 0) &&
         (p->requant.narrow == 1) && (p->requant.lo == -128) && (p->requant.hi == 127)) *
         (((p->window.out_w % 2) != 0) || (p->window.out_w == 2)))));
}

/* Panels of 3 cells, whose windows are widened where they lie or gathered, then as
 * tr_linear_s8_3x2. Legal where groups == 1; window.kernel_h * window.kernel_w * window.in_c >= 8.
 * Constants laid out as "stream8". */
tr_conv2d_s8_fn tr_conv2d_s8_3x2__m7;
static inline int tr_conv2d_s8_3x2__m7_accepts(const tr_conv2d_s8_params *p) {
  return (p->groups == 1) && (((p->window.kernel_h * p->window.kernel_w) * p->window.in_c) >= 8);
}
static inline int32_t tr_conv2d_s8_3x2__m7_scratch_size(const tr_conv2d_s8_params *p) {
  return ((48 * ((((p->window.kernel_h * p->window.kernel_w) * p->window.in_c) + 7) / 8)) +
         (((p->window.kernel_h * p->window.kernel_w) * p->window.in_c) * ((p->window.x_stride[1] !=
         1) || (p->window.pad_top != 0) || (p->window.pad_left != 0) || ((((p->window.out_h - 1) *
         p->window.stride_h) + p->window.kernel_h) > p->window.in_h) || ((((p->window.out_w - 1) *
         p->window.stride_w) + p->window.kernel_w) > p->window.in_w) || ((p->window.kernel_w > 1) &&
         (p->window.x_stride[3] != p->window.in_c)) || ((p->window.kernel_h > 1) &&
         (((p->window.kernel_w * p->window.in_c) % 8) != 0)))));
}

/* Panels of 3 rows widened once, by pairs of columns; weights lie widened. Legal where k > 8.
 * Constants laid out as "stream16". */
tr_linear_s8_fn tr_linear_s8_w16_3x2__m7;
static inline int tr_linear_s8_w16_3x2__m7_accepts(const tr_linear_s8_params *p) {
  return (p->k > 8);
}
static inline int32_t tr_linear_s8_w16_3x2__m7_scratch_size(const tr_linear_s8_params *p) {
  return (((3 - (2 * (p->m == 1))) - (p->m == 2)) * ((16 * ((p->k + 7) / 8)) + (p->k * (p->x_col !=
         1))));
}

/* As tr_linear_s8_w16_3x2, whose weights are copied to scratch before. Legal where k > 8. Constants
 * laid out as "stream16". */
tr_linear_s8_fn tr_linear_s8_w16_3x2_kept__m7;
static inline int tr_linear_s8_w16_3x2_kept__m7_accepts(const tr_linear_s8_params *p) {
  return (p->k > 8);
}
static inline int32_t tr_linear_s8_w16_3x2_kept__m7_scratch_size(const tr_linear_s8_params *p) {
  return ((((3 - (2 * (p->m == 1))) - (p->m == 2)) * ((16 * ((p->k + 7) / 8)) + (p->k * (p->x_col !=
         1)))) + (((p->n + 1) / 2) * (16 + (32 * ((p->k + 7) / 8)))));
}

/* Panels of 3 rows widened once, by pairs of columns; weights lie two a byte. Legal where k >= 8.
 * Constants laid out as "stream4". */
tr_linear_s8_fn tr_linear_s8_w4_3x2__m7;
static inline int tr_linear_s8_w4_3x2__m7_accepts(const tr_linear_s8_params *p) {
  return (p->k >= 8);
}
static inline int32_t tr_linear_s8_w4_3x2__m7_scratch_size(const tr_linear_s8_params *p) {
  return (((3 - (2 * (p->m == 1))) - (p->m == 2)) * ((16 * ((p->k + 7) / 8)) + (p->k * (p->x_col !=
         1))));
}

/* One row, widened once, by four columns. Legal where m == 1; k >= 8; n >= 4; x_col == 1. Constants
 * laid out as "row16". */
tr_linear_s8_fn tr_linear_s8_row__m7;
static inline int tr_linear_s8_row__m7_accepts(const tr_linear_s8_params *p) {
  return (p->m == 1) && (p->k >= 8) && (p->n >= 4) && (p->x_col == 1);
}
static inline int32_t tr_linear_s8_row__m7_scratch_size(const tr_linear_s8_params *p) {
  return ((16 * ((p->k + 7) / 8)) + 8);
}

/* As tr_linear_s8_row; weights lie as bytes, and 256 times the sums, which must be less than 2^23,
 * are added up. Legal where m == 1; k >= 8; n >= 4; x_col == 1. Constants laid out as "row8". */
tr_linear_s8_fn tr_linear_s8_row_w8__m7;
static inline int tr_linear_s8_row_w8__m7_accepts(const tr_linear_s8_params *p) {
  return (p->m == 1) && (p->k >= 8) && (p->n >= 4) && (p->x_col == 1);
}
static inline int32_t tr_linear_s8_row_w8__m7_scratch_size(const tr_linear_s8_params *p) {
  return ((16 * ((p->k + 7) / 8)) + 8);
}

/* Pairs of rows by four columns; the rows, of 16 or 32 values, lie in the FPU's registers, others
 * in scratch. Legal where m >= 2; k >= 5; n >= 4; x_col == 1; y_col == 1; requant.narrow == 1;
 * requant.lo == -128; requant.hi == 127. Constants laid out as "longquads16". */
tr_linear_s8_fn tr_linear_s8_w16_2x4__m7;
static inline int tr_linear_s8_w16_2x4__m7_accepts(const tr_linear_s8_params *p) {
  return (p->m >= 2) && (p->k >= 5) && (p->n >= 4) && (p->x_col == 1) && (p->y_col == 1) &&
         (p->requant.narrow == 1) && (p->requant.lo == -128) && (p->requant.hi == 127);
}
static inline int32_t tr_linear_s8_w16_2x4__m7_scratch_size(const tr_linear_s8_params *p) {
  return (((16 * ((p->k + 3) / 4)) + 4) * ((p->k != 16) && (p->k != 32)));
}

/* Panels of 3 rows widened once, by pairs of columns; weights lie widened. Legal where k > 8; n >=
 * 2. Constants laid out as "stream16". */
tr_linear_s8_s32_fn tr_linear_s8_s32_w16_3x2__m7;
static inline int tr_linear_s8_s32_w16_3x2__m7_accepts(const tr_linear_s8_s32_params *p) {
  return (p->k > 8) && (p->n >= 2);
}
static inline int32_t tr_linear_s8_s32_w16_3x2__m7_scratch_size(const tr_linear_s8_s32_params *p) {
  return (48 * ((p->k + 7) / 8));
}

/* Panels of 3 cells, whose windows are widened where they lie or gathered, then as
 * tr_linear_s8_w16_3x2. Legal where groups == 1; window.kernel_h * window.kernel_w * window.in_c >
 * 8. Constants laid out as "stream16". */
tr_conv2d_s8_fn tr_conv2d_s8_w16_3x2__m7;
static inline int tr_conv2d_s8_w16_3x2__m7_accepts(const tr_conv2d_s8_params *p) {
  return (p->groups == 1) && (((p->window.kernel_h * p->window.kernel_w) * p->window.in_c) > 8);
}
static inline int32_t tr_conv2d_s8_w16_3x2__m7_scratch_size(const tr_conv2d_s8_params *p) {
  return ((48 * ((((p->window.kernel_h * p->window.kernel_w) * p->window.in_c) + 7) / 8)) +
         (((p->window.kernel_h * p->window.kernel_w) * p->window.in_c) * ((p->window.x_stride[1] !=
         1) || (p->window.pad_top != 0) || (p->window.pad_left != 0) || ((((p->window.out_h - 1) *
         p->window.stride_h) + p->window.kernel_h) > p->window.in_h) || ((((p->window.out_w - 1) *
         p->window.stride_w) + p->window.kernel_w) > p->window.in_w) || ((p->window.kernel_w > 1) &&
         (p->window.x_stride[3] != p->window.in_c)) || ((p->window.kernel_h > 1) &&
         (((p->window.kernel_w * p->window.in_c) % 8) != 0)))));
}

/* As tr_conv2d_s8_w16_3x2, whose weights are copied to scratch before. Legal where groups == 1;
 * window.kernel_h * window.kernel_w * window.in_c > 8. Constants laid out as "stream16". */
tr_conv2d_s8_fn tr_conv2d_s8_w16_3x2_kept__m7;
static inline int tr_conv2d_s8_w16_3x2_kept__m7_accepts(const tr_conv2d_s8_params *p) {
  return (p->groups == 1) && (((p->window.kernel_h * p->window.kernel_w) * p->window.in_c) > 8);
}
static inline int32_t tr_conv2d_s8_w16_3x2_kept__m7_scratch_size(const tr_conv2d_s8_params *p) {
  return (((48 * ((((p->window.kernel_h * p->window.kernel_w) * p->window.in_c) + 7) / 8)) +
         (((p->window.kernel_h * p->window.kernel_w) * p->window.in_c) * ((p->window.x_stride[1] !=
         1) || (p->window.pad_top != 0) || (p->window.pad_left != 0) || ((((p->window.out_h - 1) *
         p->window.stride_h) + p->window.kernel_h) > p->window.in_h) || ((((p->window.out_w - 1) *
         p->window.stride_w) + p->window.kernel_w) > p->window.in_w) || ((p->window.kernel_w > 1) &&
         (p->window.x_stride[3] != p->window.in_c)) || ((p->window.kernel_h > 1) &&
         (((p->window.kernel_w * p->window.in_c) % 8) != 0))))) + (((p->window.out_c + 1) / 2) * (16
         + (32 * ((((p->window.kernel_h * p->window.kernel_w) * p->window.in_c) + 7) / 8)))));
}

/* Panels of 3 cells, whose windows are widened where they lie or gathered, then as
 * tr_linear_s8_w4_3x2. Legal where groups == 1; window.kernel_h * window.kernel_w * window.in_c >=
 * 8. Constants laid out as "stream4". */
tr_conv2d_s8_fn tr_conv2d_s8_w4_3x2__m7;
static inline int tr_conv2d_s8_w4_3x2__m7_accepts(const tr_conv2d_s8_params *p) {
  return (p->groups == 1) && (((p->window.kernel_h * p->window.kernel_w) * p->window.in_c) >= 8);
}
static inline int32_t tr_conv2d_s8_w4_3x2__m7_scratch_size(const tr_conv2d_s8_params *p) {
  return ((48 * ((((p->window.kernel_h * p->window.kernel_w) * p->window.in_c) + 7) / 8)) +
         (((p->window.kernel_h * p->window.kernel_w) * p->window.in_c) * ((p->window.x_stride[1] !=
         1) || (p->window.pad_top != 0) || (p->window.pad_left != 0) || ((((p->window.out_h - 1) *
         p->window.stride_h) + p->window.kernel_h) > p->window.in_h) || ((((p->window.out_w - 1) *
         p->window.stride_w) + p->window.kernel_w) > p->window.in_w) || ((p->window.kernel_w > 1) &&
         (p->window.x_stride[3] != p->window.in_c)) || ((p->window.kernel_h > 1) &&
         (((p->window.kernel_w * p->window.in_c) % 8) != 0)))));
}

/* Tiles of 4 cells by 4 channels over copied windows. Legal where groups == 1. */
tr_conv2d_s8_fn tr_conv2d_s8_4x4__xpulp;
static inline int tr_conv2d_s8_4x4__xpulp_accepts(const tr_conv2d_s8_params *p) {
  return (p->groups == 1);
}
static inline int32_t tr_conv2d_s8_4x4__xpulp_scratch_size(
    const tr_conv2d_s8_params *p, int32_t cores) {
  return (cores * (((4 + (28 * (((p->window.kernel_h * p->window.kernel_w) * p->window.in_c) <=
         16))) * (((((p->window.kernel_h * p->window.kernel_w) * p->window.in_c) + 3) / 4) * 4)) +
         (((((p->window.kernel_h * p->window.kernel_w) * p->window.in_c) < 4) * 4) *
         p->window.out_c)));
}

/* Tiles of 4 cells by 4 channels over windows where they lie. Legal where groups == 1;
 * window.kernel_h * window.kernel_w > 1; window.kernel_h * window.kernel_w <= 9; window.in_c % 4 ==
 * 0; window.x_stride[1] == 1; window.y_stride[1] == 1; window.out_c >= 4; window.batch *
 * window.out_h * window.out_w >= 4. */
tr_conv2d_s8_fn tr_conv2d_s8_direct__xpulp;
static inline int tr_conv2d_s8_direct__xpulp_accepts(const tr_conv2d_s8_params *p) {
  return (p->groups == 1) && ((p->window.kernel_h * p->window.kernel_w) > 1) && ((p->window.kernel_h
         * p->window.kernel_w) <= 9) && ((p->window.in_c % 4) == 0) && (p->window.x_stride[1] == 1)
         && (p->window.y_stride[1] == 1) && (p->window.out_c >= 4) && (((p->window.batch *
         p->window.out_h) * p->window.out_w) >= 4);
}
static inline int32_t tr_conv2d_s8_direct__xpulp_scratch_size(
    const tr_conv2d_s8_params *p, int32_t cores) {
  return (cores * p->window.in_c);
}

/* One filter a channel, four cells at a time, in a ring of lines. Legal where groups ==
 * window.in_c; window.out_c == window.in_c. */
tr_conv2d_s8_fn tr_conv2d_s8_depthwise__xpulp;
static inline int tr_conv2d_s8_depthwise__xpulp_accepts(const tr_conv2d_s8_params *p) {
  return (p->groups == p->window.in_c) && (p->window.out_c == p->window.in_c);
}
static inline int32_t tr_conv2d_s8_depthwise__xpulp_scratch_size(
    const tr_conv2d_s8_params *p, int32_t cores) {
  return ((cores * p->window.kernel_h) * (((((((((p->window.out_w + 3) / 4) * 4) - 1) *
         p->window.stride_w) + 3) / 4) * 4) + (8 * ((p->window.kernel_w + 3) / 4))));
}

/* Cells shared out among the cores. */
tr_maxpool2d_s8_fn tr_maxpool2d_s8__xpulp;
static inline int tr_maxpool2d_s8__xpulp_accepts(const tr_maxpool2d_s8_params *p) {
  (void)p;
  return 1;
}
static inline int32_t tr_maxpool2d_s8__xpulp_scratch_size(
    const tr_maxpool2d_s8_params *p, int32_t cores) {
  (void)p;
  (void)cores;
  return 0;
}

/* Cells shared out among the cores. */
tr_avgpool2d_s8_fn tr_avgpool2d_s8__xpulp;
static inline int tr_avgpool2d_s8__xpulp_accepts(const tr_avgpool2d_s8_params *p) {
  (void)p;
  return 1;
}
static inline int32_t tr_avgpool2d_s8__xpulp_scratch_size(
    const tr_avgpool2d_s8_params *p, int32_t cores) {
  (void)p;
  (void)cores;
  return 0;
}

/* Means shared out among the cores. */
tr_mean_s8_fn tr_mean_s8__xpulp;
static inline int tr_mean_s8__xpulp_accepts(const tr_mean_s8_params *p) {
  (void)p;
  return 1;
}
static inline int32_t tr_mean_s8__xpulp_scratch_size(const tr_mean_s8_params *p, int32_t cores) {
  (void)p;
  (void)cores;
  return 0;
}

/* Rows shared out among the cores. Legal where x_stride[2] == 1; y_stride[2] == 1. */
tr_softmax_s8_fn tr_softmax_s8__xpulp;
static inline int tr_softmax_s8__xpulp_accepts(const tr_softmax_s8_params *p) {
  return (p->x_stride[2] == 1) && (p->y_stride[2] == 1);
}
static inline int32_t tr_softmax_s8__xpulp_scratch_size(
    const tr_softmax_s8_params *p, int32_t cores) {
  return (cores * (((p->length + 1) / 2) * 4));
}

/* Rows shared out among the cores, run by run. Legal where rows.x_stride[2] == 1; rows.y_stride[2]
 * == 1. */
tr_softmax_masked_s8_fn tr_softmax_masked_s8__xpulp;
static inline int tr_softmax_masked_s8__xpulp_accepts(const tr_softmax_masked_s8_params *p) {
  return (p->rows.x_stride[2] == 1) && (p->rows.y_stride[2] == 1);
}
static inline int32_t tr_softmax_masked_s8__xpulp_scratch_size(
    const tr_softmax_masked_s8_params *p, int32_t cores) {
  return (cores * (((p->rows.length + 1) / 2) * 4));
}

/* Rows shared out among the cores, sums four elements at a time. Legal where x_col == 1; y_col ==
 * 1; length < 32768. */
tr_layernorm_s8_fn tr_layernorm_s8__xpulp;
static inline int tr_layernorm_s8__xpulp_accepts(const tr_layernorm_s8_params *p) {
  return (p->x_col == 1) && (p->y_col == 1) && (p->length < 32768);
}
static inline int32_t tr_layernorm_s8__xpulp_scratch_size(
    const tr_layernorm_s8_params *p, int32_t cores) {
  (void)p;
  (void)cores;
  return 0;
}

/* Rows shared out among the cores. */
tr_add_s8_fn tr_add_s8__xpulp;
static inline int tr_add_s8__xpulp_accepts(const tr_add_s8_params *p) {
  (void)p;
  return 1;
}
static inline int32_t tr_add_s8__xpulp_scratch_size(const tr_add_s8_params *p, int32_t cores) {
  (void)p;
  (void)cores;
  return 0;
}

/* Rows shared out among the cores, four elements at a time. Legal where x_stride[5] == 1;
 * y_stride[5] == 1. */
tr_unary_s8_fn tr_unary_s8__xpulp;
static inline int tr_unary_s8__xpulp_accepts(const tr_unary_s8_params *p) {
  return (p->x_stride[5] == 1) && (p->y_stride[5] == 1);
}
static inline int32_t tr_unary_s8__xpulp_scratch_size(const tr_unary_s8_params *p, int32_t cores) {
  (void)p;
  (void)cores;
  return 0;
}

/* Rows shared out among the cores. */
tr_copy_s8_fn tr_copy_s8__xpulp;
static inline int tr_copy_s8__xpulp_accepts(const tr_copy_s8_params *p) {
  (void)p;
  return 1;
}
static inline int32_t tr_copy_s8__xpulp_scratch_size(const tr_copy_s8_params *p, int32_t cores) {
  (void)p;
  (void)cores;
  return 0;
}

/* Sums shared out among the cores; all by the first where y lies over acc. */
tr_requant_s32_s8_fn tr_requant_s32_s8__xpulp;
static inline int tr_requant_s32_s8__xpulp_accepts(const tr_requant_s32_s8_params *p) {
  (void)p;
  return 1;
}
static inline int32_t tr_requant_s32_s8__xpulp_scratch_size(
    const tr_requant_s32_s8_params *p, int32_t cores) {
  (void)p;
  (void)cores;
  return 0;
}

/* Tiles of 3 rows by 2 columns; both operands are widened to 16 bits as they are used. Legal where
 * m >= 3. */
tr_matmul_s8_fn tr_matmul_s8_3x2__m7;
static inline int tr_matmul_s8_3x2__m7_accepts(const tr_matmul_s8_params *p) {
  return (p->m >= 3);
}
static inline int32_t tr_matmul_s8_3x2__m7_scratch_size(const tr_matmul_s8_params *p) {
  return ((48 * ((p->k + 7) / 8)) + ((3 + p->n) * (p->k + ((8 - p->k) * (p->k < 8)))));
}

/* Tiles of 3 queries by 2 columns, keys and values widened as they are used. Legal where s >= 3. */
tr_attention_s8_fn tr_attention_s8_3x2__m7;
static inline int tr_attention_s8_3x2__m7_accepts(const tr_attention_s8_params *p) {
  return (p->s >= 3);
}
static inline int32_t tr_attention_s8_3x2__m7_scratch_size(const tr_attention_s8_params *p) {
  return (((((9 * (((p->t + 7) / 8) * 8)) + ((48 * ((p->p + 7) / 8)) * (p->p > 2))) +
         ((((p->v_stride[2] != 1) || (p->v_stride[3] < (((p->t + 7) / 8) * 8))) * p->r) * (((p->t +
         7) / 8) * 8))) + ((((p->p > 2) && ((p->k_stride[3] != 1) || ((p->p + p->k_slack) < 8))) *
         p->t) * (p->p + ((8 - p->p) * (p->p < 8))))) + ((((p->p > 2) && ((p->p < 8) ||
         (p->q_stride[3] != 1))) * 3) * (p->p + ((8 - p->p) * (p->p < 8)))));
}

/* At most 3 outputs: their weights are the panel, and no row of x is widened ahead. Legal where n
 * <= 3; m >= 2; k >= 8; x_col == 1; lut == 0; requant.narrow == 1; requant.lo == -128; requant.hi
 * == 127. */
tr_linear_s8_fn tr_linear_s8_few__m4;
static inline int tr_linear_s8_few__m4_accepts(const tr_linear_s8_params *p) {
  return (p->n <= 3) && (p->m >= 2) && (p->k >= 8) && (p->x_col == 1) && (p->lut == 0) &&
         (p->requant.narrow == 1) && (p->requant.lo == -128) && (p->requant.hi == 127);
}
static inline int32_t tr_linear_s8_few__m4_scratch_size(const tr_linear_s8_params *p) {
  return (48 * ((p->k + 7) / 8));
}

/* At most 3 outputs: their weights are the panel, and no row of x is widened ahead. Legal where n
 * <= 3; m >= 2; k >= 8; x_col == 1; lut == 0; requant.narrow == 1; requant.lo == -128; requant.hi
 * == 127. */
tr_linear_s8_fn tr_linear_s8_few__m7;
static inline int tr_linear_s8_few__m7_accepts(const tr_linear_s8_params *p) {
  return (p->n <= 3) && (p->m >= 2) && (p->k >= 8) && (p->x_col == 1) && (p->lut == 0) &&
         (p->requant.narrow == 1) && (p->requant.lo == -128) && (p->requant.hi == 127);
}
static inline int32_t tr_linear_s8_few__m7_scratch_size(const tr_linear_s8_params *p) {
  return (48 * ((p->k + 7) / 8));
}

/* As tr_attention_s8_3x2, but keys and values are widened once a head. Legal where s >= 3. */
tr_attention_s8_fn tr_attention_s8_w16_3x2__m4;
static inline int tr_attention_s8_w16_3x2__m4_accepts(const tr_attention_s8_params *p) {
  return (p->s >= 3);
}
static inline int32_t tr_attention_s8_w16_3x2__m4_scratch_size(const tr_attention_s8_params *p) {
  return ((((((((((p->p > 2) * 32) * ((p->t + 1) / 2)) * ((p->p + 7) / 8)) + ((32 * ((p->r + 1) /
         2)) * ((p->t + 7) / 8))) + (9 * (((p->t + 7) / 8) * 8))) + ((48 * ((p->p + 7) / 8)) * (p->p
         > 2))) + ((((p->v_stride[2] != 1) || (p->v_stride[3] < (((p->t + 7) / 8) * 8))) * p->r) *
         (((p->t + 7) / 8) * 8))) + ((((p->p > 2) && ((p->k_stride[3] != 1) || ((p->p + p->k_slack)
         < 8))) * p->t) * (p->p + ((8 - p->p) * (p->p < 8))))) + ((((p->p > 2) && ((p->p < 8) ||
         (p->q_stride[3] != 1))) * 3) * (p->p + ((8 - p->p) * (p->p < 8)))));
}

/* As tr_attention_s8_3x2, but keys and values are widened once a head. Legal where s >= 3. */
tr_attention_s8_fn tr_attention_s8_w16_3x2__m7;
static inline int tr_attention_s8_w16_3x2__m7_accepts(const tr_attention_s8_params *p) {
  return (p->s >= 3);
}
static inline int32_t tr_attention_s8_w16_3x2__m7_scratch_size(const tr_attention_s8_params *p) {
  return ((((((((((p->p > 2) * 32) * ((p->t + 1) / 2)) * ((p->p + 7) / 8)) + ((32 * ((p->r + 1) /
         2)) * ((p->t + 7) / 8))) + (9 * (((p->t + 7) / 8) * 8))) + ((48 * ((p->p + 7) / 8)) * (p->p
         > 2))) + ((((p->v_stride[2] != 1) || (p->v_stride[3] < (((p->t + 7) / 8) * 8))) * p->r) *
         (((p->t + 7) / 8) * 8))) + ((((p->p > 2) && ((p->k_stride[3] != 1) || ((p->p + p->k_slack)
         < 8))) * p->t) * (p->p + ((8 - p->p) * (p->p < 8))))) + ((((p->p > 2) && ((p->p < 8) ||
         (p->q_stride[3] != 1))) * 3) * (p->p + ((8 - p->p) * (p->p < 8)))));
}

/* Pairs of queries by four columns; keys and values are widened once a head, keys that heads share
 * once. Legal where s >= 2; t >= 5; p % 4 == 0; p >= 8; r % 4 == 0; q_stride[3] == 1; y_stride[3]
 * == 1; score.narrow == 1; score.lo == -128; score.hi == 127; rounding.most > 0;
 * rounding.requant.narrow == 1; lo == -128; hi == 127. */
tr_attention_s8_fn tr_attention_s8_w16_2x4__m4;
static inline int tr_attention_s8_w16_2x4__m4_accepts(const tr_attention_s8_params *p) {
  return (p->s >= 2) && (p->t >= 5) && ((p->p % 4) == 0) && (p->p >= 8) && ((p->r % 4) == 0) &&
         (p->q_stride[3] == 1) && (p->y_stride[3] == 1) && (p->score.narrow == 1) && (p->score.lo ==
         -128) && (p->score.hi == 127) && (p->rounding.most > 0) && (p->rounding.requant.narrow ==
         1) && (p->lo == -128) && (p->hi == 127);
}
static inline int32_t tr_attention_s8_w16_2x4__m4_scratch_size(const tr_attention_s8_params *p) {
  return ((((((((p->t + 3) / 4) * 4) * ((2 * p->p) + 8)) + (p->r * ((2 * (((p->t + 3) / 4) * 4)) +
         8))) + ((((p->t + 7) / 8) * 8) * (2 + (p->s + ((8 - p->s) * (p->s > 8)))))) + (4 * ((((p->t
         + 7) / 8) * 8) + ((p->p - (((p->t + 7) / 8) * 8)) * (p->p > (((p->t + 7) / 8) * 8)))))) +
         4);
}

/* Heads of two columns: a key is one word, exponentials weigh values as they are looked up. Legal
 * where p == 2; r == 2; k_stride[3] == 1; v_stride[2] == 1 or v_stride[3] == 1. */
tr_attention_s8_fn tr_attention_s8_pairs__m4;
static inline int tr_attention_s8_pairs__m4_accepts(const tr_attention_s8_params *p) {
  return (p->p == 2) && (p->r == 2) && (p->k_stride[3] == 1) && ((p->v_stride[2] == 1) ||
         (p->v_stride[3] == 1));
}
static inline int32_t tr_attention_s8_pairs__m4_scratch_size(const tr_attention_s8_params *p) {
  return (36 * ((p->t + 3) / 4));
}

/* As tr_attention_s8_pairs, but a row's exponentials are kept for their rounding. Legal where p ==
 * 2; r == 2; k_stride[3] == 1; v_stride[2] == 1 or v_stride[3] == 1; rounding.most > 0;
 * rounding.fine == 0. */
tr_attention_s8_fn tr_attention_s8_pairs_kept__m4;
static inline int tr_attention_s8_pairs_kept__m4_accepts(const tr_attention_s8_params *p) {
  return (p->p == 2) && (p->r == 2) && (p->k_stride[3] == 1) && ((p->v_stride[2] == 1) ||
         (p->v_stride[3] == 1)) && (p->rounding.most > 0) && (p->rounding.fine == 0);
}
static inline int32_t tr_attention_s8_pairs_kept__m4_scratch_size(const tr_attention_s8_params *p) {
  return (40 * ((p->t + 3) / 4));
}

/* Pairs of queries by four columns; keys and values are widened once a head, keys that heads share
 * once. Legal where s >= 2; t >= 5; p % 4 == 0; p >= 8; r % 4 == 0; q_stride[3] == 1; y_stride[3]
 * == 1; score.narrow == 1; score.lo == -128; score.hi == 127; rounding.most > 0;
 * rounding.requant.narrow == 1; lo == -128; hi == 127. */
tr_attention_s8_fn tr_attention_s8_w16_2x4__m7;
static inline int tr_attention_s8_w16_2x4__m7_accepts(const tr_attention_s8_params *p) {
  return (p->s >= 2) && (p->t >= 5) && ((p->p % 4) == 0) && (p->p >= 8) && ((p->r % 4) == 0) &&
         (p->q_stride[3] == 1) && (p->y_stride[3] == 1) && (p->score.narrow == 1) && (p->score.lo ==
         -128) && (p->score.hi == 127) && (p->rounding.most > 0) && (p->rounding.requant.narrow ==
         1) && (p->lo == -128) && (p->hi == 127);
}
static inline int32_t tr_attention_s8_w16_2x4__m7_scratch_size(const tr_attention_s8_params *p) {
  return ((((((((p->t + 3) / 4) * 4) * ((2 * p->p) + 8)) + (p->r * ((2 * (((p->t + 3) / 4) * 4)) +
         8))) + ((((p->t + 7) / 8) * 8) * (2 + (p->s + ((8 - p->s) * (p->s > 8)))))) + (4 * ((((p->t
         + 7) / 8) * 8) + ((p->p - (((p->t + 7) / 8) * 8)) * (p->p > (((p->t + 7) / 8) * 8)))))) +
         4);
}

/* Heads of two columns: a key is one word, exponentials weigh values as they are looked up. Legal
 * where p == 2; r == 2; k_stride[3] == 1; v_stride[2] == 1 or v_stride[3] == 1. */
tr_attention_s8_fn tr_attention_s8_pairs__m7;
static inline int tr_attention_s8_pairs__m7_accepts(const tr_attention_s8_params *p) {
  return (p->p == 2) && (p->r == 2) && (p->k_stride[3] == 1) && ((p->v_stride[2] == 1) ||
         (p->v_stride[3] == 1));
}
static inline int32_t tr_attention_s8_pairs__m7_scratch_size(const tr_attention_s8_params *p) {
  return (36 * ((p->t + 3) / 4));
}

/* As tr_attention_s8_pairs, but a row's exponentials are kept for their rounding. Legal where p ==
 * 2; r == 2; k_stride[3] == 1; v_stride[2] == 1 or v_stride[3] == 1; rounding.most > 0;
 * rounding.fine == 0. */
tr_attention_s8_fn tr_attention_s8_pairs_kept__m7;
static inline int tr_attention_s8_pairs_kept__m7_accepts(const tr_attention_s8_params *p) {
  return (p->p == 2) && (p->r == 2) && (p->k_stride[3] == 1) && ((p->v_stride[2] == 1) ||
         (p->v_stride[3] == 1)) && (p->rounding.most > 0) && (p->rounding.fine == 0);
}
static inline int32_t tr_attention_s8_pairs_kept__m7_scratch_size(const tr_attention_s8_params *p) {
  return (40 * ((p->t + 3) / 4));
}

/* Up to 8 keys, whose exponentials are held in registers. Legal where s >= 3; t <= 8; r % 4 == 0;
 * y_stride[3] == 1; lo == -128; hi == 127; rounding.requant.narrow == 1 or (rounding.most == 0 and
 * value.exponent <= 37). */
tr_attention_s8_fn tr_attention_s8_few__m4;
static inline int tr_attention_s8_few__m4_accepts(const tr_attention_s8_params *p) {
  return (p->s >= 3) && (p->t <= 8) && ((p->r % 4) == 0) && (p->y_stride[3] == 1) && (p->lo == -128)
         && (p->hi == 127) && ((p->rounding.requant.narrow == 1) || ((p->rounding.most == 0) &&
         (p->value.exponent <= 37)));
}
static inline int32_t tr_attention_s8_few__m4_scratch_size(const tr_attention_s8_params *p) {
  return ((((24 + ((48 * ((p->p + 7) / 8)) * (p->p > 2))) + ((((p->v_stride[2] != 1) ||
         (p->v_stride[3] != 8)) * p->r) * 8)) + ((((p->p > 2) && ((p->k_stride[3] != 1) || ((p->p +
         p->k_slack) < 8))) * p->t) * (p->p + ((8 - p->p) * (p->p < 8))))) + ((((p->p > 2) && ((p->p
         < 8) || (p->q_stride[3] != 1))) * 3) * (p->p + ((8 - p->p) * (p->p < 8)))));
}

/* Up to 8 keys, whose exponentials are held in registers. Legal where s >= 3; t <= 8; r % 4 == 0;
 * y_stride[3] == 1; lo == -128; hi == 127; rounding.requant.narrow == 1 or (rounding.most == 0 and
 * value.exponent <= 37). */
tr_attention_s8_fn tr_attention_s8_few__m7;
static inline int tr_attention_s8_few__m7_accepts(const tr_attention_s8_params *p) {
  return (p->s >= 3) && (p->t <= 8) && ((p->r % 4) == 0) && (p->y_stride[3] == 1) && (p->lo == -128)
         && (p->hi == 127) && ((p->rounding.requant.narrow == 1) || ((p->rounding.most == 0) &&
         (p->value.exponent <= 37)));
}
static inline int32_t tr_attention_s8_few__m7_scratch_size(const tr_attention_s8_params *p) {
  return ((((24 + ((48 * ((p->p + 7) / 8)) * (p->p > 2))) + ((((p->v_stride[2] != 1) ||
         (p->v_stride[3] != 8)) * p->r) * 8)) + ((((p->p > 2) && ((p->k_stride[3] != 1) || ((p->p +
         p->k_slack) < 8))) * p->t) * (p->p + ((8 - p->p) * (p->p < 8))))) + ((((p->p > 2) && ((p->p
         < 8) || (p->q_stride[3] != 1))) * 3) * (p->p + ((8 - p->p) * (p->p < 8)))));
}

/* 3x3 at stride 1 by Winograd's F(2x2, 3x3), exact, three tiles at a time. Legal where groups == 1;
 * window.kernel_h == 3; window.kernel_w == 3; window.stride_h == 1; window.stride_w == 1;
 * window.in_c >= 16; window.in_c % 8 == 0; window.in_c * 9 * 16384 < 536870912; window.x_stride[1]
 * == 1. Constants laid out as "winograd". */
tr_conv2d_s8_fn tr_conv2d_s8_winograd__m4;
static inline int tr_conv2d_s8_winograd__m4_accepts(const tr_conv2d_s8_params *p) {
  return (p->groups == 1) && (p->window.kernel_h == 3) && (p->window.kernel_w == 3) &&
         (p->window.stride_h == 1) && (p->window.stride_w == 1) && (p->window.in_c >= 16) &&
         ((p->window.in_c % 8) == 0) && (((p->window.in_c * 9) * 16384) < 536870912) &&
         (p->window.x_stride[1] == 1);
}
static inline int32_t tr_conv2d_s8_winograd__m4_scratch_size(const tr_conv2d_s8_params *p) {
  return (((96 * p->window.in_c) + 384) + (((p->window.in_c > 24) * 16) * (p->window.in_c - 24)));
}

/* As tr_conv2d_s8_winograd, whose weights are copied to scratch before. Legal where groups == 1;
 * window.kernel_h == 3; window.kernel_w == 3; window.stride_h == 1; window.stride_w == 1;
 * window.in_c >= 16; window.in_c % 8 == 0; window.in_c * 9 * 16384 < 536870912; window.x_stride[1]
 * == 1. Constants laid out as "winograd". */
tr_conv2d_s8_fn tr_conv2d_s8_winograd_kept__m4;
static inline int tr_conv2d_s8_winograd_kept__m4_accepts(const tr_conv2d_s8_params *p) {
  return (p->groups == 1) && (p->window.kernel_h == 3) && (p->window.kernel_w == 3) &&
         (p->window.stride_h == 1) && (p->window.stride_w == 1) && (p->window.in_c >= 16) &&
         ((p->window.in_c % 8) == 0) && (((p->window.in_c * 9) * 16384) < 536870912) &&
         (p->window.x_stride[1] == 1);
}
static inline int32_t tr_conv2d_s8_winograd_kept__m4_scratch_size(const tr_conv2d_s8_params *p) {
  return ((((((p->window.out_c + 1) / 2) * ((64 * p->window.in_c) + 16)) + (96 * p->window.in_c)) +
         384) + (((p->window.in_c > 24) * 16) * (p->window.in_c - 24)));
}

/* 3x3 at stride 1 by Winograd's F(2x2, 3x3), exact, three tiles at a time. Legal where groups == 1;
 * window.kernel_h == 3; window.kernel_w == 3; window.stride_h == 1; window.stride_w == 1;
 * window.in_c >= 16; window.in_c % 8 == 0; window.in_c * 9 * 16384 < 536870912; window.x_stride[1]
 * == 1. Constants laid out as "winograd". */
tr_conv2d_s8_fn tr_conv2d_s8_winograd__m7;
static inline int tr_conv2d_s8_winograd__m7_accepts(const tr_conv2d_s8_params *p) {
  return (p->groups == 1) && (p->window.kernel_h == 3) && (p->window.kernel_w == 3) &&
         (p->window.stride_h == 1) && (p->window.stride_w == 1) && (p->window.in_c >= 16) &&
         ((p->window.in_c % 8) == 0) && (((p->window.in_c * 9) * 16384) < 536870912) &&
         (p->window.x_stride[1] == 1);
}
static inline int32_t tr_conv2d_s8_winograd__m7_scratch_size(const tr_conv2d_s8_params *p) {
  return (((96 * p->window.in_c) + 384) + (((p->window.in_c > 24) * 16) * (p->window.in_c - 24)));
}

/* As tr_conv2d_s8_winograd, twelve tiles at a time, so that weights are read less often. Legal
 * where groups == 1; window.kernel_h == 3; window.kernel_w == 3; window.stride_h == 1;
 * window.stride_w == 1; window.in_c >= 16; window.in_c % 8 == 0; window.in_c * 9 * 16384 <
 * 536870912; window.x_stride[1] == 1. Constants laid out as "winograd". */
tr_conv2d_s8_fn tr_conv2d_s8_winograd_12__m7;
static inline int tr_conv2d_s8_winograd_12__m7_accepts(const tr_conv2d_s8_params *p) {
  return (p->groups == 1) && (p->window.kernel_h == 3) && (p->window.kernel_w == 3) &&
         (p->window.stride_h == 1) && (p->window.stride_w == 1) && (p->window.in_c >= 16) &&
         ((p->window.in_c % 8) == 0) && (((p->window.in_c * 9) * 16384) < 536870912) &&
         (p->window.x_stride[1] == 1);
}
static inline int32_t tr_conv2d_s8_winograd_12__m7_scratch_size(const tr_conv2d_s8_params *p) {
  return (((384 * p->window.in_c) + 384) + (((p->window.in_c > 24) * 16) * (p->window.in_c - 24)));
}

/* Tiles of 3 rows by 2 columns; b is copied as bytes of which two at a time are one operand of 16
 * bits. Legal where m >= 3; k >= 8; requant.narrow == 1; requant.lo == -128; requant.hi == 127; k *
 * (128 + a_zero_point * (2 * (a_zero_point > 0) - 1)) * (128 + b_zero_point * (2 * (b_zero_point >
 * 0) - 1)) + start * (2 * (start > 0) - 1) < 8388608. */
tr_matmul_s8_fn tr_matmul_s8_halves_3x2__m4;
static inline int tr_matmul_s8_halves_3x2__m4_accepts(const tr_matmul_s8_params *p) {
  return (p->m >= 3) && (p->k >= 8) && (p->requant.narrow == 1) && (p->requant.lo == -128) &&
         (p->requant.hi == 127) && ((((p->k * (128 + (p->a_zero_point * ((2 * (p->a_zero_point > 0))
         - 1)))) * (128 + (p->b_zero_point * ((2 * (p->b_zero_point > 0)) - 1)))) + (p->start * ((2
         * (p->start > 0)) - 1))) < 8388608);
}
static inline int32_t tr_matmul_s8_halves_3x2__m4_scratch_size(const tr_matmul_s8_params *p) {
  return (((48 * ((p->k + 7) / 8)) + (((p->n + 1) / 2) * (8 + (16 * ((p->k + 7) / 8))))) + (p->k *
         ((3 * (p->a_stride[3] != 1)) + ((2 - ((p->n == 1) || ((p->b_stride[3] == 1) && ((p->n % 4)
         == 1)))) * ((p->a_stride[3] == 1) && (p->b_stride[2] != 1) && ((p->b_stride[3] != 1) ||
         ((p->n % 4) != 0)))))));
}

/* Tiles of 3 rows by 2 columns; b is copied as bytes of which two at a time are one operand of 16
 * bits. Legal where m >= 3; k >= 8; requant.narrow == 1; requant.lo == -128; requant.hi == 127; k *
 * (128 + a_zero_point * (2 * (a_zero_point > 0) - 1)) * (128 + b_zero_point * (2 * (b_zero_point >
 * 0) - 1)) + start * (2 * (start > 0) - 1) < 8388608. */
tr_matmul_s8_fn tr_matmul_s8_halves_3x2__m7;
static inline int tr_matmul_s8_halves_3x2__m7_accepts(const tr_matmul_s8_params *p) {
  return (p->m >= 3) && (p->k >= 8) && (p->requant.narrow == 1) && (p->requant.lo == -128) &&
         (p->requant.hi == 127) && ((((p->k * (128 + (p->a_zero_point * ((2 * (p->a_zero_point > 0))
         - 1)))) * (128 + (p->b_zero_point * ((2 * (p->b_zero_point > 0)) - 1)))) + (p->start * ((2
         * (p->start > 0)) - 1))) < 8388608);
}
static inline int32_t tr_matmul_s8_halves_3x2__m7_scratch_size(const tr_matmul_s8_params *p) {
  return (((48 * ((p->k + 7) / 8)) + (((p->n + 1) / 2) * (8 + (16 * ((p->k + 7) / 8))))) + (p->k *
         ((3 * (p->a_stride[3] != 1)) + ((2 - ((p->n == 1) || ((p->b_stride[3] == 1) && ((p->n % 4)
         == 1)))) * ((p->a_stride[3] == 1) && (p->b_stride[2] != 1) && ((p->b_stride[3] != 1) ||
         ((p->n % 4) != 0)))))));
}

/* Rows of contiguous elements, eight at a time. Legal where a_stride[5] == 1; b_stride[5] == 1;
 * y_stride[5] == 1. */
tr_add_s8_fn tr_add_s8__m7;
static inline int tr_add_s8__m7_accepts(const tr_add_s8_params *p) {
  return (p->a_stride[5] == 1) && (p->b_stride[5] == 1) && (p->y_stride[5] == 1);
}
static inline int32_t tr_add_s8__m7_scratch_size(const tr_add_s8_params *p) {
  (void)p;
  return 0;
}

/* Any strides and broadcast. */
tr_add_s8_fn tr_add_s8_any__m4;
static inline int tr_add_s8_any__m4_accepts(const tr_add_s8_params *p) {
  (void)p;
  return 1;
}
static inline int32_t tr_add_s8_any__m4_scratch_size(const tr_add_s8_params *p) {
  (void)p;
  return 0;
}

/* Rows of contiguous elements, eight at a time. Legal where a_stride[5] == 1; b_stride[5] == 1;
 * y_stride[5] == 1. */
tr_mul_s8_fn tr_mul_s8__m7;
static inline int tr_mul_s8__m7_accepts(const tr_mul_s8_params *p) {
  return (p->a_stride[5] == 1) && (p->b_stride[5] == 1) && (p->y_stride[5] == 1);
}
static inline int32_t tr_mul_s8__m7_scratch_size(const tr_mul_s8_params *p) {
  (void)p;
  return 0;
}

/* Any strides and broadcast. */
tr_mul_s8_fn tr_mul_s8_any__m4;
static inline int tr_mul_s8_any__m4_accepts(const tr_mul_s8_params *p) {
  (void)p;
  return 1;
}
static inline int32_t tr_mul_s8_any__m4_scratch_size(const tr_mul_s8_params *p) {
  (void)p;
  return 0;
}

/* Any strides. */
tr_unary_s8_fn tr_unary_s8_any__m4;
static inline int tr_unary_s8_any__m4_accepts(const tr_unary_s8_params *p) {
  (void)p;
  return 1;
}
static inline int32_t tr_unary_s8_any__m4_scratch_size(const tr_unary_s8_params *p) {
  (void)p;
  return 0;
}

/* Any strides. */
tr_copy_s8_fn tr_copy_s8_any__m4;
static inline int tr_copy_s8_any__m4_accepts(const tr_copy_s8_params *p) {
  (void)p;
  return 1;
}
static inline int32_t tr_copy_s8_any__m4_scratch_size(const tr_copy_s8_params *p) {
  (void)p;
  return 0;
}

/* Rows of any stride; contiguous ones by words. */
tr_fill_s8_fn tr_fill_s8__m4;
static inline int tr_fill_s8__m4_accepts(const tr_fill_s8_params *p) {
  (void)p;
  return 1;
}
static inline int32_t tr_fill_s8__m4_scratch_size(const tr_fill_s8_params *p) {
  (void)p;
  return 0;
}

/* Rows of any stride; contiguous ones by words. */
tr_gather_s8_fn tr_gather_s8__m4;
static inline int tr_gather_s8__m4_accepts(const tr_gather_s8_params *p) {
  (void)p;
  return 1;
}
static inline int32_t tr_gather_s8__m4_scratch_size(const tr_gather_s8_params *p) {
  (void)p;
  return 0;
}

/* Rows of any stride; contiguous ones by words. */
tr_gather_s8_fn tr_gather_s8__m7;
static inline int tr_gather_s8__m7_accepts(const tr_gather_s8_params *p) {
  (void)p;
  return 1;
}
static inline int32_t tr_gather_s8__m7_scratch_size(const tr_gather_s8_params *p) {
  (void)p;
  return 0;
}

/* Rows of at most seven elements, whose pairs are held in registers; any strides. Legal where k <
 * 8. */
tr_linear_s8_fn tr_linear_s8_small__m4;
static inline int tr_linear_s8_small__m4_accepts(const tr_linear_s8_params *p) {
  return (p->k < 8);
}
static inline int32_t tr_linear_s8_small__m4_scratch_size(const tr_linear_s8_params *p) {
  (void)p;
  return 0;
}

/* Any strides; outputs shared out among the cores. */
tr_linear_s8_fn tr_linear_s8_any__xpulp;
static inline int tr_linear_s8_any__xpulp_accepts(const tr_linear_s8_params *p) {
  (void)p;
  return 1;
}
static inline int32_t tr_linear_s8_any__xpulp_scratch_size(
    const tr_linear_s8_params *p, int32_t cores) {
  (void)p;
  (void)cores;
  return 0;
}

/* Rows shared out among the cores. */
tr_mul_s8_fn tr_mul_s8__xpulp;
static inline int tr_mul_s8__xpulp_accepts(const tr_mul_s8_params *p) {
  (void)p;
  return 1;
}
static inline int32_t tr_mul_s8__xpulp_scratch_size(const tr_mul_s8_params *p, int32_t cores) {
  (void)p;
  (void)cores;
  return 0;
}

/* Any strides; rows shared out among the cores. */
tr_unary_s8_fn tr_unary_s8_any__xpulp;
static inline int tr_unary_s8_any__xpulp_accepts(const tr_unary_s8_params *p) {
  (void)p;
  return 1;
}
static inline int32_t tr_unary_s8_any__xpulp_scratch_size(
    const tr_unary_s8_params *p, int32_t cores) {
  (void)p;
  (void)cores;
  return 0;
}

/* Rows shared out among the cores. */
tr_fill_s8_fn tr_fill_s8__xpulp;
static inline int tr_fill_s8__xpulp_accepts(const tr_fill_s8_params *p) {
  (void)p;
  return 1;
}
static inline int32_t tr_fill_s8__xpulp_scratch_size(const tr_fill_s8_params *p, int32_t cores) {
  (void)p;
  (void)cores;
  return 0;
}

/* Rows shared out among the cores. */
tr_gather_s8_fn tr_gather_s8__xpulp;
static inline int tr_gather_s8__xpulp_accepts(const tr_gather_s8_params *p) {
  (void)p;
  return 1;
}
static inline int32_t tr_gather_s8__xpulp_scratch_size(
    const tr_gather_s8_params *p, int32_t cores) {
  (void)p;
  (void)cores;
  return 0;
}

/* Three channels, 3x3: rows widened once are read in place. Legal where groups == 1; window.in_c ==
 * 3; window.out_c >= 2; window.kernel_h == 3; window.kernel_w == 3; window.x_stride[1] == 1;
 * window.y_stride[1] == 1; window.stride_w <= 2; window.out_w >= 4 * (3 - window.stride_w).
 * Constants laid out as "first". */
tr_conv2d_s8_fn tr_conv2d_s8_first3__m4;
static inline int tr_conv2d_s8_first3__m4_accepts(const tr_conv2d_s8_params *p) {
  return (p->groups == 1) && (p->window.in_c == 3) && (p->window.out_c >= 2) && (p->window.kernel_h
         == 3) && (p->window.kernel_w == 3) && (p->window.x_stride[1] == 1) &&
         (p->window.y_stride[1] == 1) && (p->window.stride_w <= 2) && (p->window.out_w >= (4 * (3 -
         p->window.stride_w)));
}
static inline int32_t tr_conv2d_s8_first3__m4_scratch_size(const tr_conv2d_s8_params *p) {
  return (((4 * (3 - p->window.stride_w)) * ((((((((p->window.out_w - 1) * p->window.stride_w) +
         p->window.kernel_w) + 1) * 9) + 1) / 2) + 5)) + ((8 * p->window.out_w) * ((p->lut != 0) ||
         (p->requant.narrow != 1) || (p->requant.lo != -128) || (p->requant.hi != 127))));
}

/* One channel, 3x3: rows widened once are read in place. Legal where groups == 1; window.in_c == 1;
 * window.out_c >= 2; window.kernel_h == 3; window.kernel_w == 3; window.y_stride[1] == 1;
 * window.stride_w <= 2; window.out_w >= 4 * (3 - window.stride_w). Constants laid out as "first".
 * */
tr_conv2d_s8_fn tr_conv2d_s8_first1__m4;
static inline int tr_conv2d_s8_first1__m4_accepts(const tr_conv2d_s8_params *p) {
  return (p->groups == 1) && (p->window.in_c == 1) && (p->window.out_c >= 2) && (p->window.kernel_h
         == 3) && (p->window.kernel_w == 3) && (p->window.y_stride[1] == 1) && (p->window.stride_w
         <= 2) && (p->window.out_w >= (4 * (3 - p->window.stride_w)));
}
static inline int32_t tr_conv2d_s8_first1__m4_scratch_size(const tr_conv2d_s8_params *p) {
  return (((4 * (3 - p->window.stride_w)) * ((((((((p->window.out_w - 1) * p->window.stride_w) +
         p->window.kernel_w) + 1) * 3) + 1) / 2) + 2)) + ((8 * p->window.out_w) * ((p->lut != 0) ||
         (p->requant.narrow != 1) || (p->requant.lo != -128) || (p->requant.hi != 127))));
}

/* One channel, windows of ten rows by four: columns widened once are read in place. Legal where
 * groups == 1; window.in_c == 1; window.out_c >= 2; window.kernel_h == 10; window.kernel_w == 4;
 * window.y_stride[1] == 1; window.stride_h <= 2; window.out_h >= 4 * (3 - window.stride_h).
 * Constants laid out as "firstdown". */
tr_conv2d_s8_fn tr_conv2d_s8_first1_down__m4;
static inline int tr_conv2d_s8_first1_down__m4_accepts(const tr_conv2d_s8_params *p) {
  return (p->groups == 1) && (p->window.in_c == 1) && (p->window.out_c >= 2) && (p->window.kernel_h
         == 10) && (p->window.kernel_w == 4) && (p->window.y_stride[1] == 1) && (p->window.stride_h
         <= 2) && (p->window.out_h >= (4 * (3 - p->window.stride_h)));
}
static inline int32_t tr_conv2d_s8_first1_down__m4_scratch_size(const tr_conv2d_s8_params *p) {
  return (((4 * (3 - p->window.stride_h)) * ((((((((p->window.out_h - 1) * p->window.stride_h) +
         p->window.kernel_h) + 1) * 4) + 1) / 2) + 2)) + ((8 * p->window.out_h) * ((p->lut != 0) ||
         (p->requant.narrow != 1) || (p->requant.lo != -128) || (p->requant.hi != 127))));
}

/* Three channels, 3x3: rows widened once are read in place. Legal where groups == 1; window.in_c ==
 * 3; window.out_c >= 2; window.kernel_h == 3; window.kernel_w == 3; window.x_stride[1] == 1;
 * window.y_stride[1] == 1; window.stride_w <= 2; window.out_w >= 4 * (3 - window.stride_w).
 * Constants laid out as "first". */
tr_conv2d_s8_fn tr_conv2d_s8_first3__m7;
static inline int tr_conv2d_s8_first3__m7_accepts(const tr_conv2d_s8_params *p) {
  return (p->groups == 1) && (p->window.in_c == 3) && (p->window.out_c >= 2) && (p->window.kernel_h
         == 3) && (p->window.kernel_w == 3) && (p->window.x_stride[1] == 1) &&
         (p->window.y_stride[1] == 1) && (p->window.stride_w <= 2) && (p->window.out_w >= (4 * (3 -
         p->window.stride_w)));
}
static inline int32_t tr_conv2d_s8_first3__m7_scratch_size(const tr_conv2d_s8_params *p) {
  return (((4 * (3 - p->window.stride_w)) * ((((((((p->window.out_w - 1) * p->window.stride_w) +
         p->window.kernel_w) + 1) * 9) + 1) / 2) + 5)) + ((8 * p->window.out_w) * ((p->lut != 0) ||
         (p->requant.narrow != 1) || (p->requant.lo != -128) || (p->requant.hi != 127))));
}

/* One channel, 3x3: rows widened once are read in place. Legal where groups == 1; window.in_c == 1;
 * window.out_c >= 2; window.kernel_h == 3; window.kernel_w == 3; window.y_stride[1] == 1;
 * window.stride_w <= 2; window.out_w >= 4 * (3 - window.stride_w). Constants laid out as "first".
 * */
tr_conv2d_s8_fn tr_conv2d_s8_first1__m7;
static inline int tr_conv2d_s8_first1__m7_accepts(const tr_conv2d_s8_params *p) {
  return (p->groups == 1) && (p->window.in_c == 1) && (p->window.out_c >= 2) && (p->window.kernel_h
         == 3) && (p->window.kernel_w == 3) && (p->window.y_stride[1] == 1) && (p->window.stride_w
         <= 2) && (p->window.out_w >= (4 * (3 - p->window.stride_w)));
}
static inline int32_t tr_conv2d_s8_first1__m7_scratch_size(const tr_conv2d_s8_params *p) {
  return (((4 * (3 - p->window.stride_w)) * ((((((((p->window.out_w - 1) * p->window.stride_w) +
         p->window.kernel_w) + 1) * 3) + 1) / 2) + 2)) + ((8 * p->window.out_w) * ((p->lut != 0) ||
         (p->requant.narrow != 1) || (p->requant.lo != -128) || (p->requant.hi != 127))));
}

/* One channel, windows of ten rows by four: columns widened once are read in place. Legal where
 * groups == 1; window.in_c == 1; window.out_c >= 2; window.kernel_h == 10; window.kernel_w == 4;
 * window.y_stride[1] == 1; window.stride_h <= 2; window.out_h >= 4 * (3 - window.stride_h).
 * Constants laid out as "firstdown". */
tr_conv2d_s8_fn tr_conv2d_s8_first1_down__m7;
static inline int tr_conv2d_s8_first1_down__m7_accepts(const tr_conv2d_s8_params *p) {
  return (p->groups == 1) && (p->window.in_c == 1) && (p->window.out_c >= 2) && (p->window.kernel_h
         == 10) && (p->window.kernel_w == 4) && (p->window.y_stride[1] == 1) && (p->window.stride_h
         <= 2) && (p->window.out_h >= (4 * (3 - p->window.stride_h)));
}
static inline int32_t tr_conv2d_s8_first1_down__m7_scratch_size(const tr_conv2d_s8_params *p) {
  return (((4 * (3 - p->window.stride_h)) * ((((((((p->window.out_h - 1) * p->window.stride_h) +
         p->window.kernel_h) + 1) * 4) + 1) / 2) + 2)) + ((8 * p->window.out_h) * ((p->lut != 0) ||
         (p->requant.narrow != 1) || (p->requant.lo != -128) || (p->requant.hi != 127))));
}

/* Portable, any strides; only blocks of four weights that are not zero. Constants laid out as
 * "sparse4". */
tr_linear_s8_fn tr_linear_s8_sparse4__ref;
static inline int tr_linear_s8_sparse4__ref_accepts(const tr_linear_s8_params *p) {
  (void)p;
  return 1;
}
static inline int32_t tr_linear_s8_sparse4__ref_scratch_size(const tr_linear_s8_params *p) {
  (void)p;
  return 0;
}

/* Portable; only blocks of four weights that are not zero. Constants laid out as "sparse4". */
tr_linear_s8_s32_fn tr_linear_s8_s32_sparse4__ref;
static inline int tr_linear_s8_s32_sparse4__ref_accepts(const tr_linear_s8_s32_params *p) {
  (void)p;
  return 1;
}
static inline int32_t tr_linear_s8_s32_sparse4__ref_scratch_size(const tr_linear_s8_s32_params *p) {
  (void)p;
  return 0;
}

/* Portable, any window; only blocks of four weights that are not zero. Legal where groups == 1.
 * Constants laid out as "sparse4". */
tr_conv2d_s8_fn tr_conv2d_s8_sparse4__ref;
static inline int tr_conv2d_s8_sparse4__ref_accepts(const tr_conv2d_s8_params *p) {
  return (p->groups == 1);
}
static inline int32_t tr_conv2d_s8_sparse4__ref_scratch_size(const tr_conv2d_s8_params *p) {
  (void)p;
  return 0;
}

/* Portable, windows of three columns; only blocks of three weights along a line that are not zero.
 * Legal where groups == 1; window.kernel_w == 3. Constants laid out as "sparse3". */
tr_conv2d_s8_fn tr_conv2d_s8_sparse3__ref;
static inline int tr_conv2d_s8_sparse3__ref_accepts(const tr_conv2d_s8_params *p) {
  return (p->groups == 1) && (p->window.kernel_w == 3);
}
static inline int32_t tr_conv2d_s8_sparse3__ref_scratch_size(const tr_conv2d_s8_params *p) {
  (void)p;
  return 0;
}

/* Panels of 6 rows widened once, by blocks of four weights that are not zero. Legal where k >= 8.
 * Constants laid out as "sparse4". */
tr_linear_s8_fn tr_linear_s8_sparse4__m4;
static inline int tr_linear_s8_sparse4__m4_accepts(const tr_linear_s8_params *p) {
  return (p->k >= 8);
}
static inline int32_t tr_linear_s8_sparse4__m4_scratch_size(const tr_linear_s8_params *p) {
  return ((48 * ((p->k + 3) / 4)) + ((6 * p->k) * (p->x_col != 1)));
}

/* Panels of 6 rows by blocks of four weights that are not zero; cores share panels, and what is
 * left over by balanced rows of weights. Legal where k >= 8. Constants laid out as "sparse4". */
tr_linear_s8_fn tr_linear_s8_sparse4__xpulp;
static inline int tr_linear_s8_sparse4__xpulp_accepts(const tr_linear_s8_params *p) {
  return (p->k >= 8);
}
static inline int32_t tr_linear_s8_sparse4__xpulp_scratch_size(
    const tr_linear_s8_params *p, int32_t cores) {
  return ((cores * 24) * ((p->k + 3) / 4));
}

/* Panels of 6 windows by blocks of four weights that are not zero, shared as those of
 * tr_linear_s8_sparse4. Legal where groups == 1; window.kernel_h * window.kernel_w * window.in_c >=
 * 8. Constants laid out as "sparse4". */
tr_conv2d_s8_fn tr_conv2d_s8_sparse4__xpulp;
static inline int tr_conv2d_s8_sparse4__xpulp_accepts(const tr_conv2d_s8_params *p) {
  return (p->groups == 1) && (((p->window.kernel_h * p->window.kernel_w) * p->window.in_c) >= 8);
}
static inline int32_t tr_conv2d_s8_sparse4__xpulp_scratch_size(
    const tr_conv2d_s8_params *p, int32_t cores) {
  return ((cores * 24) * ((((p->window.kernel_h * p->window.kernel_w) * p->window.in_c) + 3) / 4));
}

/* Panels of 6 rows widened once, by blocks of four weights that are not zero. Legal where k >= 8.
 * Constants laid out as "sparse4". */
tr_linear_s8_s32_fn tr_linear_s8_s32_sparse4__m4;
static inline int tr_linear_s8_s32_sparse4__m4_accepts(const tr_linear_s8_s32_params *p) {
  return (p->k >= 8);
}
static inline int32_t tr_linear_s8_s32_sparse4__m4_scratch_size(const tr_linear_s8_s32_params *p) {
  return (48 * ((p->k + 3) / 4));
}

/* Panels of 6 cells widened once, by blocks of four weights that are not zero; only pointwise
 * windows are not gathered. Legal where groups == 1; window.kernel_h * window.kernel_w *
 * window.in_c >= 8. Constants laid out as "sparse4". */
tr_conv2d_s8_fn tr_conv2d_s8_sparse4__m4;
static inline int tr_conv2d_s8_sparse4__m4_accepts(const tr_conv2d_s8_params *p) {
  return (p->groups == 1) && (((p->window.kernel_h * p->window.kernel_w) * p->window.in_c) >= 8);
}
static inline int32_t tr_conv2d_s8_sparse4__m4_scratch_size(const tr_conv2d_s8_params *p) {
  return ((48 * ((((p->window.kernel_h * p->window.kernel_w) * p->window.in_c) + 3) / 4)) + ((((6 *
         p->window.kernel_h) * p->window.kernel_w) * p->window.in_c) * (((p->window.kernel_h *
         p->window.kernel_w) != 1) || (p->window.x_stride[1] != 1) || (p->window.pad_top != 0) ||
         (p->window.pad_left != 0) || (((p->window.out_h - 1) * p->window.stride_h) >=
         p->window.in_h) || (((p->window.out_w - 1) * p->window.stride_w) >= p->window.in_w))));
}

/* Pointwise, cells by pairs as tr_linear_s8_w16_2x4. Legal where groups == 1; window.kernel_h == 1;
 * window.kernel_w == 1; window.pad_top == 0; window.pad_left == 0; (window.out_h - 1) *
 * window.stride_h < window.in_h; (window.out_w - 1) * window.stride_w < window.in_w; window.in_c >=
 * 5; window.out_c >= 4; window.x_stride[1] == 1; window.y_stride[1] == 1; window.out_h *
 * window.out_w >= 2; requant.narrow == 1; requant.lo == -128; requant.hi == 127. Constants laid out
 * as "longquads16". */
tr_conv2d_s8_fn tr_conv2d_s8_w16_2x4__m7;
static inline int tr_conv2d_s8_w16_2x4__m7_accepts(const tr_conv2d_s8_params *p) {
  return (p->groups == 1) && (p->window.kernel_h == 1) && (p->window.kernel_w == 1) &&
         (p->window.pad_top == 0) && (p->window.pad_left == 0) && (((p->window.out_h - 1) *
         p->window.stride_h) < p->window.in_h) && (((p->window.out_w - 1) * p->window.stride_w) <
         p->window.in_w) && (p->window.in_c >= 5) && (p->window.out_c >= 4) &&
         (p->window.x_stride[1] == 1) && (p->window.y_stride[1] == 1) && ((p->window.out_h *
         p->window.out_w) >= 2) && (p->requant.narrow == 1) && (p->requant.lo == -128) &&
         (p->requant.hi == 127);
}
static inline int32_t tr_conv2d_s8_w16_2x4__m7_scratch_size(const tr_conv2d_s8_params *p) {
  return (((16 * ((p->window.in_c + 3) / 4)) + 4) * ((p->window.in_c != 16) && (p->window.in_c !=
         32)));
}

/* Panels of 6 rows widened once, by blocks of four weights that are not zero. Legal where k >= 8.
 * Constants laid out as "sparse4". */
tr_linear_s8_fn tr_linear_s8_sparse4__m7;
static inline int tr_linear_s8_sparse4__m7_accepts(const tr_linear_s8_params *p) {
  return (p->k >= 8);
}
static inline int32_t tr_linear_s8_sparse4__m7_scratch_size(const tr_linear_s8_params *p) {
  return ((48 * ((p->k + 3) / 4)) + ((6 * p->k) * (p->x_col != 1)));
}

/* Panels of 6 rows widened once, by blocks of four weights that are not zero. Legal where k >= 8.
 * Constants laid out as "sparse4". */
tr_linear_s8_s32_fn tr_linear_s8_s32_sparse4__m7;
static inline int tr_linear_s8_s32_sparse4__m7_accepts(const tr_linear_s8_s32_params *p) {
  return (p->k >= 8);
}
static inline int32_t tr_linear_s8_s32_sparse4__m7_scratch_size(const tr_linear_s8_s32_params *p) {
  return (48 * ((p->k + 3) / 4));
}

/* Panels of 6 cells widened once, by blocks of four weights that are not zero; only pointwise
 * windows are not gathered. Legal where groups == 1; window.kernel_h * window.kernel_w *
 * window.in_c >= 8. Constants laid out as "sparse4". */
tr_conv2d_s8_fn tr_conv2d_s8_sparse4__m7;
static inline int tr_conv2d_s8_sparse4__m7_accepts(const tr_conv2d_s8_params *p) {
  return (p->groups == 1) && (((p->window.kernel_h * p->window.kernel_w) * p->window.in_c) >= 8);
}
static inline int32_t tr_conv2d_s8_sparse4__m7_scratch_size(const tr_conv2d_s8_params *p) {
  return ((48 * ((((p->window.kernel_h * p->window.kernel_w) * p->window.in_c) + 3) / 4)) + ((((6 *
         p->window.kernel_h) * p->window.kernel_w) * p->window.in_c) * (((p->window.kernel_h *
         p->window.kernel_w) != 1) || (p->window.x_stride[1] != 1) || (p->window.pad_top != 0) ||
         (p->window.pad_left != 0) || (((p->window.out_h - 1) * p->window.stride_h) >=
         p->window.in_h) || (((p->window.out_w - 1) * p->window.stride_w) >= p->window.in_w))));
}

/* Portable, any strides; only blocks of two weights that are not zero. Constants laid out as
 * "sparse2". */
tr_linear_s8_fn tr_linear_s8_sparse2__ref;
static inline int tr_linear_s8_sparse2__ref_accepts(const tr_linear_s8_params *p) {
  (void)p;
  return 1;
}
static inline int32_t tr_linear_s8_sparse2__ref_scratch_size(const tr_linear_s8_params *p) {
  (void)p;
  return 0;
}

/* Portable; only blocks of two weights that are not zero. Constants laid out as "sparse2". */
tr_linear_s8_s32_fn tr_linear_s8_s32_sparse2__ref;
static inline int tr_linear_s8_s32_sparse2__ref_accepts(const tr_linear_s8_s32_params *p) {
  (void)p;
  return 1;
}
static inline int32_t tr_linear_s8_s32_sparse2__ref_scratch_size(const tr_linear_s8_s32_params *p) {
  (void)p;
  return 0;
}

/* Portable, any window; only blocks of two weights that are not zero. Legal where groups == 1.
 * Constants laid out as "sparse2". */
tr_conv2d_s8_fn tr_conv2d_s8_sparse2__ref;
static inline int tr_conv2d_s8_sparse2__ref_accepts(const tr_conv2d_s8_params *p) {
  return (p->groups == 1);
}
static inline int32_t tr_conv2d_s8_sparse2__ref_scratch_size(const tr_conv2d_s8_params *p) {
  (void)p;
  return 0;
}

/* Panels of 6 rows widened once, by blocks of two weights that are not zero. Legal where k >= 8.
 * Constants laid out as "sparse2". */
tr_linear_s8_fn tr_linear_s8_sparse2__m4;
static inline int tr_linear_s8_sparse2__m4_accepts(const tr_linear_s8_params *p) {
  return (p->k >= 8);
}
static inline int32_t tr_linear_s8_sparse2__m4_scratch_size(const tr_linear_s8_params *p) {
  return ((48 * ((p->k + 3) / 4)) + ((6 * p->k) * (p->x_col != 1)));
}

/* Panels of 6 rows widened once, by blocks of two weights that are not zero. Legal where k >= 8.
 * Constants laid out as "sparse2". */
tr_linear_s8_s32_fn tr_linear_s8_s32_sparse2__m4;
static inline int tr_linear_s8_s32_sparse2__m4_accepts(const tr_linear_s8_s32_params *p) {
  return (p->k >= 8);
}
static inline int32_t tr_linear_s8_s32_sparse2__m4_scratch_size(const tr_linear_s8_s32_params *p) {
  return (48 * ((p->k + 3) / 4));
}

/* Panels of 6 cells widened once, by blocks of two weights that are not zero; only pointwise
 * windows are not gathered. Legal where groups == 1; window.kernel_h * window.kernel_w *
 * window.in_c >= 8. Constants laid out as "sparse2". */
tr_conv2d_s8_fn tr_conv2d_s8_sparse2__m4;
static inline int tr_conv2d_s8_sparse2__m4_accepts(const tr_conv2d_s8_params *p) {
  return (p->groups == 1) && (((p->window.kernel_h * p->window.kernel_w) * p->window.in_c) >= 8);
}
static inline int32_t tr_conv2d_s8_sparse2__m4_scratch_size(const tr_conv2d_s8_params *p) {
  return ((48 * ((((p->window.kernel_h * p->window.kernel_w) * p->window.in_c) + 3) / 4)) + ((((6 *
         p->window.kernel_h) * p->window.kernel_w) * p->window.in_c) * (((p->window.kernel_h *
         p->window.kernel_w) != 1) || (p->window.x_stride[1] != 1) || (p->window.pad_top != 0) ||
         (p->window.pad_left != 0) || (((p->window.out_h - 1) * p->window.stride_h) >=
         p->window.in_h) || (((p->window.out_w - 1) * p->window.stride_w) >= p->window.in_w))));
}

/* Panels of 6 rows widened once, by blocks of two weights that are not zero. Legal where k >= 8.
 * Constants laid out as "sparse2". */
tr_linear_s8_fn tr_linear_s8_sparse2__m7;
static inline int tr_linear_s8_sparse2__m7_accepts(const tr_linear_s8_params *p) {
  return (p->k >= 8);
}
static inline int32_t tr_linear_s8_sparse2__m7_scratch_size(const tr_linear_s8_params *p) {
  return ((48 * ((p->k + 3) / 4)) + ((6 * p->k) * (p->x_col != 1)));
}

/* Panels of 6 rows widened once, by blocks of two weights that are not zero. Legal where k >= 8.
 * Constants laid out as "sparse2". */
tr_linear_s8_s32_fn tr_linear_s8_s32_sparse2__m7;
static inline int tr_linear_s8_s32_sparse2__m7_accepts(const tr_linear_s8_s32_params *p) {
  return (p->k >= 8);
}
static inline int32_t tr_linear_s8_s32_sparse2__m7_scratch_size(const tr_linear_s8_s32_params *p) {
  return (48 * ((p->k + 3) / 4));
}

/* Panels of 6 cells widened once, by blocks of two weights that are not zero; only pointwise
 * windows are not gathered. Legal where groups == 1; window.kernel_h * window.kernel_w *
 * window.in_c >= 8. Constants laid out as "sparse2". */
tr_conv2d_s8_fn tr_conv2d_s8_sparse2__m7;
static inline int tr_conv2d_s8_sparse2__m7_accepts(const tr_conv2d_s8_params *p) {
  return (p->groups == 1) && (((p->window.kernel_h * p->window.kernel_w) * p->window.in_c) >= 8);
}
static inline int32_t tr_conv2d_s8_sparse2__m7_scratch_size(const tr_conv2d_s8_params *p) {
  return ((48 * ((((p->window.kernel_h * p->window.kernel_w) * p->window.in_c) + 3) / 4)) + ((((6 *
         p->window.kernel_h) * p->window.kernel_w) * p->window.in_c) * (((p->window.kernel_h *
         p->window.kernel_w) != 1) || (p->window.x_stride[1] != 1) || (p->window.pad_top != 0) ||
         (p->window.pad_left != 0) || (((p->window.out_h - 1) * p->window.stride_h) >=
         p->window.in_h) || (((p->window.out_w - 1) * p->window.stride_w) >= p->window.in_w))));
}

/* Portable, any strides; only blocks of two channels by four weights that are not zero. Constants
 * laid out as "sparse2x4". */
tr_linear_s8_fn tr_linear_s8_sparse2x4__ref;
static inline int tr_linear_s8_sparse2x4__ref_accepts(const tr_linear_s8_params *p) {
  (void)p;
  return 1;
}
static inline int32_t tr_linear_s8_sparse2x4__ref_scratch_size(const tr_linear_s8_params *p) {
  (void)p;
  return 0;
}

/* Portable; only blocks of two channels by four weights that are not zero. Constants laid out as
 * "sparse2x4". */
tr_linear_s8_s32_fn tr_linear_s8_s32_sparse2x4__ref;
static inline int tr_linear_s8_s32_sparse2x4__ref_accepts(const tr_linear_s8_s32_params *p) {
  (void)p;
  return 1;
}
static inline int32_t tr_linear_s8_s32_sparse2x4__ref_scratch_size(
    const tr_linear_s8_s32_params *p) {
  (void)p;
  return 0;
}

/* Portable, any window; only blocks of two channels by four weights that are not zero. Legal where
 * groups == 1. Constants laid out as "sparse2x4". */
tr_conv2d_s8_fn tr_conv2d_s8_sparse2x4__ref;
static inline int tr_conv2d_s8_sparse2x4__ref_accepts(const tr_conv2d_s8_params *p) {
  return (p->groups == 1);
}
static inline int32_t tr_conv2d_s8_sparse2x4__ref_scratch_size(const tr_conv2d_s8_params *p) {
  (void)p;
  return 0;
}

/* Panels of 3 rows widened once, by blocks of two channels by four weights that are not zero. Legal
 * where k >= 8. Constants laid out as "sparse2x4". */
tr_linear_s8_fn tr_linear_s8_sparse2x4__m4;
static inline int tr_linear_s8_sparse2x4__m4_accepts(const tr_linear_s8_params *p) {
  return (p->k >= 8);
}
static inline int32_t tr_linear_s8_sparse2x4__m4_scratch_size(const tr_linear_s8_params *p) {
  return ((24 * ((p->k + 3) / 4)) + ((3 * p->k) * (p->x_col != 1)));
}

/* Panels of 3 rows widened once, by blocks of two channels by four weights that are not zero. Legal
 * where k >= 8. Constants laid out as "sparse2x4". */
tr_linear_s8_s32_fn tr_linear_s8_s32_sparse2x4__m4;
static inline int tr_linear_s8_s32_sparse2x4__m4_accepts(const tr_linear_s8_s32_params *p) {
  return (p->k >= 8);
}
static inline int32_t tr_linear_s8_s32_sparse2x4__m4_scratch_size(
    const tr_linear_s8_s32_params *p) {
  return (24 * ((p->k + 3) / 4));
}

/* Panels of 3 cells widened once, by blocks of two channels by four weights that are not zero; only
 * pointwise windows are not gathered. Legal where groups == 1; window.kernel_h * window.kernel_w *
 * window.in_c >= 8. Constants laid out as "sparse2x4". */
tr_conv2d_s8_fn tr_conv2d_s8_sparse2x4__m4;
static inline int tr_conv2d_s8_sparse2x4__m4_accepts(const tr_conv2d_s8_params *p) {
  return (p->groups == 1) && (((p->window.kernel_h * p->window.kernel_w) * p->window.in_c) >= 8);
}
static inline int32_t tr_conv2d_s8_sparse2x4__m4_scratch_size(const tr_conv2d_s8_params *p) {
  return ((24 * ((((p->window.kernel_h * p->window.kernel_w) * p->window.in_c) + 3) / 4)) + ((((3 *
         p->window.kernel_h) * p->window.kernel_w) * p->window.in_c) * (((p->window.kernel_h *
         p->window.kernel_w) != 1) || (p->window.x_stride[1] != 1) || (p->window.pad_top != 0) ||
         (p->window.pad_left != 0) || (((p->window.out_h - 1) * p->window.stride_h) >=
         p->window.in_h) || (((p->window.out_w - 1) * p->window.stride_w) >= p->window.in_w))));
}

/* Panels of 3 rows widened once, by blocks of two channels by four weights that are not zero. Legal
 * where k >= 8. Constants laid out as "sparse2x4". */
tr_linear_s8_fn tr_linear_s8_sparse2x4__m7;
static inline int tr_linear_s8_sparse2x4__m7_accepts(const tr_linear_s8_params *p) {
  return (p->k >= 8);
}
static inline int32_t tr_linear_s8_sparse2x4__m7_scratch_size(const tr_linear_s8_params *p) {
  return ((24 * ((p->k + 3) / 4)) + ((3 * p->k) * (p->x_col != 1)));
}

/* Panels of 3 rows widened once, by blocks of two channels by four weights that are not zero. Legal
 * where k >= 8. Constants laid out as "sparse2x4". */
tr_linear_s8_s32_fn tr_linear_s8_s32_sparse2x4__m7;
static inline int tr_linear_s8_s32_sparse2x4__m7_accepts(const tr_linear_s8_s32_params *p) {
  return (p->k >= 8);
}
static inline int32_t tr_linear_s8_s32_sparse2x4__m7_scratch_size(
    const tr_linear_s8_s32_params *p) {
  return (24 * ((p->k + 3) / 4));
}

/* Panels of 3 cells widened once, by blocks of two channels by four weights that are not zero; only
 * pointwise windows are not gathered. Legal where groups == 1; window.kernel_h * window.kernel_w *
 * window.in_c >= 8. Constants laid out as "sparse2x4". */
tr_conv2d_s8_fn tr_conv2d_s8_sparse2x4__m7;
static inline int tr_conv2d_s8_sparse2x4__m7_accepts(const tr_conv2d_s8_params *p) {
  return (p->groups == 1) && (((p->window.kernel_h * p->window.kernel_w) * p->window.in_c) >= 8);
}
static inline int32_t tr_conv2d_s8_sparse2x4__m7_scratch_size(const tr_conv2d_s8_params *p) {
  return ((24 * ((((p->window.kernel_h * p->window.kernel_w) * p->window.in_c) + 3) / 4)) + ((((3 *
         p->window.kernel_h) * p->window.kernel_w) * p->window.in_c) * (((p->window.kernel_h *
         p->window.kernel_w) != 1) || (p->window.x_stride[1] != 1) || (p->window.pad_top != 0) ||
         (p->window.pad_left != 0) || (((p->window.out_h - 1) * p->window.stride_h) >=
         p->window.in_h) || (((p->window.out_w - 1) * p->window.stride_w) >= p->window.in_w))));
}

/* Portable, any broadcast. */
tr_extremum_s8_fn tr_extremum_s8__ref;
static inline int tr_extremum_s8__ref_accepts(const tr_extremum_s8_params *p) {
  (void)p;
  return 1;
}
static inline int32_t tr_extremum_s8__ref_scratch_size(const tr_extremum_s8_params *p) {
  (void)p;
  return 0;
}

/* Rows of contiguous elements, thirty-two at a time where all have the same steps. Legal where
 * a_stride[5] == 1; b_stride[5] == 1; y_stride[5] == 1. */
tr_extremum_s8_fn tr_extremum_s8__m4;
static inline int tr_extremum_s8__m4_accepts(const tr_extremum_s8_params *p) {
  return (p->a_stride[5] == 1) && (p->b_stride[5] == 1) && (p->y_stride[5] == 1);
}
static inline int32_t tr_extremum_s8__m4_scratch_size(const tr_extremum_s8_params *p) {
  (void)p;
  return 0;
}

/* Rows of contiguous elements, thirty-two at a time where all have the same steps. Legal where
 * a_stride[5] == 1; b_stride[5] == 1; y_stride[5] == 1. */
tr_extremum_s8_fn tr_extremum_s8__m7;
static inline int tr_extremum_s8__m7_accepts(const tr_extremum_s8_params *p) {
  return (p->a_stride[5] == 1) && (p->b_stride[5] == 1) && (p->y_stride[5] == 1);
}
static inline int32_t tr_extremum_s8__m7_scratch_size(const tr_extremum_s8_params *p) {
  (void)p;
  return 0;
}

/* Portable, any axes. */
tr_reduce_s8_fn tr_reduce_s8__ref;
static inline int tr_reduce_s8__ref_accepts(const tr_reduce_s8_params *p) {
  (void)p;
  return 1;
}
static inline int32_t tr_reduce_s8__ref_scratch_size(const tr_reduce_s8_params *p) {
  (void)p;
  return 0;
}

/* Over outer axes, sixteen contiguous elements at a time, or four. Legal where kept[3] >= 4;
 * x_kept[3] == 1. */
tr_reduce_s8_fn tr_reduce_s8__m4;
static inline int tr_reduce_s8__m4_accepts(const tr_reduce_s8_params *p) {
  return (p->kept[3] >= 4) && (p->x_kept[3] == 1);
}
static inline int32_t tr_reduce_s8__m4_scratch_size(const tr_reduce_s8_params *p) {
  (void)p;
  return 0;
}

/* Over the contiguous axis, sixteen elements at a time, or four. Legal where reduced[3] >= 4;
 * x_reduced[3] == 1. */
tr_reduce_s8_fn tr_reduce_s8_rows__m4;
static inline int tr_reduce_s8_rows__m4_accepts(const tr_reduce_s8_params *p) {
  return (p->reduced[3] >= 4) && (p->x_reduced[3] == 1);
}
static inline int32_t tr_reduce_s8_rows__m4_scratch_size(const tr_reduce_s8_params *p) {
  (void)p;
  return 0;
}

/* Portable, any axis. */
tr_argmax_s8_fn tr_argmax_s8__ref;
static inline int tr_argmax_s8__ref_accepts(const tr_argmax_s8_params *p) {
  (void)p;
  return 1;
}
static inline int32_t tr_argmax_s8__ref_scratch_size(const tr_argmax_s8_params *p) {
  (void)p;
  return 0;
}

/* Along a contiguous axis: its extreme, then where that is, four elements at a time. Legal where
 * reduced[3] >= 4; x_reduced[3] == 1. */
tr_argmax_s8_fn tr_argmax_s8__m4;
static inline int tr_argmax_s8__m4_accepts(const tr_argmax_s8_params *p) {
  return (p->reduced[3] >= 4) && (p->x_reduced[3] == 1);
}
static inline int32_t tr_argmax_s8__m4_scratch_size(const tr_argmax_s8_params *p) {
  (void)p;
  return 0;
}

/* Portable, any weights. */
tr_resize_s8_fn tr_resize_s8__ref;
static inline int tr_resize_s8__ref_accepts(const tr_resize_s8_params *p) {
  (void)p;
  return 1;
}
static inline int32_t tr_resize_s8__ref_scratch_size(const tr_resize_s8_params *p) {
  (void)p;
  return 0;
}

/* All columns are summed up over rows, then along their row, four channels at a time where they are
 * neighbours. */
tr_resize_s8_fn tr_resize_s8__m4;
static inline int tr_resize_s8__m4_accepts(const tr_resize_s8_params *p) {
  (void)p;
  return 1;
}
static inline int32_t tr_resize_s8__m4_scratch_size(const tr_resize_s8_params *p) {
  return (16 * p->in_w);
}

/* Of at most two taps along either axis, contiguous channels; outputs shared out among the cores.
 * Legal where taps_h <= 2; taps_w <= 2; x_stride[1] == 1 or channels == 1; y_stride[1] == 1 or
 * channels == 1; requant.narrow == 1; requant.lo == -128; requant.hi == 127. */
tr_resize_s8_fn tr_resize_s8_pairs__xpulp;
static inline int tr_resize_s8_pairs__xpulp_accepts(const tr_resize_s8_params *p) {
  return (p->taps_h <= 2) && (p->taps_w <= 2) && ((p->x_stride[1] == 1) || (p->channels == 1)) &&
         ((p->y_stride[1] == 1) || (p->channels == 1)) && (p->requant.narrow == 1) && (p->requant.lo
         == -128) && (p->requant.hi == 127);
}
static inline int32_t tr_resize_s8_pairs__xpulp_scratch_size(
    const tr_resize_s8_params *p, int32_t cores) {
  (void)p;
  (void)cores;
  return 0;
}

/* Portable, any broadcast. */
tr_divide_s8_fn tr_divide_s8__ref;
static inline int tr_divide_s8__ref_accepts(const tr_divide_s8_params *p) {
  (void)p;
  return 1;
}
static inline int32_t tr_divide_s8__ref_scratch_size(const tr_divide_s8_params *p) {
  (void)p;
  return 0;
}

/* Rows of contiguous elements, four at a time, by a divisor each or one for a row. Legal where
 * a_stride[5] == 1; y_stride[5] == 1. */
tr_divide_s8_fn tr_divide_s8__m4;
static inline int tr_divide_s8__m4_accepts(const tr_divide_s8_params *p) {
  return (p->a_stride[5] == 1) && (p->y_stride[5] == 1);
}
static inline int32_t tr_divide_s8__m4_scratch_size(const tr_divide_s8_params *p) {
  (void)p;
  return 0;
}

/* Portable, any broadcast. */
tr_prelu_s8_fn tr_prelu_s8__ref;
static inline int tr_prelu_s8__ref_accepts(const tr_prelu_s8_params *p) {
  (void)p;
  return 1;
}
static inline int32_t tr_prelu_s8__ref_scratch_size(const tr_prelu_s8_params *p) {
  (void)p;
  return 0;
}

/* Rows of contiguous elements, any slopes. Legal where a_stride[5] == 1; y_stride[5] == 1. */
tr_prelu_s8_fn tr_prelu_s8__m4;
static inline int tr_prelu_s8__m4_accepts(const tr_prelu_s8_params *p) {
  return (p->a_stride[5] == 1) && (p->y_stride[5] == 1);
}
static inline int32_t tr_prelu_s8__m4_scratch_size(const tr_prelu_s8_params *p) {
  (void)p;
  return 0;
}

/* Portable, any strides. */
tr_integer_norm_s8_fn tr_integer_norm_s8__ref;
static inline int tr_integer_norm_s8__ref_accepts(const tr_integer_norm_s8_params *p) {
  (void)p;
  return 1;
}
static inline int32_t tr_integer_norm_s8__ref_scratch_size(const tr_integer_norm_s8_params *p) {
  (void)p;
  return 0;
}

/* Portable, any strides. */
tr_integer_softmax_s8_fn tr_integer_softmax_s8__ref;
static inline int tr_integer_softmax_s8__ref_accepts(const tr_integer_softmax_s8_params *p) {
  (void)p;
  return 1;
}
static inline int32_t tr_integer_softmax_s8__ref_scratch_size(
    const tr_integer_softmax_s8_params *p) {
  (void)p;
  return 0;
}

/* Portable, any strides. */
tr_shift_softmax_s8_fn tr_shift_softmax_s8__ref;
static inline int tr_shift_softmax_s8__ref_accepts(const tr_shift_softmax_s8_params *p) {
  (void)p;
  return 1;
}
static inline int32_t tr_shift_softmax_s8__ref_scratch_size(const tr_shift_softmax_s8_params *p) {
  (void)p;
  return 0;
}

/* Portable, any broadcast. */
tr_integer_divide_s8_fn tr_integer_divide_s8__ref;
static inline int tr_integer_divide_s8__ref_accepts(const tr_integer_divide_s8_params *p) {
  (void)p;
  return 1;
}
static inline int32_t tr_integer_divide_s8__ref_scratch_size(const tr_integer_divide_s8_params *p) {
  (void)p;
  return 0;
}

/* Portable, any groups, strides and padding. */
tr_shift_conv2d_s8_fn tr_shift_conv2d_s8__ref;
static inline int tr_shift_conv2d_s8__ref_accepts(const tr_shift_conv2d_s8_params *p) {
  (void)p;
  return 1;
}
static inline int32_t tr_shift_conv2d_s8__ref_scratch_size(const tr_shift_conv2d_s8_params *p) {
  (void)p;
  return 0;
}

/* Portable, any strides. */
tr_logsoftmax_s8_fn tr_logsoftmax_s8__ref;
static inline int tr_logsoftmax_s8__ref_accepts(const tr_logsoftmax_s8_params *p) {
  (void)p;
  return 1;
}
static inline int32_t tr_logsoftmax_s8__ref_scratch_size(const tr_logsoftmax_s8_params *p) {
  (void)p;
  return 0;
}

/* Rows of contiguous elements, four at a time. Legal where x_col == 1; y_col == 1. */
tr_logsoftmax_s8_fn tr_logsoftmax_s8__m4;
static inline int tr_logsoftmax_s8__m4_accepts(const tr_logsoftmax_s8_params *p) {
  return (p->x_col == 1) && (p->y_col == 1);
}
static inline int32_t tr_logsoftmax_s8__m4_scratch_size(const tr_logsoftmax_s8_params *p) {
  (void)p;
  return 0;
}

#endif
