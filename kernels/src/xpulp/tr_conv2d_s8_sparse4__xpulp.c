#include "tinyrig/conv.h"
#include "xpulp/xpulp_sparse_panels.h"

typedef struct {
  const tr_conv2d_s8_params *p;
  const int8_t *x;
  int8_t *y;
} layer;

/* An output cell. */
typedef struct {
  int32_t b;
  int32_t h;
  int32_t v;
} cell;

/* Moves to the next cell; the last one stays. */
static void next_cell(const tr_window *g, cell *at) {
  if (at->v + 1 < g->out_w) {
    at->v++;
  } else if (at->h + 1 < g->out_h) {
    at->v = 0;
    at->h++;
  } else if (at->b + 1 < g->batch) {
    at->v = 0;
    at->h = 0;
    at->b++;
  }
}

/* Cells of a window that lie behind each other in the image, or none of it: x is 0 there. */
TR_INLINE void fill_run(const tr_conv2d_s8_params *p, const int8_t *x, uint32_t *row, int32_t c,
                        int32_t count) {
  const tr_window *const g = &p->window;
  const int8_t outside = (int8_t)p->x_zero_point;
  const int8_t *const from = x != 0 ? x : &outside;
  const int32_t step = x != 0 ? g->x_stride[1] : 0;
  if (g->x_stride[1] != 1 || g->in_c % 4 != 0) {
    tr_xp_sparse_bytes(row, c, from, step, count);
  } else if (x != 0) {
    tr_xp_sparse_words(row + c / 4 * TR_XP_SPARSE_ROWS, from, count / 4);
  } else {
    const uint32_t word = (uint32_t)(uint8_t)outside * 0x01010101U;
    tr_xp_sparse_same(row + c / 4 * TR_XP_SPARSE_ROWS, word, count / 4);
  }
}

/* One line of a window, from column `left` of the image's line, which may be 0, on. */
TR_INLINE void fill_line(const tr_conv2d_s8_params *p, const int8_t *line, int32_t left,
                         uint32_t *row, int32_t c) {
  const tr_window *const g = &p->window;
  const int32_t end = left + g->kernel_w;
  const int is_run = g->x_stride[3] == g->in_c * g->x_stride[1];
  int32_t v = left;
  while (v < end) {
    const int is_inside = line != 0 && v >= 0 && v < g->in_w;
    int32_t to = end;
    if (is_inside) {
      to = is_run == 0 ? v + 1 : end < g->in_w ? end : g->in_w;
    } else if (line != 0 && v < 0) {
      to = end < 0 ? end : 0;
    }
    fill_run(p, is_inside ? line + v * g->x_stride[3] : 0, row, c, (to - v) * g->in_c);
    c += (to - v) * g->in_c;
    v = to;
  }
}

/* The window of an output cell as a row of a panel. */
TR_NOINLINE void fill_window(const tr_conv2d_s8_params *p, const int8_t *x, const cell *at,
                             uint32_t *row) {
  const tr_window *const g = &p->window;
  const int32_t top = at->h * g->stride_h - g->pad_top;
  const int32_t left = at->v * g->stride_w - g->pad_left;
  int32_t c = 0;
  for (int32_t h = top; h < top + g->kernel_h; h++) {
    const int8_t *const line = h >= 0 && h < g->in_h ? x + h * g->x_stride[2] : 0;
    fill_line(p, line, left, row, c);
    c += g->kernel_w * g->in_c;
  }
}

static void fill_windows(const void *from, int32_t panel, uint32_t *words, int8_t **y) {
  const layer *const l = from;
  const tr_window *const g = &l->p->window;
  const int32_t first = panel * TR_XP_SPARSE_ROWS;
  const int32_t line = first / g->out_w;
  const int32_t b = line / g->out_h;
  cell at = {b, line - b * g->out_h, first - line * g->out_w};
  for (int32_t i = 0; i < TR_XP_SPARSE_ROWS; i++) {
    fill_window(l->p, l->x + at.b * g->x_stride[0], &at, words + i);
    y[i] = l->y + at.b * g->y_stride[0] + at.h * g->y_stride[2] + at.v * g->y_stride[3];
    next_cell(g, &at);
  }
}

void tr_conv2d_s8_sparse4__xpulp(const tr_conv2d_s8_params *p, const int8_t *x, int8_t *y,
                                 void *scratch) {
  const tr_window *const g = &p->window;
  const layer from = {p, x, y};
  const int32_t cells = g->batch * g->out_h * g->out_w;
  const int32_t panels = (cells + TR_XP_SPARSE_ROWS - 1) / TR_XP_SPARSE_ROWS;
  const int32_t k = g->kernel_h * g->kernel_w * g->in_c;
  const tr_xp_sparse s = {p->weight, p->start,       &p->requant, p->lut,       k,
                          g->out_c,  g->y_stride[1], panels,      fill_windows, &from};
  tr_xp_sparse_layer(&s, scratch);
}
