/* A depthwise convolution by pairs of columns, for rows of 3, 5 and 7 taps at stride 1. */
#ifndef TINYRIG_DEPTHWISE_ODD_H
#define TINYRIG_DEPTHWISE_ODD_H

#include <stddef.h>

#include "arm/depthwise_odd_rows.h"
#include "arm/finish.h"
#include "arm/form.h"
#include "tinyrig/conv.h"

#define TR_ODD_CHANNELS 4
#define TR_ODD_CELLS 4

/* One filter a channel, an odd width at stride 1, four channels at a time. Columns of the image are
 * taken two at a time, widened, so that one SMLAD multiplies both: pairs [row][pair of
 * columns][channel]. The window's rows lie in a ring: row r of the padded image at r modulo the
 * window's height.
 *
 * A cell at an even column takes weights (0, 1), (2, 3) ..., one at an odd column takes 0 and the
 * upper half of the first pair, then (1, 2), (3, 4) ...; so a row has kernel_w - 1 words, [channel]
 * [row]{(0, 1), (1, 2), (2, 3) ...}. Rows stand there twice, because the ring begins anywhere. */
typedef struct {
  const tr_conv2d_s8_params *p;
  int32_t groups; /* of four cells an output row has */
  int32_t line;   /* pairs of a row */
  int32_t first;  /* pairs before those whose second column is in the image */
  int32_t count;  /* of those */
  int32_t left;   /* whether the first column of the first of them is outside */
  int32_t right;  /* whether of the pair behind them the first column is in the image */
  uint32_t zero;  /* four zero points */
  uint32_t *pairs;
  uint32_t *weight;
  int32_t *sums; /* of cells that are no whole group, or not in the plain form */
} tr_odd_strip;

/* The words of four channels of `count` pairs of columns: the one at a and the one at b, then those
 * behind b, which are `step` apart. */
TR_NOINLINE void tr_odd_put_pairs(uint32_t *to, const int8_t *a, const int8_t *b, int32_t step,
                                  int32_t count) {
  TR_NO_UNROLL
  for (; count > 0; count--) {
    tr_byte_pairs(tr_load4(a), tr_load4(b), to);
    a = b + step;
    b = a + step;
    to += TR_ODD_CHANNELS;
  }
}

/* Which pairs of a row have columns of the image. */
TR_INLINE void tr_odd_find_columns(tr_odd_strip *s) {
  const tr_window *const g = &s->p->window;
  const int32_t first = g->pad_left / 2;
  const int32_t end = (g->pad_left + g->in_w) / 2;
  s->first = first < s->line ? first : s->line;
  s->count = (end < s->line ? end : s->line) - s->first;
  s->left = g->pad_left % 2 != 0;
  s->right = (g->pad_left + g->in_w) % 2 != 0 && end < s->line;
}

/* A row of the padded image, `row` counted in the image. What is outside in every row is left as it
 * is: a row that lies outside as a whole has been there before. */
TR_NOINLINE void tr_odd_put_row(const tr_odd_strip *s, const int8_t *x, int32_t row, uint32_t *to) {
  const tr_window *const g = &s->p->window;
  const int8_t *const zero = (const int8_t *)&s->zero;
  const int32_t step = g->x_stride[3];
  if (row < 0 || row >= g->in_h) {
    tr_odd_put_pairs(to, zero, zero, 0, s->line);
    return;
  }
  x += row * g->x_stride[2];
  to += TR_ODD_CHANNELS * s->first;
  if (s->left != 0) {
    tr_odd_put_pairs(to, zero, x, step, s->count);
  } else {
    tr_odd_put_pairs(to, x, x + step, step, s->count);
  }
  if (s->right != 0) {
    tr_odd_put_pairs(to + TR_ODD_CHANNELS * s->count, x + (g->in_w - 1) * step, zero, 0, 1);
  }
}

/* The weights of one channel, twice but for the last row. */
TR_NOINLINE void tr_odd_put_weights(const tr_window *g, const int8_t *w, uint32_t *to) {
  const int32_t words = g->kernel_w - 1;
  uint32_t *again = to + g->kernel_h * words;
  for (int32_t row = 0; row < g->kernel_h; row++) {
    TR_NO_UNROLL
    for (int32_t i = 0; i < words; i++) {
      const uint32_t both = tr_pair(w[i], w[i + 1]);
      *to++ = both;
      if (row < g->kernel_h - 1) {
        *again++ = both;
      }
    }
    w += g->kernel_w;
  }
}

/* An output row of one channel, whole groups of cells: requantised in the plain form to y, or,
 * where y_step is 0, as sums. The assembly knows the order, and walks along an array of them. */
typedef struct {
  const uint32_t *pairs;
  int32_t pitch; /* bytes of a row of pairs */
  void *y;
  const void *y_end;
  int32_t start;
  const uint32_t *weight;
  int32_t next;               /* bytes from behind the last row to the next four cells */
  const uint32_t *weight_end; /* behind the last row of the window */
  uint32_t skip; /* rows missing to a multiple of five; of three for Cortex-M7, without the last */
  int32_t multiplier;
  int32_t y_step;
} tr_odd_row;

#if defined(__ARM_FEATURE_DSP)

_Static_assert(offsetof(tr_odd_row, pitch) == 4 && offsetof(tr_odd_row, y) == 8, "three words,");
_Static_assert(offsetof(tr_odd_row, y_end) == 12 && offsetof(tr_odd_row, start) == 16, "and eight");
_Static_assert(offsetof(tr_odd_row, weight) == 20 && offsetof(tr_odd_row, next) == 24, "in order:");
_Static_assert(offsetof(tr_odd_row, weight_end) == 28 && offsetof(tr_odd_row, skip) == 32, "begin");
_Static_assert(offsetof(tr_odd_row, multiplier) == 36 && offsetof(tr_odd_row, y_step) == 40, "end");
_Static_assert(sizeof(tr_odd_row) == 44, "the next channel's");

/* r7 may be the frame pointer, so the text saves it. */
#define TR_ODD_ASM(row, end, text)                                                                \
  register uint32_t r0 __asm__("r0") = (uint32_t)(uintptr_t)(row);                                \
  register uint32_t r1 __asm__("r1") = (uint32_t)(uintptr_t)(end);                                \
  __asm__ volatile(text                                                                           \
                   : "+r"(r0), "+r"(r1)                                                           \
                   :                                                                              \
                   : "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "cc", \
                     "memory")
#define TR_ODD_ROWS_OF_3(core) TR_ODD_ASM(s, end, TR_ODD_TEXT_##core(3))
#define TR_ODD_ROWS_OF_5(core) TR_ODD_ASM(s, end, TR_ODD_TEXT_##core(5))
#define TR_ODD_ROWS_OF_7(core) TR_ODD_ASM(s, end, TR_ODD_TEXT_##core(7))

TR_NOINLINE void tr_odd_rows_of_3(const tr_odd_row *s, const tr_odd_row *end, const tr_form form) {
  TR_BY_CORE(form, TR_ODD_ROWS_OF_3);
}

TR_NOINLINE void tr_odd_rows_of_5(const tr_odd_row *s, const tr_odd_row *end, const tr_form form) {
  TR_BY_CORE(form, TR_ODD_ROWS_OF_5);
}

TR_NOINLINE void tr_odd_rows_of_7(const tr_odd_row *s, const tr_odd_row *end, const tr_form form) {
  TR_BY_CORE(form, TR_ODD_ROWS_OF_7);
}

/* The rows of `count` channels, of one or more. */
TR_INLINE void tr_odd_make_rows(const tr_odd_row *s, int32_t count, int32_t width,
                                const tr_form form) {
  if (width == 3) {
    tr_odd_rows_of_3(s, s + count, form);
  } else if (width == 5) {
    tr_odd_rows_of_5(s, s + count, form);
  } else {
    tr_odd_rows_of_7(s, s + count, form);
  }
}

#else

/* The sum of one cell. */
TR_INLINE int32_t tr_odd_cell_sum(const tr_odd_row *s, int32_t words, int32_t cell) {
  const int32_t rows = (int32_t)(s->weight_end - s->weight) / words;
  int32_t sum = s->start;
  for (int32_t i = 0; i < rows; i++) {
    const uint32_t *x = s->pairs + i * s->pitch / 4 + cell / 2 * TR_ODD_CHANNELS;
    const uint32_t *w = s->weight + i * words;
    sum += cell % 2 == 0 ? tr_low(x[words / 2 * TR_ODD_CHANNELS]) * tr_high(w[words - 1])
                         : tr_high(x[0]) * tr_low(w[0]);
    for (int32_t k = cell % 2; k < words; k += 2) {
      sum = tr_dot2(x[(k + 1) / 2 * TR_ODD_CHANNELS], w[k], sum);
    }
  }
  return sum;
}

TR_INLINE void tr_odd_make_row(const tr_odd_row *s, int32_t width) {
  int8_t *y = s->y;
  int32_t *sums = s->y;
  for (int32_t cell = 0; (s->y_step != 0 ? (void *)y : (void *)sums) != s->y_end; cell++) {
    const int32_t sum = tr_odd_cell_sum(s, width - 1, cell);
    if (s->y_step != 0) {
      *y = (int8_t)tr_finish_narrow(sum, s->multiplier);
      y += s->y_step;
    } else {
      *sums++ = sum;
    }
  }
}

TR_INLINE void tr_odd_make_rows(const tr_odd_row *s, int32_t count, int32_t width,
                                const tr_form form) {
  (void)form;
  for (int32_t i = 0; i < count; i++) {
    tr_odd_make_row(s + i, width);
  }
}

#endif

/* Requantises `count` sums in any form. */
TR_NOINLINE void tr_odd_finish(const tr_conv2d_s8_params *p, const int32_t *sums,
                               int32_t multiplier, int32_t count, int8_t *y) {
  for (; count > 0; count--) {
    *y = (int8_t)tr_finish(&p->requant, p->lut, *sums++, multiplier);
    y += p->window.y_stride[3];
  }
}

/* `cells` cells of the four channels' rows, whole groups, from the even one `first` on, straight to
 * y. */
TR_INLINE void tr_odd_straight(const tr_odd_strip *s, tr_odd_row *rows, int32_t first,
                               int32_t cells, int8_t *y, const tr_form form) {
  const tr_window *const g = &s->p->window;
  const int32_t step = g->y_stride[3];
  const uint32_t *pairs = s->pairs + first / 2 * TR_ODD_CHANNELS;
  y += first * step;
  TR_NO_UNROLL
  for (tr_odd_row *r = rows; r < rows + TR_ODD_CHANNELS; r++) {
    r->pairs = pairs++;
    r->y = y;
    r->y_end = y + cells * step;
    r->y_step = step;
    y += g->y_stride[1];
  }
  tr_odd_make_rows(rows, TR_ODD_CHANNELS, g->kernel_w, form);
}

/* The cells from `done` on of the four channels' rows by way of sums. */
TR_INLINE void tr_odd_by_sums(const tr_odd_strip *s, tr_odd_row *rows, int32_t done, int8_t *y,
                              const tr_form form) {
  const tr_window *const g = &s->p->window;
  const uint32_t *pairs = s->pairs + done / 2 * TR_ODD_CHANNELS;
  y += done * g->y_stride[3];
  for (tr_odd_row *r = rows; r < rows + TR_ODD_CHANNELS; r++) {
    r->pairs = pairs++;
    r->y = s->sums;
    r->y_end = s->sums + TR_ODD_CELLS * s->groups - done;
    r->y_step = 0;
    tr_odd_make_rows(r, 1, g->kernel_w, form);
    tr_odd_finish(s->p, s->sums, r->multiplier, g->out_w - done, y);
    y += g->y_stride[1];
  }
}

/* An output row of the four channels, of which `whole` groups go straight to y. The last group of a
 * row of an even number of cells overlaps the one before. */
TR_INLINE void tr_odd_line(const tr_odd_strip *s, tr_odd_row *rows, int32_t whole, int8_t *y,
                           const tr_form form) {
  const int32_t cells = s->p->window.out_w;
  if (whole != 0) {
    tr_odd_straight(s, rows, 0, TR_ODD_CELLS * whole, y, form);
  }
  if (whole == s->groups) {
    return;
  }
  if (whole != 0 && cells % 2 == 0) {
    tr_odd_straight(s, rows, cells - TR_ODD_CELLS, TR_ODD_CELLS, y, form);
  } else {
    tr_odd_by_sums(s, rows, TR_ODD_CELLS * whole, y, form);
  }
}

/* What rows of four channels from c on have in common in all lines. */
TR_INLINE void tr_odd_begin(const tr_odd_strip *s, int32_t c, tr_odd_row *rows,
                            const tr_form form) {
  const tr_conv2d_s8_params *const p = s->p;
  const int32_t height = p->window.kernel_h;
  const int32_t pitch = 4 * TR_ODD_CHANNELS * s->line;
  const int32_t counted = tr_is_m7(form) ? height - 1 : height;
  const int32_t pass = tr_is_m7(form) ? 3 : 5;
  for (int32_t i = 0; i < TR_ODD_CHANNELS; i++) {
    rows[i].pitch = pitch;
    rows[i].next = 2 * 4 * TR_ODD_CHANNELS - height * pitch;
    rows[i].skip = (uint32_t)((pass - counted % pass) % pass);
    rows[i].start = p->start[c + i];
    rows[i].multiplier = p->requant.multiplier[(c + i) * p->requant.channel_step];
  }
}

/* The output rows of four channels from c on. */
TR_INLINE void tr_odd_channels(const tr_odd_strip *s, const int8_t *x, int8_t *y, int32_t c,
                               const tr_form form) {
  const tr_conv2d_s8_params *const p = s->p;
  const tr_window *const g = &p->window;
  const int32_t words = g->kernel_w - 1;
  int32_t loaded = 0; /* rows of the padded image */
  const int32_t whole = tr_finish_is_plain(&p->requant, p->lut) ? g->out_w / TR_ODD_CELLS : 0;
  tr_odd_row rows[TR_ODD_CHANNELS];
  tr_odd_begin(s, c, rows, form);
  y += c * g->y_stride[1];
  for (int32_t h = 0; h < g->out_h; h++) {
    const int32_t top = h * g->stride_h;
    for (loaded = loaded < top ? top : loaded; loaded < top + g->kernel_h; loaded++) {
      tr_odd_put_row(s, x + c, loaded - g->pad_top,
                     s->pairs + loaded % g->kernel_h * TR_ODD_CHANNELS * s->line);
    }
    const int32_t turn = top % g->kernel_h;
    const uint32_t *weight = s->weight + (turn == 0 ? 0 : g->kernel_h - turn) * words;
    TR_NO_UNROLL
    for (int32_t i = 0; i < TR_ODD_CHANNELS; i++) {
      rows[i].weight = weight;
      rows[i].weight_end = weight + g->kernel_h * words;
      weight += (2 * g->kernel_h - 1) * words;
    }
    tr_odd_line(s, rows, whole, y, form);
    y += g->y_stride[2];
  }
}

TR_INLINE void tr_odd_layer(const tr_conv2d_s8_params *p, const int8_t *x, int8_t *y, void *scratch,
                            const tr_form form) {
  const tr_window *const g = &p->window;
  const int32_t words = g->kernel_w - 1;
  const int32_t groups = (g->out_w + TR_ODD_CELLS - 1) / TR_ODD_CELLS;
  const int32_t line = 2 * groups - 1 + (g->kernel_w + 1) / 2;
  uint32_t *const pairs = scratch;
  uint32_t *const weight = pairs + TR_ODD_CHANNELS * g->kernel_h * line;
  const int32_t channel = (2 * g->kernel_h - 1) * words;
  tr_odd_strip s = {
      .p = p,
      .groups = groups,
      .line = line,
      .zero = 0x01010101U * (uint8_t)p->x_zero_point,
      .pairs = pairs,
      .weight = weight,
      .sums = (int32_t *)(weight + TR_ODD_CHANNELS * channel),
  };
  tr_odd_find_columns(&s);
  for (int32_t row = 0; row < g->kernel_h; row++) {
    tr_odd_put_row(&s, x, -1, pairs + row * TR_ODD_CHANNELS * line);
  }
  for (int32_t block = 0; block < g->in_c; block += TR_ODD_CHANNELS) {
    const int32_t c = block < g->in_c - TR_ODD_CHANNELS ? block : g->in_c - TR_ODD_CHANNELS;
    for (int32_t i = 0; i < TR_ODD_CHANNELS; i++) {
      tr_odd_put_weights(g, p->weight + (c + i) * g->kernel_h * g->kernel_w, weight + i * channel);
    }
    for (int32_t b = 0; b < g->batch; b++) {
      tr_odd_channels(&s, x + b * g->x_stride[0], y + b * g->y_stride[0], c, form);
    }
  }
}

#endif
