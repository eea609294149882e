#include "arm/finish.h"
#include "arm/paired_windows.h"
#include "common/dsp.h"
#include "tinyrig/conv.h"

#define CELLS 2

/* A group at a time. The windows of two cells are gathered as pairs of 16 bits and multiplied by
 * all outputs of the group, whose start values, multipliers and pairs of weights stand together. */
typedef struct {
  const tr_conv2d_s8_params *p;
  int32_t depth;   /* channels that a group reads */
  int32_t outputs; /* and makes */
  int32_t taps;
  int32_t pairs;
  int plain;         /* a high multiply and a saturation make an output */
  int32_t *offset;   /* of each tap from the window's corner; an odd last one twice */
  uint32_t *windows; /* [pair][cell] */
  int32_t *channels;
} grouped;

/* A window that is not all inside the image, where the zero point stands for what is outside:
 * values are read where they are taken for, but for those of outside. */
TR_NOINLINE void gather_edge(const grouped *s, const int8_t *x, int32_t top, int32_t left,
                             uint32_t *to) {
  const tr_window *const g = &s->p->window;
  const int32_t corner = top * g->x_stride[2] + left * g->x_stride[3];
  const uint32_t zero = (uint32_t)s->p->x_zero_point;
  const int32_t *offset = s->offset;
  uint32_t low = 0;
  int32_t until = s->depth;
  int32_t row = top;
  int32_t column = left;
  TR_NO_UNROLL
  for (int32_t tap = 0; tap < s->taps; tap++) {
    const int inside = (uint32_t)row < (uint32_t)g->in_h && (uint32_t)column < (uint32_t)g->in_w;
    const uint32_t value = inside ? (uint32_t)x[corner + *offset] : zero;
    offset++;
    if (tap % 2 == 0) {
      low = value;
    } else {
      *to = tr_low_halves(low, value);
      to += CELLS;
    }
    if (--until == 0) {
      until = s->depth;
      if (++column == left + g->kernel_w) {
        column = left;
        row++;
      }
    }
  }
  if (s->taps % 2 != 0) {
    *to = tr_low_halves(low, 0);
  }
}

/* The window whose corner is (top, left), as the pairs of one cell. */
TR_NOINLINE void gather(const grouped *s, const int8_t *x, int32_t top, int32_t left,
                        uint32_t *to) {
  const tr_window *const g = &s->p->window;
  if (top >= 0 && left >= 0 && top + g->kernel_h <= g->in_h && left + g->kernel_w <= g->in_w) {
    const int8_t *const from = x + top * g->x_stride[2] + left * g->x_stride[3];
    const int32_t *offset = s->offset;
    TR_NO_UNROLL
    for (int32_t i = s->pairs; i > 0; i--) {
      *to = tr_pair(from[offset[0]], from[offset[1]]);
      to += CELLS;
      offset += 2;
    }
    return;
  }
  gather_edge(s, x, top, left, to);
}

/* Two cells of a group, the second `step` bytes from the first. */
TR_NOINLINE void multiply(const grouped *s, int8_t *y, int32_t step) {
  const tr_conv2d_s8_params *const p = s->p;
  const int plain = s->plain;
  const int32_t *w = s->channels;
  TR_NO_UNROLL
  for (int32_t o = s->outputs; o > 0; o--) {
    const uint32_t *x = s->windows;
    const int32_t multiplier = w[1];
    int32_t one = w[0];
    int32_t two = w[0];
    w += 2;
    TR_NO_UNROLL
    for (const int32_t *const end = w + s->pairs; w != end; w++) {
      one = tr_dot2(x[0], (uint32_t)*w, one);
      two = tr_dot2(x[1], (uint32_t)*w, two);
      x += CELLS;
    }
    if (plain) {
      y[0] = (int8_t)tr_finish_narrow(one, multiplier);
      y[step] = (int8_t)tr_finish_narrow(two, multiplier);
    } else {
      y[0] = (int8_t)tr_finish(&p->requant, p->lut, one, multiplier);
      y[step] = (int8_t)tr_finish(&p->requant, p->lut, two, multiplier);
    }
    y += p->window.y_stride[1];
  }
}

/* A line of outputs of a group; an odd last cell is both of its two. */
static void line(const grouped *s, const int8_t *x, int8_t *y, int32_t h) {
  const tr_window *const g = &s->p->window;
  const int32_t top = h * g->stride_h - g->pad_top;
  for (int32_t v = 0; v < g->out_w; v += CELLS) {
    const int32_t other = v + 1 < g->out_w ? 1 : 0;
    const int32_t left = v * g->stride_w - g->pad_left;
    gather(s, x, top, left, s->windows);
    gather(s, x, top, left + other * g->stride_w, s->windows + 1);
    multiply(s, y + h * g->y_stride[2] + v * g->y_stride[3], other * g->y_stride[3]);
  }
}

void tr_conv2d_s8_grouped__m4(const tr_conv2d_s8_params *p, const int8_t *x, int8_t *y,
                              void *scratch) {
  const tr_window *const g = &p->window;
  grouped s;
  s.p = p;
  s.depth = g->in_c / p->groups;
  s.outputs = g->out_c / p->groups;
  s.taps = g->kernel_h * g->kernel_w * s.depth;
  s.pairs = (s.taps + 1) / 2;
  s.plain = tr_finish_is_plain(&p->requant, p->lut);
  s.offset = scratch;
  s.windows = (uint32_t *)(void *)(s.offset + 2 * s.pairs);
  s.channels = (int32_t *)(void *)(s.windows + CELLS * s.pairs);
  tr_plan_taps(g, s.depth, s.offset);
  for (int32_t i = 0; i < p->groups; i++) {
    tr_plan_channels(p, s.taps, i * s.outputs, s.outputs, s.channels);
    const int8_t *const from = x + i * s.depth * g->x_stride[1];
    int8_t *const to = y + i * s.outputs * g->y_stride[1];
    for (int32_t b = 0; b < g->batch; b++) {
      for (int32_t h = 0; h < g->out_h; h++) {
        line(&s, from + b * g->x_stride[0], to + b * g->y_stride[0], h);
      }
    }
  }
}
