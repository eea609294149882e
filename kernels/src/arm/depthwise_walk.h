/* The image of a depthwise layer along its longer axis. */
#ifndef TINYRIG_DEPTHWISE_WALK_H
#define TINYRIG_DEPTHWISE_WALK_H

#include "common/dsp.h"
#include "tinyrig/conv.h"

/* An image along its walk. `place` and `into` are what a column (0) and a line (1) move by in x
 * and y. */
typedef struct {
  int32_t length; /* of a line of outputs */
  int32_t lines;
  int32_t in_length;
  int32_t in_lines;
  int32_t pad;
  int32_t pad_lines;
  int32_t place[2];
  int32_t into[2];
} tr_walk;

TR_INLINE tr_walk tr_walk_of(const tr_window *g) {
  if (g->out_h > g->out_w) {
    const tr_walk down = {g->out_h,
                          g->out_w,
                          g->in_h,
                          g->in_w,
                          g->pad_top,
                          g->pad_left,
                          {g->x_stride[2], g->x_stride[3]},
                          {g->y_stride[2], g->y_stride[3]}};
    return down;
  }
  const tr_walk along = {g->out_w,
                         g->out_h,
                         g->in_w,
                         g->in_h,
                         g->pad_left,
                         g->pad_top,
                         {g->x_stride[3], g->x_stride[2]},
                         {g->y_stride[3], g->y_stride[2]}};
  return along;
}

#endif
