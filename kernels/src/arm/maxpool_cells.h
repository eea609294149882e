/* The largest of a window's cells, four channels a word: what the schedules of the cores share. */
#ifndef TINYRIG_MAXPOOL_CELLS_H
#define TINYRIG_MAXPOOL_CELLS_H

#include "common/dsp.h"
#include "common/window_part.h"
#include "tinyrig/pool.h"

#define TR_MAXPOOL_CELLS 4
#define TR_MAXPOOL_WORD 4 /* channels of a word, and of a pass of a schedule's loop */
#define TR_MAXPOOL_STEP 8
#define TR_MAXPOOL_SOME 32 /* channels that are not stored before all are known */

/* The loop of a schedule: y[c] = the largest of cells[0..3][c], `passes` of TR_MAXPOOL_STEP channels.
 * y may be the first cell. */
typedef void tr_maxpool_run(const int8_t *const *cells, int8_t *y, int32_t passes);

TR_INLINE void tr_maxpool_word(const int8_t *const *cells, int8_t *y, int32_t c) {
  const uint32_t one = tr_max4(tr_load4(cells[0] + c), tr_load4(cells[1] + c));
  const uint32_t other = tr_max4(tr_load4(cells[2] + c), tr_load4(cells[3] + c));
  tr_store4(y + c, tr_max4(one, other));
}

/* All channels; the last word may overlap, for what is the largest already stays it. */
TR_INLINE void tr_maxpool_four(tr_maxpool_run *run, const int8_t *const *cells, int8_t *y,
                               int32_t channels) {
  const int32_t passes = channels / TR_MAXPOOL_STEP;
  if (passes > 0) {
    run(cells, y, passes);
  }
  for (int32_t c = passes * TR_MAXPOOL_STEP; c < channels; c += TR_MAXPOOL_WORD) {
    tr_maxpool_word(cells, y, c < channels - TR_MAXPOOL_WORD ? c : channels - TR_MAXPOOL_WORD);
  }
}

/* Channels of one output cell of any window: three cells of a line with what is in y. */
TR_NOINLINE void tr_maxpool_lines(tr_maxpool_run *run, const tr_window *g,
                                  const tr_window_part *window, int8_t *y, int32_t channels) {
  const int32_t column = g->x_stride[3];
  const int8_t *line = window->first;
  for (int32_t i = 0; i < window->rows; i++) {
    for (int32_t j = 0; j < window->columns; j += TR_MAXPOOL_CELLS - 1) {
      const int8_t *const at = line + j * column;
      const int8_t *const next = j + 1 < window->columns ? at + column : at;
      const int8_t *const last = j + 2 < window->columns ? next + column : next;
      const int8_t *const cells[] = {i + j > 0 ? y : at, at, next, last};
      tr_maxpool_four(run, cells, y, channels);
    }
    line += g->x_stride[2];
  }
}

/* Channels of one output cell, contiguous in y. */
TR_INLINE void tr_maxpool_cell(tr_maxpool_run *run, const tr_window *g,
                               const tr_window_part *window, int8_t *y, int32_t channels) {
  if (window->rows == 2 && window->columns == 2) {
    const int32_t line = g->x_stride[2];
    const int32_t column = g->x_stride[3];
    const int8_t *const at = window->first;
    const int8_t *const cells[] = {at, at + column, at + line, at + line + column};
    tr_maxpool_four(run, cells, y, channels);
  } else {
    tr_maxpool_lines(run, g, window, y, channels);
  }
}

/* One output cell whose channels are no neighbours in y, some at a time; the last may overlap. */
TR_NOINLINE void tr_maxpool_apart(tr_maxpool_run *run, const tr_window *g, tr_window_part window,
                                  int8_t *y) {
  const int32_t step = g->y_stride[1];
  const int8_t *const first = window.first;
  for (int32_t c = 0; c < g->in_c; c += TR_MAXPOOL_SOME) {
    int8_t some[TR_MAXPOOL_SOME];
    const int32_t left = g->in_c - c;
    const int32_t least = left < TR_MAXPOOL_WORD ? TR_MAXPOOL_WORD : left;
    const int32_t count = least < TR_MAXPOOL_SOME ? least : TR_MAXPOOL_SOME;
    const int32_t from = left < count ? g->in_c - count : c;
    window.first = first + from;
    tr_maxpool_cell(run, g, &window, some, count);
    int8_t *to = y + from * step;
    TR_NO_UNROLL
    for (int32_t i = 0; i < count; i++) {
      to[i * step] = some[i];
    }
  }
}

TR_INLINE void tr_maxpool_cells(tr_maxpool_run *run, const tr_window *g, const int8_t *x,
                                int8_t *y) {
  for (int32_t b = 0; b < g->batch; b++) {
    for (int32_t h = 0; h < g->out_h; h++) {
      for (int32_t v = 0; v < g->out_w; v++) {
        const tr_window_part window = tr_window_part_of(g, x + b * g->x_stride[0], h, v);
        int8_t *const to = y + b * g->y_stride[0] + h * g->y_stride[2] + v * g->y_stride[3];
        if (g->y_stride[1] == 1) {
          tr_maxpool_cell(run, g, &window, to, g->in_c);
        } else {
          tr_maxpool_apart(run, g, window, to);
        }
      }
    }
  }
}

#if defined(__ARM_FEATURE_DSP)

/* A schedule: cells in r0 to r3, y in r12, passes in lr; r4 to r6 and r8 to r11 are free. */
#define TR_MAXPOOL_RUN(name, text)                                                            \
  TR_NOINLINE void name(const int8_t *const *cells, int8_t *given_y, int32_t given_passes) {   \
    register const int8_t *first __asm__("r0") = cells[0];                                     \
    register const int8_t *second __asm__("r1") = cells[1];                                    \
    register const int8_t *third __asm__("r2") = cells[2];                                     \
    register const int8_t *fourth __asm__("r3") = cells[3];                                    \
    register int8_t *y __asm__("r12") = given_y;                                               \
    register int32_t passes __asm__("lr") = given_passes;                                      \
    __asm__ volatile(".p2align 2\n\t1:\n\t" text "bne 1b\n\t"                                \
                     : "+&r"(first), "+&r"(second), "+&r"(third), "+&r"(fourth), "+&r"(y),     \
                       "+&r"(passes)                                                           \
                     :                                                                         \
                     : "r4", "r5", "r6", "r8", "r9", "r10", "r11", "cc", "memory");            \
  }

#else

#define TR_MAXPOOL_RUN(name, text)                                              \
  static void name(const int8_t *const *cells, int8_t *y, int32_t passes) {      \
    for (int32_t c = 0; c < passes * TR_MAXPOOL_STEP; c += TR_MAXPOOL_WORD) {    \
      tr_maxpool_word(cells, y, c);                                              \
    }                                                                            \
  }

#endif

#endif
