#include "tinyrig/pool.h"
#include "xpulp/xpulp_cell.h"
#include "xpulp/xpulp_finish.h"

/* The mean of the window whose corner is (top, left) in one channel's image. */
static int8_t window_mean(const tr_avgpool2d_s8_params *p, const int8_t *x, int32_t top,
                          int32_t left) {
  const tr_window *const g = &p->window;
  const tr_requant requant = {p->multiplier, 1,        p->shift, 0,
                              p->zero_point, INT8_MIN, INT8_MAX};
  int32_t sum = 0;
  int32_t count = 0;
  for (int32_t h = top < 0 ? 0 : top; h < top + g->kernel_h && h < g->in_h; h++) {
    for (int32_t v = left < 0 ? 0 : left; v < left + g->kernel_w && v < g->in_w; v++) {
      sum += x[h * g->x_stride[2] + v * g->x_stride[3]] - p->x_zero_point;
      count++;
    }
  }
  if (p->count_include_pad != 0) {
    count = g->kernel_h * g->kernel_w;
  }
  return (int8_t)tr_xp_finish_any(&requant, 0, sum, p->multiplier[count - 1]);
}

void tr_avgpool2d_s8__xpulp(const tr_avgpool2d_s8_params *p, const int8_t *x, int8_t *y,
                            void *scratch) {
  (void)scratch;
  const tr_window *const g = &p->window;
  /* Cells are few where a window is the whole image: cores share their channels. */
  const tr_share share = tr_cluster_share(g->batch * g->out_h * g->out_w * g->out_c);
  int32_t c = share.first % g->out_c;
  for (int32_t n = share.first; n < share.end; c = 0) {
    const tr_xp_cell cell = tr_xp_cell_of(g, n / g->out_c);
    int8_t *const to = tr_xp_cell_output(g, cell, y);
    for (; c < g->out_c && n < share.end; c++) {
      to[c * g->y_stride[1]] =
          window_mean(p, x + cell.image * g->x_stride[0] + c * g->x_stride[1],
                      cell.row * g->stride_h - g->pad_top,
                      cell.column * g->stride_w - g->pad_left);
      n++;
    }
  }
  tr_cluster_barrier();
}
