/* Depthwise 3x3 by pairs of rows. The image is walked along its longer axis, in lines; two lines of
 * it are interleaved once, as pairs of int16, into a strip [column][4 channels][2 slots]: its two
 * slots are a ring of two pair lines, the older A, the younger B. From both come two lines of
 * outputs at stride 1, of which the second begins one line lower, and one at stride 2.
 *
 * Constants of a channel, a word each: start, multiplier, Q2, P0, P1, P2, Q0, Q1. Of column j of the
 * window P has the weights of lines 0 (low half) and 1, Q those of lines 1 and 2; columns and lines
 * are those of the walk (pack "depthwise3"). */
#ifndef TINYRIG_DEPTHWISE_3X3_H
#define TINYRIG_DEPTHWISE_3X3_H

#include "arm/finish.h"
#include "tinyrig/conv.h"

#define TR_DEPTHWISE_CHANNELS 4
#define TR_DEPTHWISE_COLUMN 8    /* words of a column of the strip */
#define TR_DEPTHWISE_CONSTANTS 8 /* words of a channel */
#define TR_DEPTHWISE_SPARE 68    /* bytes behind the strip that a text may touch */

/* An image along its walk. `place` and `into` are what a column (0) and a line (1) move by in x
 * and y. */
typedef struct {
  int32_t length; /* of a line of outputs */
  int32_t lines;
  int32_t in_length;
  int32_t in_lines;
  int32_t pad;
  int32_t pad_lines;
  int32_t place[2];
  int32_t into[2];
} tr_walk;

TR_INLINE tr_walk tr_walk_of(const tr_window *g) {
  if (g->out_h > g->out_w) {
    const tr_walk down = {g->out_h,
                          g->out_w,
                          g->in_h,
                          g->in_w,
                          g->pad_top,
                          g->pad_left,
                          {g->x_stride[2], g->x_stride[3]},
                          {g->y_stride[2], g->y_stride[3]}};
    return down;
  }
  const tr_walk along = {g->out_w,
                         g->out_h,
                         g->in_w,
                         g->in_h,
                         g->pad_left,
                         g->pad_top,
                         {g->x_stride[3], g->x_stride[2]},
                         {g->y_stride[3], g->y_stride[2]}};
  return along;
}

/* What the lines of four channels share. */
typedef struct {
  const tr_conv2d_s8_params *p;
  tr_walk walk;
  int32_t stride;
  int32_t outputs; /* lines of them from A and B */
  int32_t columns; /* of the strip */
  int32_t plain;
  uint32_t *strip;
  int8_t *out;   /* [output][lines of them][4 channels] */
  int32_t *sums; /* of a channel, [output][lines of them], unless plain */
} tr_depthwise;

/* Interleaves `count` columns of two lines, the bytes of four channels each, into a slot. */
TR_NOINLINE void tr_depthwise_interleave(uint32_t *to, const int8_t *upper, int32_t upper_step,
                                         const int8_t *lower, int32_t lower_step, int32_t count) {
  TR_NO_UNROLL
  for (; count > 0; count--) {
    const uint32_t a = tr_load4(upper);
    const uint32_t b = tr_load4(lower);
    const uint32_t a_even = tr_even_bytes(a);
    const uint32_t a_odd = tr_odd_bytes(a);
    const uint32_t b_even = tr_even_bytes(b);
    const uint32_t b_odd = tr_odd_bytes(b);
    to[0] = tr_low_halves(a_even, b_even);
    to[2] = tr_low_halves(a_odd, b_odd);
    to[4] = tr_high_halves(a_even, b_even);
    to[6] = tr_high_halves(a_odd, b_odd);
    upper += upper_step;
    lower += lower_step;
    to += TR_DEPTHWISE_COLUMN;
  }
}

/* Lines `top` and the one below of the image at x become the pairs of a slot. */
TR_NOINLINE void tr_depthwise_pair_lines(const tr_depthwise *d, const int8_t *x, int32_t top,
                                         int32_t slot) {
  const tr_walk *const w = &d->walk;
  const int8_t zero = (int8_t)d->p->x_zero_point;
  const int8_t outside[TR_DEPTHWISE_CHANNELS] = {zero, zero, zero, zero};
  const int upper = top >= 0 && top < w->in_lines;
  const int lower = top + 1 >= 0 && top + 1 < w->in_lines;
  const int32_t rest = d->columns - w->pad;
  tr_depthwise_interleave(d->strip + w->pad * TR_DEPTHWISE_COLUMN + slot,
                          upper ? x + top * w->place[1] : outside, upper ? w->place[0] : 0,
                          lower ? x + (top + 1) * w->place[1] : outside,
                          lower ? w->place[0] : 0, rest < w->in_length ? rest : w->in_length);
}

/* The columns outside the image, which no line changes. */
TR_NOINLINE void tr_depthwise_surround(const tr_depthwise *d) {
  const uint32_t zeros = tr_pair(d->p->x_zero_point, d->p->x_zero_point);
  const int32_t first = d->walk.pad + d->walk.in_length;
  for (int32_t i = 0; i < d->walk.pad * TR_DEPTHWISE_COLUMN; i++) {
    d->strip[i] = zeros;
  }
  for (int32_t i = first * TR_DEPTHWISE_COLUMN; i < d->columns * TR_DEPTHWISE_COLUMN; i++) {
    d->strip[i] = zeros;
  }
}

/* `count` words of four channels to where they belong; `next` words apart. */
TR_NOINLINE void tr_depthwise_store(const int8_t *from, int32_t next, int8_t *y, int32_t step,
                                    int32_t count) {
  TR_NO_UNROLL
  for (; count > 0; count--) {
    tr_store4(y, tr_load4(from));
    from += next;
    y += step;
  }
}

#if defined(__ARM_FEATURE_DSP)

/* r7 may be the frame pointer, so it is saved here. */
#define TR_DEPTHWISE_CALL(text)                                                            \
  __asm__ volatile("push {r7}\n\t" text "pop {r7}\n\t"                                     \
                   : "+&r"(from), "+&r"(to), "+&r"(constants), "+&r"(end)                  \
                   :                                                                       \
                   : "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "s0", "s1",  \
                     "s2", "s3", "cc", "memory")

#define TR_DEPTHWISE_SETUP "vmov s3, r3\n\tvldmia r2!, {s0-s2}\n\tldm r2, {r3-r7}\n\t"

#include "arm/depthwise_rows.h"

/* A line or two of outputs of one channel, from its pairs; `slot` is that of A, `last` where the
 * outputs of the text's loop end. */
#define TR_DEPTHWISE_ROW(name, text, kind)                                          \
  TR_NOINLINE void name(const uint32_t *pairs, const int32_t *channel, void *first, \
                        void *last, int32_t slot) {                                 \
    register const uint32_t *from __asm__("r0") = pairs;                            \
    register void *to __asm__("r1") = first;                                        \
    register const int32_t *constants __asm__("r2") = channel;                      \
    register void *end __asm__("r3") = last;                                        \
    if (slot == 0) {                                                                \
      TR_DEPTHWISE_CALL(text(kind, 0));                                             \
    } else {                                                                        \
      TR_DEPTHWISE_CALL(text(kind, 1));                                             \
    }                                                                               \
  }

TR_DEPTHWISE_ROW(tr_depthwise_two_lines, TR_TWO_LINES, BYTES)
TR_DEPTHWISE_ROW(tr_depthwise_two_sums, TR_TWO_LINES, SUMS)
TR_DEPTHWISE_ROW(tr_depthwise_line, TR_ONE_LINE, BYTES)
TR_DEPTHWISE_ROW(tr_depthwise_line_sums, TR_ONE_LINE, SUMS)

/* The sums of a channel, or its outputs where nothing but a high multiply makes them. */
TR_INLINE void tr_depthwise_row(const tr_depthwise *d, const uint32_t *pairs,
                                const int32_t *channel, int8_t *out, int32_t slot) {
  const int32_t looped = 8 * (d->walk.length - 2);
  if (d->stride == 1 && d->plain) {
    tr_depthwise_two_lines(pairs, channel, out, out + looped, slot);
  } else if (d->stride == 1) {
    tr_depthwise_two_sums(pairs, channel, d->sums, (int8_t *)d->sums + looped, slot);
  } else if (d->plain) {
    tr_depthwise_line(pairs, channel, out, out + 4 * d->walk.length, slot);
  } else {
    tr_depthwise_line_sums(pairs, channel, d->sums, d->sums + d->walk.length, slot);
  }
}

#else

TR_INLINE void tr_depthwise_row(const tr_depthwise *d, const uint32_t *pairs,
                                const int32_t *channel, int8_t *out, int32_t slot) {
  const uint32_t *const p = (const uint32_t *)channel + 3;
  const uint32_t q[3] = {(uint32_t)channel[6], (uint32_t)channel[7], (uint32_t)channel[2]};
  for (int32_t v = 0; v < d->walk.length; v++) {
    int32_t sum[2] = {channel[0], channel[0]};
    for (int32_t j = 0; j < 3; j++) {
      const uint32_t *const column = pairs + (v * d->stride + j) * TR_DEPTHWISE_COLUMN;
      const uint32_t a = column[slot];
      const uint32_t b = column[1 - slot];
      sum[0] = tr_dot2(a, p[j], sum[0]) + tr_low(b) * tr_high(q[j]);
      sum[1] = tr_dot2(b, q[j], sum[1]) + tr_high(a) * tr_low(p[j]);
    }
    for (int32_t line = 0; line < d->outputs; line++) {
      if (d->plain) {
        out[(v * d->outputs + line) * TR_DEPTHWISE_CHANNELS] =
            (int8_t)tr_finish_narrow(sum[line], channel[1]);
      } else {
        d->sums[v * d->outputs + line] = sum[line];
      }
    }
  }
}

#endif

/* Requantises the sums of a channel. */
TR_NOINLINE void tr_depthwise_finish(const tr_depthwise *d, int32_t multiplier, int8_t *out) {
  const tr_requant form = d->p->requant;
  const int8_t *const lut = d->p->lut;
  for (int32_t i = 0; i < d->outputs * d->walk.length; i++) {
    *out = (int8_t)tr_finish(&form, lut, d->sums[i], multiplier);
    out += TR_DEPTHWISE_CHANNELS;
  }
}

/* Lines of outputs from `line` on, of four channels from c on, whose A stands in a slot. */
TR_NOINLINE void tr_depthwise_lines(const tr_depthwise *d, const int32_t *constants, int32_t slot,
                                    int32_t line, int8_t *y) {
  for (int32_t i = 0; i < TR_DEPTHWISE_CHANNELS; i++) {
    const int32_t *const channel = constants + i * TR_DEPTHWISE_CONSTANTS;
    tr_depthwise_row(d, d->strip + 2 * i, channel, d->out + i, slot);
    if (!d->plain) {
      tr_depthwise_finish(d, channel[1], d->out + i);
    }
  }
  for (int32_t i = 0; i < d->outputs && line + i < d->walk.lines; i++) {
    tr_depthwise_store(d->out + i * TR_DEPTHWISE_CHANNELS, d->outputs * TR_DEPTHWISE_CHANNELS,
                       y + (line + i) * d->walk.into[1], d->walk.into[0], d->walk.length);
  }
}

TR_INLINE void tr_depthwise_3x3(const tr_conv2d_s8_params *p, const int8_t *x, int8_t *y,
                                void *scratch) {
  const tr_window *const g = &p->window;
  tr_depthwise d = {p, tr_walk_of(g), g->stride_h, 0, 0, 0, 0, 0, 0};
  d.outputs = 3 - d.stride;
  d.columns = (d.walk.length - 1) * d.stride + 3;
  d.plain = tr_finish_is_plain(&p->requant, p->lut);
  d.strip = scratch;
  d.out = (int8_t *)(d.strip + d.columns * TR_DEPTHWISE_COLUMN) + TR_DEPTHWISE_SPARE;
  d.sums = (int32_t *)(void *)(d.out + d.outputs * TR_DEPTHWISE_CHANNELS * d.walk.length);
  tr_depthwise_surround(&d);
  for (int32_t b = 0; b < g->batch; b++) {
    for (int32_t block = 0; block < g->in_c; block += TR_DEPTHWISE_CHANNELS) {
      const int32_t c = block < g->in_c - TR_DEPTHWISE_CHANNELS ? block
                                                                : g->in_c - TR_DEPTHWISE_CHANNELS;
      const int32_t *const constants =
          (const int32_t *)(const void *)p->weight + c * TR_DEPTHWISE_CONSTANTS;
      const int8_t *const from = x + b * g->x_stride[0] + c;
      int32_t top = -d.walk.pad_lines;
      int32_t slot = 0;
      tr_depthwise_pair_lines(&d, from, top, slot);
      for (int32_t line = 0; line < d.walk.lines; line += d.outputs) {
        top += 2;
        tr_depthwise_pair_lines(&d, from, top, 1 - slot);
        tr_depthwise_lines(&d, constants, slot, line, y + b * g->y_stride[0] + c);
        slot = 1 - slot;
      }
    }
  }
}

#endif
