#include "common/window_part.h"
#include "tinyrig/pool.h"
#include "xpulp/xpulp.h"
#include "xpulp/xpulp_cell.h"

/* The largest of one channel, and of four that lie side by side. */
TR_INLINE int8_t largest(const tr_window *g, const tr_window_part *w, int32_t channel) {
  int32_t most = INT8_MIN;
  for (int32_t h = 0; h < w->rows; h++) {
    for (int32_t v = 0; v < w->columns; v++) {
      most = tr_xp_max(most, w->first[channel + h * g->x_stride[2] + v * g->x_stride[3]]);
    }
  }
  return (int8_t)most;
}

TR_INLINE uint32_t largest4(const tr_window *g, const tr_window_part *w, int32_t channel) {
  uint32_t most = 0x80808080U;
  for (int32_t h = 0; h < w->rows; h++) {
    for (int32_t v = 0; v < w->columns; v++) {
      const int8_t *const from = w->first + channel + h * g->x_stride[2] + v * g->x_stride[3];
      most = tr_xp_max4(most, tr_xp_load(from));
    }
  }
  return most;
}

TR_NOINLINE void pool_cell(const tr_window *g, const tr_window_part *w, int8_t *y) {
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
    const tr_window_part w =
        tr_window_part_of(g, x + cell.image * g->x_stride[0], cell.row, cell.column);
    pool_cell(g, &w, tr_xp_cell_output(g, cell, y));
  }
  tr_cluster_barrier();
}
