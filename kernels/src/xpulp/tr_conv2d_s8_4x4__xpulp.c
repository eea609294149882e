#include "tinyrig/conv.h"
#include "xpulp/xpulp_dense.h"
#include "xpulp/xpulp_gather.h"

#define CELLS 4
#define FEW 64   /* tiles of cells, of which cores may leave some idle */
#define SMALL 16 /* bytes of a window of which many are copied for one call */

/* How many windows are copied for one call: the fewer their bytes, the more it takes to begin. */
static int32_t copied(int32_t k) { return k <= SMALL ? 8 * CELLS : CELLS; }

/* Copies the cells of one window row that begins at column `left`; w is the image's row. */
TR_INLINE int8_t *copy_row(const tr_conv2d_s8_params *p, const int8_t *row, int32_t left,
                           int8_t *to) {
  const tr_window *const g = &p->window;
  for (int32_t v = left; v < left + g->kernel_w; v++) {
    const int is_inside = row != 0 && v >= 0 && v < g->in_w;
    const int8_t *const cell = is_inside ? row + v * g->x_stride[3] : 0;
    int32_t c = 0;
    if (cell != 0 && g->x_stride[1] == 1) {
      TR_NO_UNROLL
      for (; c + 4 <= g->in_c; c += 4) {
        tr_xp_store(to + c, tr_xp_load(cell + c));
      }
    }
    TR_NO_UNROLL
    for (; c < g->in_c; c++) {
      to[c] = cell != 0 ? cell[c * g->x_stride[1]] : (int8_t)p->x_zero_point;
    }
    to += g->in_c;
  }
  return to;
}

/* The window of the output cell (h, v) of one image, as a row of bytes. */
TR_NOINLINE void copy_window(const tr_conv2d_s8_params *p, const int8_t *x, int32_t h, int32_t v,
                             int8_t *to) {
  const tr_window *const g = &p->window;
  const int32_t top = h * g->stride_h - g->pad_top;
  const int32_t left = v * g->stride_w - g->pad_left;
  for (int32_t i = top; i < top + g->kernel_h; i++) {
    to = copy_row(p, i >= 0 && i < g->in_h ? x + i * g->x_stride[2] : 0, left, to);
  }
}

/* What the calls of one core share. */
typedef struct {
  const tr_conv2d_s8_params *p;
  const int8_t *weight;
  int8_t *patch;
  int32_t k;   /* bytes of a window */
  int32_t row; /* bytes of its copy and of a row of weights */
  int in_place; /* windows are cells whose channels lie side by side */
} windows;

/* Some output cells of one row times some output channels. */
static void convolve(const windows *w, const int8_t *x, int8_t *y, int32_t h, int32_t v,
                     int32_t cells, tr_share channels) {
  const tr_conv2d_s8_params *const p = w->p;
  const tr_window *const g = &p->window;
  tr_xp_dense d = {w->patch,
                   w->weight,
                   y + h * g->y_stride[2] + v * g->y_stride[3],
                   0,
                   p->start,
                   &p->requant,
                   p->lut,
                   w->row,
                   w->row,
                   g->y_stride[3],
                   g->y_stride[1],
                   w->row};
  if (w->in_place) {
    d.x = x + h * g->stride_h * g->x_stride[2] + v * g->stride_w * g->x_stride[3];
    d.x_row = g->stride_w * g->x_stride[3];
  } else {
    for (int32_t i = 0; i < cells; i++) {
      copy_window(p, x, h, v + i, w->patch + i * w->row);
    }
  }
  const tr_xp_part part = {{0, cells}, channels};
  tr_xp_dense_part(&d, part);
}

/* Rows of fewer than four bytes are widened: weights by zeros, so that it does not matter what
 * stands behind a window. */
static void widen(windows *w, int8_t *room) {
  if (w->k < CELLS) {
    for (int32_t i = 0; i < CELLS * copied(w->k); i++) {
      w->patch[i] = 0;
    }
    tr_xp_gather(room, CELLS, w->weight, w->k, 1, w->p->window.out_c, w->k);
    w->weight = room;
    w->row = CELLS;
    w->in_place = 0;
  }
}

/* Whether the cells of an image are windows that lie side by side, and so do its outputs: they are
 * one row then, whose end alone makes no whole tile. */
static int are_one_row(const windows *w) {
  const tr_window *const g = &w->p->window;
  return w->in_place != 0 && g->stride_h == 1 && g->stride_w == 1 &&
         g->x_stride[2] == g->out_w * g->x_stride[3] && g->y_stride[2] == g->out_w * g->y_stride[3];
}

void tr_conv2d_s8_4x4__xpulp(const tr_conv2d_s8_params *p, const int8_t *x, int8_t *y,
                             void *scratch) {
  const tr_window *const g = &p->window;
  const int32_t k = g->kernel_h * g->kernel_w * g->in_c;
  const int32_t patches = copied(k) * ((k + 3) / 4 * 4);
  int8_t *const own = tr_cluster_scratch(scratch, patches + (k < CELLS ? CELLS * g->out_c : 0));
  windows w = {p, p->weight, own, k, k,
               g->kernel_h * g->kernel_w == 1 && g->x_stride[1] == 1 && g->pad_top == 0 &&
                   g->pad_left == 0 && (g->out_h - 1) * g->stride_h < g->in_h &&
                   (g->out_w - 1) * g->stride_w < g->in_w};
  widen(&w, own + patches);
  const int32_t bits = tr_cluster_bits();
  const int32_t core = (int32_t)tr_cluster_core();
  const int one_row = are_one_row(&w);
  const int32_t rows = one_row != 0 ? 1 : g->out_h;
  const int32_t width = one_row != 0 ? g->out_h * g->out_w : g->out_w;
  /* Cells of one call, or, where rows are one, those that a share is counted in. */
  const int32_t most = one_row == 0 && w.in_place != 0 ? width : copied(k);
  const int32_t pieces = (width + most - 1) / most;
  const int32_t all = g->batch * rows * pieces;
  int32_t across = 0; /* where cells are few, cores share them and cut the channels */
  while (across < bits && all << across < 1 << bits) {
    across++;
  }
  /* So they do where whole tiles would leave some of them idle. */
  while (one_row != 0 && across < bits && all < FEW && (all & ((1 << (bits - across)) - 1)) != 0) {
    across++;
  }
  const tr_share share = tr_share_of(all, core >> across, bits - across);
  const tr_share channels = tr_xp_tiles_of(g->out_c, core & ((1 << across) - 1), across);
  for (int32_t n = share.first; n < share.end;) {
    const int32_t row = n / pieces;
    const int32_t piece = n - row * pieces;
    const int32_t b = row / rows;
    int32_t taken = 1;
    if (one_row != 0) {
      taken = share.end - n < pieces - piece ? share.end - n : pieces - piece;
    }
    const int32_t v = piece * most;
    const int32_t cells = width - v < taken * most ? width - v : taken * most;
    convolve(&w, x + b * g->x_stride[0], y + b * g->y_stride[0], row - b * rows, v, cells,
             channels);
    n += taken;
  }
  tr_cluster_barrier();
}
