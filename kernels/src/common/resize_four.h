/* The four cells of an output of tr_resize_s8, of two taps along either axis. */
#ifndef TINYRIG_COMMON_RESIZE_FOUR_H
#define TINYRIG_COMMON_RESIZE_FOUR_H

#include "common/block.h"
#include "common/dsp.h"
#include "tinyrig/variants.h"

/* Where the cells lie from the first, and their weights, of which the sum is 2^20; along an axis of
 * one tap the second cell is the first again, with a weight of 0. */
typedef struct {
  int32_t below;
  int32_t right;
  int32_t weight[4];
} tr_resize_four;

/* The four of the output in row `h` and column `v`. */
TR_INLINE tr_resize_four tr_resize_four_of(const tr_resize_s8_params *p, int32_t h, int32_t v) {
  const int down = p->taps_h == 2;
  const int across = p->taps_w == 2;
  const int16_t *const row = p->row_weight + p->taps_h * h;
  const int16_t *const column = p->column_weight + p->taps_w * v;
  const int32_t lower = down ? row[1] : 0;
  const int32_t later = across ? column[1] : 0;
  const tr_resize_four four = {
      down ? p->x_stride[2] : 0,
      across ? p->x_stride[3] : 0,
      {row[0] * column[0], row[0] * later, lower * column[0], lower * later}};
  return four;
}

/* The first of its cells in image `b`. */
TR_INLINE const int8_t *tr_resize_cell(const tr_resize_s8_params *p, const int8_t *x, int32_t b,
                                       int32_t h, int32_t v) {
  return x + b * p->x_stride[0] + p->row_first[h] * p->x_stride[2] +
         p->column_first[v] * p->x_stride[3];
}

#endif
