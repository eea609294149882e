/* Linear layers and convolutions of sparse weights of any form, in portable C. */
#ifndef TINYRIG_SPARSE_PORTABLE_H
#define TINYRIG_SPARSE_PORTABLE_H

#include "common/sparse_walk.h"
#include "tinyrig/conv.h"
#include "tinyrig/linear.h"

typedef struct {
  const int8_t *x;
  int32_t step;
} tr_sparse_line;

static inline int32_t tr_sparse_line_element(const void *from, int32_t c) {
  const tr_sparse_line *const line = from;
  return line->x[c * line->step];
}

/* The window of an output cell in the image at x, from its corner on. */
typedef struct {
  const tr_conv2d_s8_params *p;
  const int8_t *x;
  int32_t top;
  int32_t left;
} tr_sparse_window;

static inline int32_t tr_sparse_window_element(const void *from, int32_t c) {
  const tr_sparse_window *const w = from;
  const tr_window *const g = &w->p->window;
  const int32_t cell = c / g->in_c;
  const int32_t h = w->top + cell / g->kernel_w;
  const int32_t v = w->left + cell % g->kernel_w;
  if (h < 0 || h >= g->in_h || v < 0 || v >= g->in_w) {
    return w->p->x_zero_point;
  }
  return w->x[c % g->in_c * g->x_stride[1] + h * g->x_stride[2] + v * g->x_stride[3]];
}

/* The same of weights whose last axis is the kernel's width. */
static inline int32_t tr_sparse_window_across(const void *from, int32_t c) {
  const tr_sparse_window *const w = from;
  const tr_window *const g = &w->p->window;
  const int32_t channel = c / g->kernel_w % g->in_c;
  const int32_t line = c / (g->kernel_w * g->in_c);
  const int32_t cell = line * g->kernel_w + c % g->kernel_w;
  return tr_sparse_window_element(from, cell * g->in_c + channel);
}

/* What the sums of a row of blocks begin with, from channel j on. */
TR_INLINE void tr_sparse_begin(const int32_t *start, int32_t n, int32_t j, int32_t *sums) {
  for (int32_t r = 0; r < TR_SPARSE_MOST_ROWS; r++) {
    sums[r] = start[j + r < n ? j + r : n - 1];
  }
}

/* The channels from j on that are written of a row of blocks. */
TR_INLINE int32_t tr_sparse_rows_left(const tr_sparse_form *form, int32_t n, int32_t j) {
  return n - j < form->rows ? n - j : form->rows;
}

TR_INLINE void tr_sparse_linear(const tr_sparse_form *form, const tr_linear_s8_params *p,
                                const int8_t *x, int8_t *y) {
  for (int32_t i = 0; i < p->m; i++) {
    const tr_sparse_line line = {x + i * p->x_row, p->x_col};
    tr_sparse_stream w = tr_sparse_open(form, p->weight, p->n);
    for (int32_t j = 0; j < p->n; j += form->rows) {
      int32_t sums[TR_SPARSE_MOST_ROWS];
      tr_sparse_begin(p->start, p->n, j, sums);
      tr_sparse_next_row(form, &w, tr_sparse_line_element, &line, p->k, sums);
      for (int32_t r = 0; r < tr_sparse_rows_left(form, p->n, j); r++) {
        y[i * p->y_row + (j + r) * p->y_col] =
            tr_lookup(p->lut, tr_requantise(&p->requant, sums[r], j + r));
      }
    }
  }
}

TR_INLINE void tr_sparse_linear_sums(const tr_sparse_form *form, const tr_linear_s8_s32_params *p,
                                     const int8_t *x, int32_t *acc) {
  for (int32_t i = 0; i < p->m; i++) {
    const tr_sparse_line line = {x + i * p->x_row, 1};
    int32_t *const to = acc + i * p->acc_row;
    tr_sparse_stream w = tr_sparse_open(form, p->weight, p->n);
    for (int32_t j = 0; j < p->n; j += form->rows) {
      int32_t sums[TR_SPARSE_MOST_ROWS];
      tr_sparse_begin(p->start != 0 ? p->start : to, p->n, j, sums);
      tr_sparse_next_row(form, &w, tr_sparse_line_element, &line, p->k, sums);
      for (int32_t r = 0; r < tr_sparse_rows_left(form, p->n, j); r++) {
        to[j + r] = sums[r];
      }
    }
  }
}

TR_INLINE void tr_sparse_conv_cell(const tr_sparse_form *form, const tr_conv2d_s8_params *p,
                                   tr_sparse_element *element, const tr_sparse_window *window,
                                   int8_t *y) {
  const tr_window *const g = &p->window;
  tr_sparse_stream w = tr_sparse_open(form, p->weight, g->out_c);
  for (int32_t j = 0; j < g->out_c; j += form->rows) {
    int32_t sums[TR_SPARSE_MOST_ROWS];
    tr_sparse_begin(p->start, g->out_c, j, sums);
    tr_sparse_next_row(form, &w, element, window, g->kernel_h * g->kernel_w * g->in_c, sums);
    for (int32_t r = 0; r < tr_sparse_rows_left(form, g->out_c, j); r++) {
      y[(j + r) * g->y_stride[1]] = tr_lookup(p->lut, tr_requantise(&p->requant, sums[r], j + r));
    }
  }
}

TR_INLINE void tr_sparse_conv(const tr_sparse_form *form, const tr_conv2d_s8_params *p,
                              tr_sparse_element *element, const int8_t *x, int8_t *y) {
  const tr_window *const g = &p->window;
  for (int32_t b = 0; b < g->batch; b++) {
    for (int32_t h = 0; h < g->out_h; h++) {
      for (int32_t v = 0; v < g->out_w; v++) {
        const tr_sparse_window window = {p, x + b * g->x_stride[0], h * g->stride_h - g->pad_top,
                                         v * g->stride_w - g->pad_left};
        tr_sparse_conv_cell(form, p, element, &window,
                            y + b * g->y_stride[0] + h * g->y_stride[2] + v * g->y_stride[3]);
      }
    }
  }
}

#endif
