/* An image along its rows or its columns, of which outputs come line by line. */
#ifndef TINYRIG_WALK_H
#define TINYRIG_WALK_H

#include "common/dsp.h"
#include "tinyrig/conv.h"

/* Lines are rows, or columns where the walk goes down. `place` and `into` are what a step along a line
 * (0) and one to the next line (1) move by in x and y. */
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

TR_INLINE tr_walk tr_walk_of(const tr_window *g, int down) {
  if (down) {
    const tr_walk columns = {g->out_h,
                             g->out_w,
                             g->in_h,
                             g->in_w,
                             g->pad_top,
                             g->pad_left,
                             {g->x_stride[2], g->x_stride[3]},
                             {g->y_stride[2], g->y_stride[3]}};
    return columns;
  }
  const tr_walk rows = {g->out_w,
                        g->out_h,
                        g->in_w,
                        g->in_h,
                        g->pad_left,
                        g->pad_top,
                        {g->x_stride[3], g->x_stride[2]},
                        {g->y_stride[3], g->y_stride[2]}};
  return rows;
}

/* Along the longer axis of the outputs. */
TR_INLINE tr_walk tr_longer_walk(const tr_window *g) { return tr_walk_of(g, g->out_h > g->out_w); }

#endif
