/* Means over the windows of an image, four channels a word: what the schedules of the cores share. */
#ifndef TINYRIG_AVGPOOL_CELLS_H
#define TINYRIG_AVGPOOL_CELLS_H

#include "common/dsp.h"
#include "common/window_part.h"
#include "tinyrig/pool.h"

#define TR_POOL_CHANNELS 4
#define TR_POOL_WORDS 2

/* How the sum of one window of `inside` cells becomes its mean: the pair `start` takes the zero
 * points off, and sums times `up` are those whose product with the multiplier is to be shifted by
 * 32. Where `folded`, the mean plus 128 is the upper half of sum * scaled / 2^16 + rounding. */
typedef struct {
  int32_t inside;
  uint32_t start;
  int32_t up;
  int32_t multiplier;
  int32_t zero_point;
  int32_t folded;
  int32_t scaled;
  int32_t rounding;
} tr_window_mean;

/* The loop of a schedule for windows of so many rows and columns as it is named for: `passes` of
 * TR_POOL_CHANNELS channels, contiguous in y. Neighbouring cells lie `step` bytes apart. */
typedef void tr_mean_run(const tr_window_mean *m, const int8_t *const *rows, int32_t step, int8_t *y,
                         int32_t passes);

typedef struct {
  tr_mean_run *two;
  tr_mean_run *three;
} tr_avgpool_core;

TR_INLINE tr_window_mean tr_mean_of(const tr_avgpool2d_s8_params *p, int32_t inside) {
  const int32_t count =
      p->count_include_pad != 0 ? p->window.kernel_h * p->window.kernel_w : inside;
  const int32_t start = -inside * p->x_zero_point;
  const int32_t multiplier = p->multiplier[count - 1];
  const int32_t up = 32 - p->shift;
  const int folded = (uint32_t)multiplier < 0x80000000U >> up;
  const tr_window_mean found = {
      inside,
      tr_pair(start, start),
      1 << up,
      multiplier,
      p->zero_point,
      folded,
      folded ? multiplier << up : 0,
      (p->zero_point - INT8_MIN) * 65536 + 32768,
  };
  return found;
}

TR_INLINE int8_t tr_mean_finish(const tr_window_mean *m, int32_t sum) {
  return (int8_t)tr_saturate8(tr_high_multiply_add_round(sum, m->multiplier, m->zero_point));
}

/* The channels [c, c + TR_POOL_CHANNELS * words) of one output cell, summed in pairs of 16 bits. */
TR_INLINE void tr_mean_channels(const tr_window *g, const tr_window_part *window, const tr_window_mean *m,
                        int32_t c, const int words, int8_t *y) {
  const int32_t column = g->x_stride[3];
  const int32_t step = g->y_stride[1];
  const int8_t *line = window->first + c;
  uint32_t even[TR_POOL_WORDS];
  uint32_t odd[TR_POOL_WORDS];
  for (int k = 0; k < words; k++) {
    even[k] = m->start;
    odd[k] = m->start;
  }
  TR_NO_UNROLL
  for (int32_t i = window->rows; i > 0; i--) {
    const int8_t *at = line;
    TR_NO_UNROLL
    for (int32_t j = window->columns; j > 0; j--) {
      uint32_t cell[TR_POOL_WORDS];
      for (int k = 0; k < words; k++) {
        cell[k] = tr_load4(at + TR_POOL_CHANNELS * k);
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
    to[0] = tr_mean_finish(m, tr_low_times(even[k], m->up));
    to[step] = tr_mean_finish(m, tr_low_times(odd[k], m->up));
    to[2 * step] = tr_mean_finish(m, tr_high_times(even[k], m->up));
    to[3 * step] = tr_mean_finish(m, tr_high_times(odd[k], m->up));
    to += TR_POOL_CHANNELS * step;
  }
}

/* All channels of one output cell of any window; the last four may overlap. */
TR_NOINLINE void tr_mean_cell(const tr_window *g, const tr_window_part *window, const tr_window_mean *given,
                      int8_t *y) {
  const tr_window_mean m = *given;
  int32_t c = 0;
  for (; g->in_c - c >= TR_POOL_CHANNELS * TR_POOL_WORDS; c += TR_POOL_CHANNELS * TR_POOL_WORDS) {
    tr_mean_channels(g, window, &m, c, TR_POOL_WORDS, y);
  }
  for (; c < g->in_c; c += TR_POOL_CHANNELS) {
    tr_mean_channels(g, window, &m, c < g->in_c - TR_POOL_CHANNELS ? c : g->in_c - TR_POOL_CHANNELS, 1, y);
  }
}

/* All channels of one output cell by a schedule; the last four may overlap. */
TR_INLINE void tr_mean_by(tr_mean_run *run, const tr_window_mean *m, const tr_window *g,
                          const int8_t *first, int8_t *y) {
  const int32_t line = g->x_stride[2];
  const int32_t passes = g->in_c / TR_POOL_CHANNELS;
  const int8_t *const rows[] = {first, first + line, first + 2 * line};
  run(m, rows, g->x_stride[3], y, passes);
  if (g->in_c % TR_POOL_CHANNELS != 0) {
    const int32_t last = g->in_c - TR_POOL_CHANNELS;
    const int8_t *const ends[] = {rows[0] + last, rows[1] + last, rows[2] + last};
    run(m, ends, g->x_stride[3], y + last, 1);
  }
}

TR_INLINE void tr_avgpool_cells(const tr_avgpool_core *core, const tr_avgpool2d_s8_params *p,
                                const int8_t *x, int8_t *y) {
  const tr_window *const g = &p->window;
  tr_window_mean m = {0};
  for (int32_t b = 0; b < g->batch; b++) {
    for (int32_t h = 0; h < g->out_h; h++) {
      for (int32_t v = 0; v < g->out_w; v++) {
        const tr_window_part window = tr_window_part_of(g, x + b * g->x_stride[0], h, v);
        int8_t *const to = y + b * g->y_stride[0] + h * g->y_stride[2] + v * g->y_stride[3];
        if (window.rows * window.columns != m.inside) {
          m = tr_mean_of(p, window.rows * window.columns);
        }
        const int direct = m.folded != 0 && g->y_stride[1] == 1 && window.rows == window.columns;
        if (direct && window.rows == 2) {
          tr_mean_by(core->two, &m, g, window.first, to);
        } else if (direct && window.rows == 3) {
          tr_mean_by(core->three, &m, g, window.first, to);
        } else {
          tr_mean_cell(g, &window, &m, to);
        }
      }
    }
  }
}

#if defined(__ARM_FEATURE_DSP)

/* A schedule: rows in r0 to r2, the step in r3, the pair `start` in r9, the multiplier in r10, the
 * rounding in r11, y in r12, passes in lr; r4, r5, r6 and r8 are free, and r2 of two rows. */
#define TR_MEAN_RUN(name, text, count)                                                      \
  TR_NOINLINE void name(const tr_window_mean *m, const int8_t *const *rows, int32_t given_step, \
                        int8_t *given_y, int32_t given_passes) {                               \
    register const int8_t *first __asm__("r0") = rows[0];                                      \
    register const int8_t *second __asm__("r1") = rows[1];                                     \
    register const int8_t *third __asm__("r2") = rows[count - 1];                              \
    register int32_t step __asm__("r3") = given_step;                                          \
    register uint32_t start __asm__("r9") = m->start;                                          \
    register int32_t scaled __asm__("r10") = m->scaled;                                        \
    register int32_t rounding __asm__("r11") = m->rounding;                                    \
    register int8_t *y __asm__("r12") = given_y;                                               \
    register int32_t passes __asm__("lr") = given_passes;                                      \
    __asm__ volatile(".p2align 2\n\t1:\n\t" text "bne 1b\n\t"                                \
                     : "+&r"(first), "+&r"(second), "+&r"(third), "+&r"(y), "+&r"(passes)      \
                     : "r"(step), "r"(start), "r"(scaled), "r"(rounding)                       \
                     : "r4", "r5", "r6", "r8", "cc", "memory");                                \
  }

#else

#define TR_MEAN_RUN(name, text, count)                                                        \
  static void name(const tr_window_mean *m, const int8_t *const *rows, int32_t step, int8_t *y, \
                   int32_t passes) {                                                           \
    for (int32_t c = 0; c < passes * TR_POOL_CHANNELS; c++) {                                  \
      int32_t sum = tr_low(m->start);                                                          \
      for (int32_t i = 0; i < (count) * (count); i++) {                                        \
        sum += rows[i / (count)][i % (count) * step + c];                                      \
      }                                                                                        \
      const int32_t raised = tr_multiply_low_add(m->scaled, (uint32_t)sum, m->rounding);       \
      y[c] = (int8_t)(tr_clamp(raised >> 16, 0, 255) + INT8_MIN);                              \
    }                                                                                          \
  }

#endif

#endif
