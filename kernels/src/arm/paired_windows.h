/* Convolutions that read windows as pairs of 16 bits, by a plan of where a window's taps lie and of
 * what each output channel needs. */
#ifndef TINYRIG_PAIRED_WINDOWS_H
#define TINYRIG_PAIRED_WINDOWS_H

#include "common/dsp.h"
#include "tinyrig/conv.h"

/* Where the taps of a window that reads `depth` channels lie, from the window's corner. An odd last
 * one stands twice: `offset` has 2 * ceil(taps / 2). */
TR_INLINE void tr_plan_taps(const tr_window *g, int32_t depth, int32_t *offset) {
  const int32_t taps = g->kernel_h * g->kernel_w * depth;
  for (int32_t i = 0; i < g->kernel_h; i++) {
    for (int32_t j = 0; j < g->kernel_w; j++) {
      for (int32_t c = 0; c < depth; c++) {
        *offset++ = i * g->x_stride[2] + j * g->x_stride[3] + c * g->x_stride[1];
      }
    }
  }
  if (taps % 2 != 0) {
    *offset = offset[-1];
  }
}

/* What `count` outputs from `first` on need, one after another: start, multiplier, and
 * ceil(taps / 2) pairs of weights, the last one's second 0 where taps are odd. */
TR_INLINE void tr_plan_channels(const tr_conv2d_s8_params *p, int32_t taps, int32_t first,
                                int32_t count, int32_t *to) {
  const int8_t *w = p->weight + first * taps;
  for (int32_t o = first; o < first + count; o++) {
    *to++ = p->start[o];
    *to++ = p->requant.multiplier[o * p->requant.channel_step];
    for (int32_t tap = 0; tap < taps; tap += 2) {
      *to++ = (int32_t)tr_pair(w[tap], tap + 1 < taps ? w[tap + 1] : 0);
    }
    w += taps;
  }
}

#endif
