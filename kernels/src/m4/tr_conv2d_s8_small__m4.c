#include "arm/finish.h"
#include "arm/paired_windows.h"
#include "common/dsp.h"
#include "tinyrig/conv.h"

#define CELLS 2
#define MOST_TAPS 8
#define MOST_PAIRS 4

/* Windows of at most eight taps, two cells at a time. What an output channel needs stands
 * together in scratch, in this order: start, multiplier, pairs of weights. */
typedef struct {
  const tr_conv2d_s8_params *p;
  int32_t taps;
  int32_t pairs;
  int32_t offset[MOST_TAPS]; /* of each tap from the window's corner; an odd last one twice */
  int32_t *channels;
} window_plan;

/* The pairs of the window whose corner is (top, left); a cell outside the image reads its zero
 * point. */
TR_INLINE void widen(const window_plan *plan, const int8_t *x, int32_t top, int32_t left,
                     uint32_t *to) {
  const tr_window *const g = &plan->p->window;
  const int32_t corner = top * g->x_stride[2] + left * g->x_stride[3];
  const int32_t *offset = plan->offset;
  if (top >= 0 && left >= 0 && top + g->kernel_h <= g->in_h && left + g->kernel_w <= g->in_w) {
    const int8_t *const from = x + corner;
    TR_NO_UNROLL
    for (int32_t left_over = plan->pairs; left_over > 0; left_over--) {
      const int32_t one = offset[0];
      const int32_t two = offset[1];
      *to++ = tr_pair(from[one], from[two]);
      offset += 2;
    }
    return;
  }
  int16_t taps[MOST_TAPS] = {0};
  for (int32_t tap = 0; tap < plan->taps; tap++) {
    const int32_t row = top + tap / g->in_c / g->kernel_w;
    const int32_t column = left + tap / g->in_c % g->kernel_w;
    const int inside = row >= 0 && row < g->in_h && column >= 0 && column < g->in_w;
    taps[tap] = inside ? x[corner + offset[tap]] : (int16_t)plan->p->x_zero_point;
  }
  __builtin_memcpy(to, taps, sizeof taps);
}

/* All channels of two cells; their outputs start at y and second. */
TR_INLINE void multiply(const window_plan *plan, const uint32_t x[CELLS][MOST_PAIRS], int8_t *y,
                        int8_t *second, const int pairs, const int plain) {
  const tr_conv2d_s8_params *const p = plan->p;
  const tr_requant form = p->requant;
  const int32_t *channel = plan->channels;
  const int32_t step = p->window.y_stride[1];
  uint32_t kept[CELLS][MOST_PAIRS]; /* in registers: a store to y may not change them */
  for (int i = 0; i < CELLS; i++) {
    for (int pair = 0; pair < pairs; pair++) {
      kept[i][pair] = x[i][pair];
    }
  }
  TR_NO_UNROLL
  for (int32_t left = p->window.out_c; left > 0; left--) {
    const int32_t multiplier = channel[1];
    int32_t acc[CELLS] = {channel[0], channel[0]};
    for (int pair = 0; pair < pairs; pair++) {
      const uint32_t w = (uint32_t)channel[2 + pair];
      acc[0] = tr_dot2(kept[0][pair], w, acc[0]);
      acc[1] = tr_dot2(kept[1][pair], w, acc[1]);
    }
    if (plain) {
      *y = (int8_t)tr_finish_narrow(acc[0], multiplier);
      *second = (int8_t)tr_finish_narrow(acc[1], multiplier);
    } else {
      *y = (int8_t)tr_finish(&form, p->lut, acc[0], multiplier);
      *second = (int8_t)tr_finish(&form, p->lut, acc[1], multiplier);
    }
    channel += 2 + pairs;
    y += step;
    second += step;
  }
}

TR_NOINLINE void cells(const window_plan *plan, const uint32_t x[CELLS][MOST_PAIRS], int8_t *y,
                       int8_t *second) {
  const int32_t pairs = plan->pairs;
  if (!tr_finish_is_plain(&plan->p->requant, plan->p->lut)) {
    multiply(plan, x, y, second, (int)pairs, 0);
  } else if (pairs == 1) {
    multiply(plan, x, y, second, 1, 1);
  } else if (pairs == 2) {
    multiply(plan, x, y, second, 2, 1);
  } else if (pairs == 3) {
    multiply(plan, x, y, second, 3, 1);
  } else {
    multiply(plan, x, y, second, 4, 1);
  }
}

static void image(const window_plan *plan, const int8_t *x, int8_t *y) {
  const tr_window *const g = &plan->p->window;
  const int32_t step = g->y_stride[3];
  for (int32_t h = 0; h < g->out_h; h++) {
    const int32_t top = h * g->stride_h - g->pad_top;
    int8_t *to = y + h * g->y_stride[2];
    for (int32_t v = 0; v < g->out_w; v += CELLS) {
      uint32_t window[CELLS][MOST_PAIRS];
      const int32_t more = v + 1 < g->out_w ? 1 : 0; /* or the row's last cell is made twice */
      const int32_t left = v * g->stride_w - g->pad_left;
      widen(plan, x, top, left, window[0]);
      widen(plan, x, top, left + more * g->stride_w, window[1]);
      cells(plan, window, to, to + more * step);
      to += CELLS * step;
    }
  }
}

void tr_conv2d_s8_small__m4(const tr_conv2d_s8_params *p, const int8_t *x, int8_t *y,
                            void *scratch) {
  const tr_window *const g = &p->window;
  const int32_t taps = g->kernel_h * g->kernel_w * g->in_c;
  window_plan plan = {p, taps, (taps + 1) / 2, {0}, scratch};
  tr_plan_taps(g, g->in_c, plan.offset);
  tr_plan_channels(p, taps, 0, g->out_c, plan.channels);
  for (int32_t b = 0; b < g->batch; b++) {
    image(&plan, x + b * g->x_stride[0], y + b * g->y_stride[0]);
  }
}
