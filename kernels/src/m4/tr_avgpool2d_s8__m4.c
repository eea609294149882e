#include "common/dsp.h"
#include "common/window_part.h"
#include "tinyrig/pool.h"

#define CHANNELS 4
#define MOST_WORDS 2

/* How the sum of one window becomes its mean: the pair `start` takes the zero points off, and
 * sums times `up` are those whose product with the multiplier is to be shifted by 32. */
typedef struct {
  uint32_t start;
  int32_t up;
  int32_t multiplier;
  int32_t zero_point;
} mean;

static mean mean_of(const tr_avgpool2d_s8_params *p, const tr_window_part *window) {
  const int32_t inside = window->rows * window->columns;
  const int32_t count =
      p->count_include_pad != 0 ? p->window.kernel_h * p->window.kernel_w : inside;
  const int32_t start = -inside * p->x_zero_point;
  const mean found = {tr_pair(start, start), 1 << (32 - p->shift), p->multiplier[count - 1],
                      p->zero_point};
  return found;
}

TR_INLINE int8_t finish(const mean *m, int32_t sum) {
  return (int8_t)tr_saturate8(tr_high_multiply_add_round(sum, m->multiplier, m->zero_point));
}

/* The channels [c, c + CHANNELS * words) of one output cell, summed in pairs of 16 bits. */
TR_INLINE void channels(const tr_window *g, const tr_window_part *window, const mean *m,
                        int32_t c, const int words, int8_t *y) {
  const int32_t column = g->x_stride[3];
  const int32_t step = g->y_stride[1];
  const int8_t *line = window->first + c;
  uint32_t even[MOST_WORDS];
  uint32_t odd[MOST_WORDS];
  for (int k = 0; k < words; k++) {
    even[k] = m->start;
    odd[k] = m->start;
  }
  TR_NO_UNROLL
  for (int32_t i = window->rows; i > 0; i--) {
    const int8_t *at = line;
    TR_NO_UNROLL
    for (int32_t j = window->columns; j > 0; j--) {
      uint32_t cell[MOST_WORDS];
      for (int k = 0; k < words; k++) {
        cell[k] = tr_load4(at + CHANNELS * k);
      }
      for (int k = 0; k < words; k++) {
        even[k] = tr_add_even_bytes(even[k], cell[k]);
        odd[k] = tr_add_odd_bytes(odd[k], cell[k]);
      }
      at += column;
    }
    line += g->x_stride[2];
  }
  int8_t *to = y + c * step;
  for (int k = 0; k < words; k++) {
    to[0] = finish(m, tr_low_times(even[k], m->up));
    to[step] = finish(m, tr_low_times(odd[k], m->up));
    to[2 * step] = finish(m, tr_high_times(even[k], m->up));
    to[3 * step] = finish(m, tr_high_times(odd[k], m->up));
    to += CHANNELS * step;
  }
}

/* All channels of one output cell; the last four may overlap. */
TR_NOINLINE void cell(const tr_window *g, const tr_window_part *window, const mean *given,
                      int8_t *y) {
  const mean m = *given;
  int32_t c = 0;
  for (; g->in_c - c >= CHANNELS * MOST_WORDS; c += CHANNELS * MOST_WORDS) {
    channels(g, window, &m, c, MOST_WORDS, y);
  }
  for (; c < g->in_c; c += CHANNELS) {
    channels(g, window, &m, c < g->in_c - CHANNELS ? c : g->in_c - CHANNELS, 1, y);
  }
}

void tr_avgpool2d_s8__m4(const tr_avgpool2d_s8_params *p, const int8_t *x, int8_t *y,
                         void *scratch) {
  (void)scratch;
  const tr_window *const g = &p->window;
  for (int32_t b = 0; b < g->batch; b++) {
    for (int32_t h = 0; h < g->out_h; h++) {
      for (int32_t v = 0; v < g->out_w; v++) {
        const tr_window_part window = tr_window_part_of(g, x + b * g->x_stride[0], h, v);
        const mean m = mean_of(p, &window);
        cell(g, &window, &m, y + b * g->y_stride[0] + h * g->y_stride[2] + v * g->y_stride[3]);
      }
    }
  }
}
