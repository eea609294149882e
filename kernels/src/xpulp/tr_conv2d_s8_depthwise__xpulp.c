#include "tinyrig/cluster.h"
#include "tinyrig/conv.h"
#include "tinyrig/xpulp_finish.h"

#define CELLS 4

/* A core's room: the window's rows of one channel side by side, outside cells filled in, and the
 * channel's weights in whole words, zeros behind each row. */
typedef struct {
  int8_t *line;
  int32_t width; /* bytes of a line */
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

/* Copies the window's rows of output row h; x is the channel's image. */
TR_NOINLINE void copy_lines(const tr_conv2d_s8_params *p, const room *r, const int8_t *x,
                            int32_t h) {
  const tr_window *const g = &p->window;
  const int32_t top = h * g->stride_h - g->pad_top;
  const int32_t step = g->x_stride[3];
  const int32_t end = g->pad_left + g->in_w < r->width ? g->pad_left + g->in_w : r->width;
  for (int32_t i = 0; i < g->kernel_h; i++) {
    const int is_inside = top + i >= 0 && top + i < g->in_h;
    const int8_t *from = is_inside ? x + (top + i) * g->x_stride[2] : x;
    int8_t *const to = r->line + i * r->width;
    const int32_t first = is_inside ? g->pad_left : 0;
    int32_t column = 0;
    for (; column < first; column++) {
      to[column] = (int8_t)p->x_zero_point;
    }
    TR_NO_UNROLL
    for (; is_inside && column < end; column++) {
      to[column] = *from;
      from += column < end - 1 ? step : 0;
    }
    for (; column < r->width; column++) {
      to[column] = (int8_t)p->x_zero_point;
    }
  }
}

/* sum[i] = start + the window of output cell i of four, the first at `line`. */
TR_INLINE void four_windows(const room *r, const int8_t *line, int32_t rows, int32_t step,
                            int32_t start, int32_t *sum) {
  const uint32_t *weight = r->weight;
  const int32_t back = r->width - 4 * r->words;
  int32_t s0 = start;
  int32_t s1 = start;
  int32_t s2 = start;
  int32_t s3 = start;
  TR_NO_UNROLL
  for (; rows > 0; rows--) {
    TR_NO_UNROLL
    for (int32_t left = r->words; left > 0; left--) {
      const uint32_t w = *weight++;
      s0 = tr_xp_sdotsp4(tr_xp_load(line), w, s0);
      s1 = tr_xp_sdotsp4(tr_xp_load(line + step), w, s1);
      s2 = tr_xp_sdotsp4(tr_xp_load(line + 2 * step), w, s2);
      s3 = tr_xp_sdotsp4(tr_xp_load(line + 3 * step), w, s3);
      line += 4;
    }
    line += rows > 1 ? back : 0;
  }
  sum[0] = s0;
  sum[1] = s1;
  sum[2] = s2;
  sum[3] = s3;
}

/* One output row of one channel. */
static void convolve_row(const tr_conv2d_s8_params *p, const room *r, int32_t channel,
                         int8_t *y) {
  const tr_window *const g = &p->window;
  const tr_requant form = p->requant;
  const int32_t multiplier = form.multiplier[channel * form.channel_step];
  const int32_t start = p->start[channel];
  for (int32_t v = 0; v < g->out_w; v += CELLS) {
    const int32_t cells = g->out_w - v < CELLS ? g->out_w - v : CELLS;
    int32_t sum[CELLS];
    four_windows(r, r->line + v * g->stride_w, g->kernel_h, g->stride_w, start, sum);
    for (int32_t i = 0; i < cells; i++) {
      y[(v + i) * g->y_stride[3]] =
          (int8_t)tr_xp_finish_any(&form, p->lut, sum[i], multiplier);
    }
  }
}

void tr_conv2d_s8_depthwise__xpulp(const tr_conv2d_s8_params *p, const int8_t *x, int8_t *y,
                                   void *scratch) {
  const tr_window *const g = &p->window;
  const int32_t lines = g->kernel_h * width_of(g);
  int8_t *const own = tr_cluster_scratch(scratch, lines + 4 * g->kernel_h * words_of(g));
  const room r = {own, width_of(g), (uint32_t *)(void *)(own + lines), words_of(g)};
  const tr_share share = tr_cluster_share(g->batch * g->out_c * g->out_h);
  int32_t packed = -1;
  for (int32_t n = share.first; n < share.end; n++) {
    const int32_t image = n / g->out_h;
    const int32_t h = n - image * g->out_h;
    const int32_t b = image / g->out_c;
    const int32_t channel = image - b * g->out_c;
    if (packed != channel) {
      pack_weights(p, &r, channel);
      packed = channel;
    }
    copy_lines(p, &r, x + b * g->x_stride[0] + channel * g->x_stride[1], h);
    convolve_row(p, &r, channel,
                 y + b * g->y_stride[0] + channel * g->y_stride[1] + h * g->y_stride[2]);
  }
  tr_cluster_barrier();
}
