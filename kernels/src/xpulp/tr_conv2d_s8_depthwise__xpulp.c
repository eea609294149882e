#include "tinyrig/cluster.h"
#include "tinyrig/conv.h"
#include "xpulp/xpulp_finish.h"

#define CELLS 4

/* A core's room: the window's rows of one channel, each a line with outside cells filled in, and
 * the channel's weights in whole words, zeros behind each row. The lines are a ring: the next
 * window down keeps those it shares with this one. */
typedef struct {
  int8_t *line;
  int32_t width; /* bytes of a line */
  int32_t first; /* which line is the window's top row */
  uint32_t *weight;
  int32_t words; /* of a row of weights */
} room;

static int32_t words_of(const tr_window *g) { return (g->kernel_w + 3) / 4; }

static int32_t width_of(const tr_window *g) {
  const int32_t cells = (g->out_w + CELLS - 1) / CELLS * CELLS;
  return ((cells - 1) * g->stride_w + 3) / 4 * 4 + 4 * words_of(g);
}

TR_NOINLINE void pack_weights(const tr_conv2d_s8_params *p, const room *r, int32_t channel) {
  const tr_window *const g = &p->window;
  const int32_t size = g->kernel_h * g->kernel_w;
  const int8_t *from = p->weight + channel * size;
  uint32_t *to = r->weight;
  for (int32_t h = 0; h < g->kernel_h; h++) {
    for (int32_t v = 0; v < 4 * r->words; v += 4) {
      int32_t byte[4];
      for (int32_t i = 0; i < 4; i++) {
        byte[i] = v + i < g->kernel_w ? from[v + i] : 0;
      }
      *to++ = tr_xp_pack4(byte[0], byte[1], byte[2], byte[3]);
    }
    from += g->kernel_w;
  }
}

/* The line of the window's row i, 0 <= i < kernel_h. */
TR_INLINE int8_t *line_of(const tr_conv2d_s8_params *p, const room *r, int32_t i) {
  const int32_t n = r->first + i;
  return r->line + (n < p->window.kernel_h ? n : n - p->window.kernel_h) * r->width;
}

TR_NOINLINE void fill(int8_t *to, int32_t bytes, int32_t value) {
  TR_NO_UNROLL
  for (; bytes > 0; bytes--) {
    *to++ = (int8_t)value;
  }
}

/* Copies a row of a channel's image between a line's outside cells, or outside cells where `from`
 * is 0. */
TR_NOINLINE void copy_line(const tr_conv2d_s8_params *p, const room *r, const int8_t *from,
                           int8_t *line) {
  const tr_window *const g = &p->window;
  const int32_t step = g->x_stride[3];
  const int32_t seen = r->width - g->pad_left;
  int32_t left = g->in_w < seen ? g->in_w : seen;
  int8_t *to = line + g->pad_left;
  if (from == 0) {
    fill(to, left, p->x_zero_point);
    return;
  }
  TR_NO_UNROLL
  for (; left > CELLS; left -= CELLS) {
    const int8_t *const second = from + step;
    const int8_t *const third = second + step;
    const int8_t *const fourth = third + step;
    tr_xp_store(to, tr_xp_pack4(*from, *second, *third, *fourth));
    from = fourth + step;
    to += CELLS;
  }
  for (;;) {
    *to++ = *from;
    left--;
    if (left <= 0) {
      break;
    }
    from += step;
  }
}

/* Copies the rows from `kept` on of the window of output row h; x is the channel's image. */
static void copy_lines(const tr_conv2d_s8_params *p, const room *r, const int8_t *x, int32_t h,
                       int32_t kept) {
  const tr_window *const g = &p->window;
  const int32_t top = h * g->stride_h - g->pad_top;
  for (int32_t i = kept; i < g->kernel_h; i++) {
    const int is_inside = top + i >= 0 && top + i < g->in_h;
    copy_line(p, r, is_inside ? x + (top + i) * g->x_stride[2] : 0, line_of(p, r, i));
  }
}

/* sum[i] += one row of weights times output cell i of four, the first at `line`. */
TR_INLINE void four_cells(const int8_t *line, int32_t step, uint32_t weight, int32_t *sum) {
  sum[0] = tr_xp_sdotsp4(tr_xp_load(line), weight, sum[0]);
  sum[1] = tr_xp_sdotsp4(tr_xp_load(line + step), weight, sum[1]);
  sum[2] = tr_xp_sdotsp4(tr_xp_load(line + 2 * step), weight, sum[2]);
  sum[3] = tr_xp_sdotsp4(tr_xp_load(line + 3 * step), weight, sum[3]);
}

/* sum[i] = start + the window of output cell i of four, the first in column `left`. */
TR_INLINE void four_windows(const tr_conv2d_s8_params *p, const room *r, int32_t left,
                            int32_t start, int32_t *sum) {
  const uint32_t *weight = r->weight;
  sum[0] = sum[1] = sum[2] = sum[3] = start;
  TR_NO_UNROLL
  for (int32_t i = 0; i < p->window.kernel_h; i++) {
    const int8_t *line = line_of(p, r, i) + left;
    TR_NO_UNROLL
    for (int32_t k = 0; k < r->words; k++, line += 4) {
      four_cells(line, p->window.stride_w, *weight++, sum);
    }
  }
}

/* How the sums of a row become its outputs: copies, as a store of bytes may touch any struct. */
typedef struct {
  const tr_conv2d_s8_params *p;
  const int8_t *lut;
  int32_t multiplier;
  int32_t step;    /* between outputs */
  int32_t is_high; /* a high multiply and a saturation are enough */
} row_end;

TR_NOINLINE int32_t finish_rare(const row_end *e, int32_t sum) {
  return tr_xp_finish_any(&e->p->requant, e->lut, sum, e->multiplier);
}

/* Writes up to four cells. */
TR_NOINLINE void finish(const row_end *e, const int32_t *sum, int32_t cells, int8_t *y) {
  for (int32_t i = 0; i < CELLS && i < cells; i++) {
    *y = e->is_high != 0 ? tr_lookup(e->lut, (int8_t)tr_xp_finish_high(sum[i], e->multiplier))
                         : (int8_t)finish_rare(e, sum[i]);
    y += e->step;
  }
}

/* sum[i] += one row of `words` words of weights times the cell i bytes behind `line`. */
TR_INLINE void four_in_a_row(const int8_t *line, const uint32_t *weight, int32_t words,
                             int32_t *sum) {
  four_cells(line, 1, weight[0], sum);
  if (words > 1) {
    four_cells(line + 4, 1, weight[1], sum);
  }
}

/* One output row of one channel: windows of three rows of `words` words that follow each other
 * byte by byte, whose weights stay in registers. */
TR_INLINE void convolve_row_of_3(const tr_conv2d_s8_params *p, const room *r, int32_t words,
                                 int32_t start, const row_end *e, int8_t *y) {
  const int8_t *above = line_of(p, r, 0);
  const int8_t *at = line_of(p, r, 1);
  const int8_t *below = line_of(p, r, 2);
  const uint32_t *const from = r->weight;
  const uint32_t first[2] = {from[0], from[words - 1]};
  const uint32_t second[2] = {from[words], from[2 * words - 1]};
  const uint32_t third[2] = {from[2 * words], from[3 * words - 1]};
  const int32_t multiplier = e->multiplier;
  const int32_t step = e->step;
  int32_t left = p->window.out_w;
  TR_NO_UNROLL
  for (; left > 0; left -= CELLS) {
    int32_t sum[CELLS] = {start, start, start, start};
    four_in_a_row(above, first, words, sum);
    four_in_a_row(at, second, words, sum);
    four_in_a_row(below, third, words, sum);
    if (left < CELLS) {
      const int32_t rest[CELLS] = {sum[0], sum[1], sum[2], sum[3]};
      finish(e, rest, left, y);
      break;
    }
    y[0] = (int8_t)tr_xp_finish_high(sum[0], multiplier);
    y[step] = (int8_t)tr_xp_finish_high(sum[1], multiplier);
    y[2 * step] = (int8_t)tr_xp_finish_high(sum[2], multiplier);
    y[3 * step] = (int8_t)tr_xp_finish_high(sum[3], multiplier);
    y += 4 * step;
    above += CELLS;
    at += CELLS;
    below += CELLS;
  }
}

/* One output row of one channel. */
static void convolve_row(const room *r, int32_t start, const row_end *e, int8_t *y) {
  const tr_conv2d_s8_params *const p = e->p;
  const tr_window *const g = &p->window;
  if (g->kernel_h == 3 && r->words <= 2 && g->stride_w == 1 && e->is_high != 0 && e->lut == 0) {
    if (r->words == 2) {
      convolve_row_of_3(p, r, 2, start, e, y);
    } else {
      convolve_row_of_3(p, r, 1, start, e, y);
    }
    return;
  }
  TR_NO_UNROLL
  for (int32_t v = 0; v < g->out_w; v += CELLS) {
    int32_t sum[CELLS];
    four_windows(p, r, v * g->stride_w, start, sum);
    finish(e, sum, g->out_w - v, y + v * e->step);
  }
}

void tr_conv2d_s8_depthwise__xpulp(const tr_conv2d_s8_params *p, const int8_t *x, int8_t *y,
                                   void *scratch) {
  const tr_window *const g = &p->window;
  const tr_requant *const q = &p->requant;
  const int32_t lines = g->kernel_h * width_of(g);
  int8_t *const own = tr_cluster_scratch(scratch, lines + 4 * g->kernel_h * words_of(g));
  room r = {own, width_of(g), 0, (uint32_t *)(void *)(own + lines), words_of(g)};
  row_end e = {p, p->lut, 0, g->y_stride[3],
               q->narrow != 0 && q->lo == INT8_MIN && q->hi == INT8_MAX};
  const tr_share share = tr_cluster_share(g->batch * g->out_c * g->out_h);
  int32_t image = share.first / g->out_h;
  int32_t h = share.first - image * g->out_h;
  int32_t kept = 0; /* rows of the window that the one before had too */
  int32_t start = 0;
  const int8_t *from = x;
  int8_t *to = y;
  fill(own, lines, p->x_zero_point);
  for (int32_t n = share.first; n < share.end; n++, h++) {
    if (h == g->out_h) {
      image++;
      h = 0;
      kept = 0;
    }
    if (h == 0 || n == share.first) {
      const int32_t b = image / g->out_c;
      const int32_t channel = image - b * g->out_c;
      pack_weights(p, &r, channel);
      r.first = 0;
      e.multiplier = q->multiplier[channel * q->channel_step];
      start = p->start[channel];
      from = x + b * g->x_stride[0] + channel * g->x_stride[1];
      to = y + b * g->y_stride[0] + channel * g->y_stride[1];
    }
    copy_lines(p, &r, from, h, kept);
    convolve_row(&r, start, &e, to + h * g->y_stride[2]);
    kept = g->stride_h < g->kernel_h ? g->kernel_h - g->stride_h : 0;
    r.first += kept != 0 ? g->stride_h : 0;
    r.first -= r.first >= g->kernel_h ? g->kernel_h : 0;
  }
  tr_cluster_barrier();
}
