#include "common/dsp.h"
#include "common/window_part.h"
#include "tinyrig/pool.h"

#define CHANNELS 4
#define MOST_WORDS 4
#define SMALLEST 0x80808080U

/* The channels [c, c + CHANNELS * words) of one output cell. */
TR_INLINE void channels(const tr_window *g, const tr_window_part *window, int32_t c, const int words,
                        int8_t *y) {
  const int32_t column = g->x_stride[3];
  const int32_t step = g->y_stride[1];
  const int8_t *line = window->first + c;
  uint32_t largest[MOST_WORDS];
  for (int i = 0; i < words; i++) {
    largest[i] = SMALLEST;
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
        largest[k] = tr_max4(largest[k], cell[k]);
      }
      at += column;
    }
    line += g->x_stride[2];
  }
  int8_t *to = y + c * step;
  for (int k = 0; k < words; k++) {
    if (step == 1) {
      tr_store4(to, largest[k]);
    } else {
      for (int i = 0; i < CHANNELS; i++) {
        to[i * step] = (int8_t)(largest[k] >> 8 * i & 0xFFU);
      }
    }
    to += CHANNELS * step;
  }
}

/* All channels of one output cell; the last four may overlap. */
TR_NOINLINE void cell(const tr_window *g, const tr_window_part *window, int8_t *y) {
  int32_t c = 0;
  for (; g->in_c - c >= CHANNELS * MOST_WORDS; c += CHANNELS * MOST_WORDS) {
    channels(g, window, c, MOST_WORDS, y);
  }
  for (; g->in_c - c >= CHANNELS * 2; c += CHANNELS * 2) {
    channels(g, window, c, 2, y);
  }
  for (; c < g->in_c; c += CHANNELS) {
    channels(g, window, c < g->in_c - CHANNELS ? c : g->in_c - CHANNELS, 1, y);
  }
}

void tr_maxpool2d_s8__m4(const tr_maxpool2d_s8_params *p, const int8_t *x, int8_t *y,
                         void *scratch) {
  (void)scratch;
  const tr_window *const g = &p->window;
  for (int32_t b = 0; b < g->batch; b++) {
    for (int32_t h = 0; h < g->out_h; h++) {
      for (int32_t v = 0; v < g->out_w; v++) {
        const tr_window_part window = tr_window_part_of(g, x + b * g->x_stride[0], h, v);
        cell(g, &window,
             y + b * g->y_stride[0] + h * g->y_stride[2] + v * g->y_stride[3]);
      }
    }
  }
}
