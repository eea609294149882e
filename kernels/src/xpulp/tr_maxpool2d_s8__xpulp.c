#include "tinyrig/pool.h"
#include "tinyrig/xpulp.h"
#include "tinyrig/xpulp_cell.h"

/* The part of a window inside the image; cell is its first. */
typedef struct {
  const int8_t *cell;
  int32_t rows;
  int32_t columns;
} inside;

TR_INLINE int32_t within(int32_t start, int32_t length, int32_t limit, int32_t *first) {
  const int32_t end = start + length < limit ? start + length : limit;
  *first = start < 0 ? 0 : start;
  return end - *first;
}

/* The largest of one channel, and of four that lie side by side. */
TR_INLINE int8_t largest(const tr_window *g, const inside *w, int32_t channel) {
  int32_t most = INT8_MIN;
  for (int32_t h = 0; h < w->rows; h++) {
    for (int32_t v = 0; v < w->columns; v++) {
      most = tr_xp_max(most, w->cell[channel + h * g->x_stride[2] + v * g->x_stride[3]]);
    }
  }
  return (int8_t)most;
}

TR_INLINE uint32_t largest4(const tr_window *g, const inside *w, int32_t channel) {
  uint32_t most = 0x80808080U;
  for (int32_t h = 0; h < w->rows; h++) {
    for (int32_t v = 0; v < w->columns; v++) {
      const int8_t *const from = w->cell + channel + h * g->x_stride[2] + v * g->x_stride[3];
      most = tr_xp_max4(most, tr_xp_load(from));
    }
  }
  return most;
}

TR_NOINLINE void pool_cell(const tr_window *g, const inside *w, int8_t *y) {
  int32_t c = 0;
  if (g->x_stride[1] == 1) {
    for (; c + 4 <= g->out_c; c += 4) {
      const uint32_t most = largest4(g, w, c);
      for (int i = 0; i < 4; i++) {
        y[(c + i) * g->y_stride[1]] = (int8_t)tr_xp_byte(most, i);
      }
    }
  }
  for (; c < g->out_c; c++) {
    y[c * g->y_stride[1]] = largest(g, w, c * g->x_stride[1]);
  }
}

void tr_maxpool2d_s8__xpulp(const tr_maxpool2d_s8_params *p, const int8_t *x, int8_t *y,
                            void *scratch) {
  (void)scratch;
  const tr_window *const g = &p->window;
  const tr_share share = tr_xp_cells(g);
  for (int32_t n = share.first; n < share.end; n++) {
    const tr_xp_cell cell = tr_xp_cell_of(g, n);
    int32_t top;
    int32_t left;
    inside w;
    w.rows = within(cell.row * g->stride_h - g->pad_top, g->kernel_h, g->in_h, &top);
    w.columns = within(cell.column * g->stride_w - g->pad_left, g->kernel_w, g->in_w, &left);
    w.cell = x + cell.image * g->x_stride[0] + top * g->x_stride[2] + left * g->x_stride[3];
    pool_cell(g, &w, tr_xp_cell_output(g, cell, y));
  }
  tr_cluster_barrier();
}
