#include "arm/finish.h"
#include "tinyrig/variants.h"

#define FOUR 4 /* channels of a word */
#define ANY 0  /* taps: as many as the call says */

/* Adds cells, times a weight, of `channels`, a constant: FOUR neighbours or one. */
TR_INLINE void add_cell(int32_t *acc, const int8_t *cell, int32_t weight, const int channels) {
  if (channels == FOUR) {
    const uint32_t word = tr_load4(cell);
    const uint32_t even = tr_even_bytes(word);
    const uint32_t odd = tr_odd_bytes(word);
    acc[0] += tr_low_times(even, weight);
    acc[1] += tr_low_times(odd, weight);
    acc[2] += tr_high_times(even, weight);
    acc[3] += tr_high_times(odd, weight);
  } else {
    acc[0] += *cell * weight;
  }
}

/* Sums over the rows of an output row, of all columns of the image. `taps` is a constant, too. */
TR_INLINE void sum_rows(const tr_resize_s8_params *p, const int8_t *x, const int16_t *weight,
                        int32_t *sum, const int channels, const int taps) {
  TR_NO_UNROLL
  for (int32_t left = p->in_w; left > 0; left--) {
    int32_t acc[FOUR] = {0};
    if (taps == ANY) {
      const int8_t *cell = x;
      TR_NO_UNROLL
      for (int32_t i = 0; i < p->taps_h; i++) {
        add_cell(acc, cell, weight[i], channels);
        cell += p->x_stride[2];
      }
    }
    for (int i = 0; i < taps; i++) {
      add_cell(acc, x + i * p->x_stride[2], weight[i], channels);
    }
    for (int i = 0; i < channels; i++) {
      sum[i] = acc[i];
    }
    sum += channels;
    x += p->x_stride[3];
  }
}

TR_INLINE void add_column(int32_t *acc, const int32_t *sum, int32_t weight, const int channels) {
  for (int i = 0; i < channels; i++) {
    acc[i] += sum[i] * weight;
  }
}

/* An output row of the channels whose columns are summed up; `plain` where the limits are those of
 * a byte and the form is narrow. */
TR_INLINE void sum_columns(const tr_resize_s8_params *p, const int32_t *sum, int8_t *y,
                           const int channels, const int taps, const int plain) {
  const int32_t multiplier = *p->requant.multiplier;
  const int32_t apart = p->y_stride[1];
  const int32_t *first = p->column_first;
  const int16_t *weight = p->column_weight;
  TR_NO_UNROLL
  for (int32_t left = p->out_w; left > 0; left--) {
    const int32_t *column = sum + *first++ * channels;
    int32_t acc[FOUR];
    for (int i = 0; i < channels; i++) {
      acc[i] = p->start;
    }
    if (taps == ANY) {
      TR_NO_UNROLL
      for (int32_t j = p->taps_w; j > 0; j--) {
        add_column(acc, column, *weight++, channels);
        column += channels;
      }
    }
    for (int j = 0; j < taps; j++) {
      add_column(acc, column + j * channels, *weight++, channels);
    }
    int8_t *to = y;
    for (int i = 0; i < channels; i++) {
      *to = (int8_t)(plain ? tr_finish_narrow(acc[i], multiplier)
                           : tr_finish(&p->requant, 0, acc[i], multiplier));
      to += apart;
    }
    y += p->y_stride[3];
  }
}

typedef void rows_of(const tr_resize_s8_params *p, const int8_t *x, const int16_t *weight,
                     int32_t *sum);
typedef void columns_of(const tr_resize_s8_params *p, const int32_t *sum, int8_t *y);

TR_NOINLINE void two_rows(const tr_resize_s8_params *p, const int8_t *x, const int16_t *weight,
                          int32_t *sum) {
  sum_rows(p, x, weight, sum, FOUR, 2);
}

TR_NOINLINE void rows(const tr_resize_s8_params *p, const int8_t *x, const int16_t *weight,
                      int32_t *sum) {
  sum_rows(p, x, weight, sum, FOUR, ANY);
}

TR_NOINLINE void rows_of_one(const tr_resize_s8_params *p, const int8_t *x, const int16_t *weight,
                             int32_t *sum) {
  sum_rows(p, x, weight, sum, 1, ANY);
}

TR_NOINLINE void two_columns(const tr_resize_s8_params *p, const int32_t *sum, int8_t *y) {
  sum_columns(p, sum, y, FOUR, 2, 1);
}

TR_NOINLINE void columns(const tr_resize_s8_params *p, const int32_t *sum, int8_t *y) {
  sum_columns(p, sum, y, FOUR, ANY, 1);
}

TR_NOINLINE void columns_any(const tr_resize_s8_params *p, const int32_t *sum, int8_t *y) {
  sum_columns(p, sum, y, FOUR, ANY, 0);
}

TR_NOINLINE void columns_of_one(const tr_resize_s8_params *p, const int32_t *sum, int8_t *y) {
  sum_columns(p, sum, y, 1, ANY, 0);
}

/* Four channels of an image, or one, by what sums them up. */
static void resized(const tr_resize_s8_params *p, const int8_t *x, int8_t *y, int32_t *sum,
                    rows_of *sum_up, columns_of *put) {
  const int16_t *weight = p->row_weight;
  for (int32_t h = 0; h < p->out_h; h++) {
    sum_up(p, x + p->row_first[h] * p->x_stride[2], weight, sum);
    put(p, sum, y);
    weight += p->taps_h;
    y += p->y_stride[2];
  }
}

void tr_resize_s8__m4(const tr_resize_s8_params *p, const int8_t *x, int8_t *y, void *scratch) {
  int32_t *const sum = scratch;
  const int plain = tr_finish_is_plain(&p->requant, 0);
  rows_of *const sum_up = p->taps_h == 2 ? two_rows : rows;
  columns_of *const put = !plain ? columns_any : p->taps_w == 2 ? two_columns : columns;
  for (int32_t b = 0; b < p->batch; b++) {
    int32_t c = 0;
    if (p->x_stride[1] == 1) {
      for (; c + FOUR <= p->channels; c += FOUR) {
        resized(p, x + c, y + c * p->y_stride[1], sum, sum_up, put);
      }
    }
    for (; c < p->channels; c++) {
      resized(p, x + c * p->x_stride[1], y + c * p->y_stride[1], sum, rows_of_one, columns_of_one);
    }
    x += p->x_stride[0];
    y += p->y_stride[0];
  }
}
