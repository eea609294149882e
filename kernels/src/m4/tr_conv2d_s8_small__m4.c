#include "tinyrig/conv.h"
#include "tinyrig/dsp.h"
#include "tinyrig/finish.h"

#define CELLS 3
#define MOST_TAPS 8
#define MOST_PAIRS 4

/* Windows of at most eight taps, three cells at a time. What an output channel needs stands
 * together in scratch, in this order: start, multiplier, pairs of weights. */
typedef struct {
  const tr_conv2d_s8_params *p;
  int32_t taps;
  int32_t offset[MOST_TAPS]; /* of each tap from the window's corner */
  int32_t *channels;
} window_plan;

static void plan_taps(window_plan *plan) {
  const tr_window *const g = &plan->p->window;
  int32_t *to = plan->offset;
  for (int32_t i = 0; i < g->kernel_h; i++) {
    for (int32_t j = 0; j < g->kernel_w; j++) {
      for (int32_t c = 0; c < g->in_c; c++) {
        *to++ = i * g->x_stride[2] + j * g->x_stride[3] + c * g->x_stride[1];
      }
    }
  }
}

static void plan_channels(const window_plan *plan) {
  const tr_conv2d_s8_params *const p = plan->p;
  const int8_t *w = p->weight;
  int32_t *to = plan->channels;
  for (int32_t o = 0; o < p->window.out_c; o++) {
    *to++ = p->start[o];
    *to++ = p->requant.multiplier[o * p->requant.channel_step];
    for (int32_t tap = 0; tap < plan->taps; tap += 2) {
      *to++ = (int32_t)tr_pair(w[tap], tap + 1 < plan->taps ? w[tap + 1] : 0);
    }
    w += plan->taps;
  }
}

/* Widens the window whose corner is (top, left); a cell outside the image reads its zero point. */
TR_INLINE void widen(const window_plan *plan, const int8_t *x, int32_t top, int32_t left,
                     int16_t *to) {
  const tr_window *const g = &plan->p->window;
  const int32_t corner = top * g->x_stride[2] + left * g->x_stride[3];
  if (top >= 0 && left >= 0 && top + g->kernel_h <= g->in_h && left + g->kernel_w <= g->in_w) {
    const int8_t *const from = x + corner;
    TR_NO_UNROLL
    for (int32_t tap = 0; tap < plan->taps; tap++) {
      to[tap] = from[plan->offset[tap]];
    }
    return;
  }
  for (int32_t tap = 0; tap < plan->taps; tap++) {
    const int32_t row = top + tap / g->in_c / g->kernel_w;
    const int32_t column = left + tap / g->in_c % g->kernel_w;
    const int inside = row >= 0 && row < g->in_h && column >= 0 && column < g->in_w;
    to[tap] = inside ? x[corner + plan->offset[tap]] : (int16_t)plan->p->x_zero_point;
  }
}

/* All channels of three cells; cell i's outputs start at y[i]. */
TR_INLINE void multiply(const window_plan *plan, const uint32_t x[CELLS][MOST_PAIRS],
                        int8_t *const *y, const int pairs, const int plain) {
  const tr_conv2d_s8_params *const p = plan->p;
  const tr_requant form = p->requant;
  const int32_t *channel = plan->channels;
  const int32_t step = p->window.y_stride[1];
  int32_t at = 0;
  TR_NO_UNROLL
  for (int32_t left = p->window.out_c; left > 0; left--) {
    const int32_t multiplier = channel[1];
    for (int i = 0; i < CELLS; i++) {
      int32_t acc = channel[0];
      for (int pair = 0; pair < pairs; pair++) {
        acc = tr_dot2(x[i][pair], (uint32_t)channel[2 + pair], acc);
      }
      y[i][at] = (int8_t)(plain ? tr_finish_narrow(acc, multiplier)
                                : tr_finish(&form, p->lut, acc, multiplier));
    }
    channel += 2 + pairs;
    at += step;
  }
}

TR_NOINLINE void cells(const window_plan *plan, const uint32_t x[CELLS][MOST_PAIRS],
                       int8_t *const *y) {
  const int32_t pairs = (plan->taps + 1) / 2;
  if (!tr_finish_is_plain(&plan->p->requant, plan->p->lut)) {
    multiply(plan, x, y, (int)pairs, 0);
  } else if (pairs == 1) {
    multiply(plan, x, y, 1, 1);
  } else if (pairs == 2) {
    multiply(plan, x, y, 2, 1);
  } else if (pairs == 3) {
    multiply(plan, x, y, 3, 1);
  } else {
    multiply(plan, x, y, 4, 1);
  }
}

static void image(const window_plan *plan, const int8_t *x, int8_t *y) {
  const tr_window *const g = &plan->p->window;
  for (int32_t h = 0; h < g->out_h; h++) {
    for (int32_t v = 0; v < g->out_w; v += CELLS) {
      uint32_t window[CELLS][MOST_PAIRS] = {{0}};
      int8_t *to[CELLS];
      for (int32_t i = 0; i < CELLS; i++) {
        /* Cells behind the row's last repeat it. */
        const int32_t cell = v + i < g->out_w ? v + i : g->out_w - 1;
        int16_t taps[MOST_TAPS] = {0};
        widen(plan, x, h * g->stride_h - g->pad_top, cell * g->stride_w - g->pad_left, taps);
        __builtin_memcpy(window[i], taps, sizeof taps);
        to[i] = y + h * g->y_stride[2] + cell * g->y_stride[3];
      }
      cells(plan, window, to);
    }
  }
}

void tr_conv2d_s8_small__m4(const tr_conv2d_s8_params *p, const int8_t *x, int8_t *y,
                            void *scratch) {
  const tr_window *const g = &p->window;
  window_plan plan = {p, g->kernel_h * g->kernel_w * g->in_c, {0}, scratch};
  plan_taps(&plan);
  plan_channels(&plan);
  for (int32_t b = 0; b < g->batch; b++) {
    image(&plan, x + b * g->x_stride[0], y + b * g->y_stride[0]);
  }
}
