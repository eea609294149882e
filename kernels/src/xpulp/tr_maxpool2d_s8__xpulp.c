#include "tinyrig/cluster.h"
#include "tinyrig/pool.h"
#include "tinyrig/xpulp.h"

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
  const tr_share share = tr_cluster_share(g->batch * g->out_h * g->out_w);
  for (int32_t n = share.first; n < share.end; n++) {
    const int32_t row = n / g->out_w;
    const int32_t v = n - row * g->out_w;
    const int32_t b = row / g->out_h;
    const int32_t h = row - b * g->out_h;
    int32_t top;
    int32_t left;
    inside w;
    w.rows = within(h * g->stride_h - g->pad_top, g->kernel_h, g->in_h, &top);
    w.columns = within(v * g->stride_w - g->pad_left, g->kernel_w, g->in_w, &left);
    w.cell = x + b * g->x_stride[0] + top * g->x_stride[2] + left * g->x_stride[3];
    pool_cell(g, &w, y + b * g->y_stride[0] + h * g->y_stride[2] + v * g->y_stride[3]);
  }
  tr_cluster_barrier();
}
