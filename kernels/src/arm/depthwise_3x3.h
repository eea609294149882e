/* Depthwise 3x3 by pairs of rows. The image is walked along its longer axis, in lines; two lines of
 * it are interleaved once, as pairs of int16, into a strip [column][4 channels][2 slots]: its two
 * slots are a ring of two pair lines, the older A, the younger B. From both come two lines of
 * outputs at stride 1, of which the second begins one line lower, and one at stride 2.
 *
 * Constants of a channel, a word each: start, multiplier, Q2, P0, P1, P2, Q0, Q1. Of column j of
 * the window P has the weights of lines 0 (low half) and 1, Q those of lines 1 and 2; columns and
 * lines are those of the walk (pack "depthwise3"). */
#ifndef TINYRIG_DEPTHWISE_3X3_H
#define TINYRIG_DEPTHWISE_3X3_H

#include "arm/finish.h"
#include "arm/form.h"
#include "arm/walk.h"
#include "tinyrig/conv.h"

#define TR_DEPTHWISE_CHANNELS 4
#define TR_DEPTHWISE_COLUMN 8    /* words of a column of the strip */
#define TR_DEPTHWISE_CONSTANTS 8 /* words of a channel */
#define TR_DEPTHWISE_SPARE 68    /* bytes behind the strip that a text may touch */

/* What the lines of four channels share. */
typedef struct {
  const tr_conv2d_s8_params *p;
  tr_walk walk;
  int32_t stride;
  int32_t outputs; /* lines of them from A and B */
  int32_t columns; /* of the strip */
  int32_t inside;  /* of them in the image */
  int32_t plain;
  const int8_t *outside; /* a cell of four channels */
  uint32_t *first;       /* the strip's first column in the image */
  uint32_t *strip;
  int8_t *out;   /* [output][lines of them][4 channels] */
  int32_t *sums; /* of a channel, [output][lines of them], unless plain */
} tr_depthwise;

#if defined(__ARM_FEATURE_DSP)

/* The pairs of four channels from the words of two lines. */
#define TR_PAIR_CHANNELS(a, b, c, d)                                                  \
  "pkhbt " c ", " a ", " b ", lsl #16\n\tpkhtb " d ", " b ", " a ", asr #16\n\t"      \
  "sxtb16 " a ", " c ", ror #8\n\tstr.w " a ", [%[to], #8]\n\t"                         \
  "sxtb16 " b ", " d "\n\tstr.w " b ", [%[to], #16]\n\t"                                \
  "sxtb16 " d ", " d ", ror #8\n\tstr.w " d ", [%[to], #24]\n\t"                        \
  "sxtb16 " c ", " c "\n\tstr.w " c ", [%[to]], #32\n\t"

/* Interleaves `count` columns of two lines, the bytes of four channels each, into a slot. */
TR_NOINLINE void tr_depthwise_interleave(uint32_t *to, const int8_t *upper, int32_t upper_step,
                                         const int8_t *lower, int32_t lower_step, int32_t count) {
  uint32_t a;
  uint32_t b;
  uint32_t c;
  uint32_t d;
  uint32_t e;
  uint32_t f;
  __asm__ volatile(
      "lsrs %[count], %[count], #1\n\t"
      "bcc 1f\n\t"
      "ldr.w %[a], [%[upper]]\n\tldr.w %[b], [%[lower]]\n\t"
      "add.w %[upper], %[upper], %[right]\n\tadd.w %[lower], %[lower], "
      "%[below]\n\t" TR_PAIR_CHANNELS(
          "%[a]", "%[b]", "%[c]",
          "%[d]") "1:\n\t"
                  "cbz %[count], 3f\n\t"
                  ".p2align 2\n\t"
                  "2:\n\t"
                  "ldr.w %[a], [%[upper]]\n\tldr.w %[b], [%[lower]]\n\t"
                  "ldr.w %[e], [%[upper], %[right]]\n\tldr.w %[f], [%[lower], %[below]]\n\t"
                  "add.w %[upper], %[upper], %[right], lsl #1\n\t"
                  "add.w %[lower], %[lower], %[below], lsl #1\n\t" TR_PAIR_CHANNELS("%[a]", "%[b]",
                                                                                    "%[c]", "%[d]")
                      TR_PAIR_CHANNELS("%[e]", "%[f]", "%[c]",
                                       "%[d]") "subs.w %[count], %[count], #1\n\t"
                                               "bne 2b\n\t"
                                               "3:\n\t"
      : [to] "+&r"(to), [upper] "+&r"(upper), [lower] "+&r"(lower), [count] "+&l"(count),
        [a] "=&r"(a), [b] "=&r"(b), [c] "=&r"(c), [d] "=&r"(d), [e] "=&r"(e), [f] "=&r"(f)
      : [right] "r"(upper_step), [below] "r"(lower_step)
      : "cc", "memory");
}

/* `count` outputs of two lines, or of every other of one, to where they belong. */
TR_NOINLINE void tr_depthwise_store(const int8_t *from, int8_t *y, int8_t *lower, int32_t step,
                                    int32_t count) {
  uint32_t a;
  uint32_t b;
  uint32_t c;
  uint32_t d;
  __asm__ volatile("lsrs %[count], %[count], #1\n\t"
                   "bcc 1f\n\t"
                   "ldr.w %[a], [%[from]], #4\n\tldr.w %[b], [%[from]], #4\n\t"
                   "str.w %[b], [%[lower]]\n\tstr.w %[a], [%[y]]\n\t"
                   "add.w %[lower], %[lower], %[step]\n\tadd.w %[y], %[y], %[step]\n\t"
                   "1:\n\t"
                   "cbz %[count], 3f\n\t"
                   ".p2align 2\n\t"
                   "2:\n\t"
                   "ldr.w %[a], [%[from]]\n\tldr.w %[b], [%[from], #4]\n\t"
                   "ldr.w %[c], [%[from], #8]\n\tldr.w %[d], [%[from], #12]\n\t"
                   "add.w %[from], %[from], #16\n\t"
                   "str.w %[b], [%[lower]]\n\tadd.w %[lower], %[lower], %[step]\n\t"
                   "str.w %[a], [%[y]]\n\tadd.w %[y], %[y], %[step]\n\t"
                   "str.w %[d], [%[lower]]\n\tadd.w %[lower], %[lower], %[step]\n\t"
                   "str.w %[c], [%[y]]\n\tadd.w %[y], %[y], %[step]\n\t"
                   "subs.w %[count], %[count], #1\n\t"
                   "bne 2b\n\t"
                   "3:\n\t"
                   : [from] "+&r"(from), [y] "+&r"(y), [lower] "+&r"(lower), [count] "+&l"(count),
                     [a] "=&r"(a), [b] "=&r"(b), [c] "=&r"(c), [d] "=&r"(d)
                   : [step] "r"(step)
                   : "cc", "memory");
}

#else

TR_NOINLINE void tr_depthwise_interleave(uint32_t *to, const int8_t *upper, int32_t upper_step,
                                         const int8_t *lower, int32_t lower_step, int32_t count) {
  for (; count > 0; count--) {
    for (int32_t i = 0; i < TR_DEPTHWISE_CHANNELS; i++) {
      to[2 * i] = tr_pair(upper[i], lower[i]);
    }
    upper += upper_step;
    lower += lower_step;
    to += TR_DEPTHWISE_COLUMN;
  }
}

TR_NOINLINE void tr_depthwise_store(const int8_t *from, int8_t *y, int8_t *lower, int32_t step,
                                    int32_t count) {
  for (; count > 0; count--) {
    tr_store4(lower, tr_load4(from + TR_DEPTHWISE_CHANNELS));
    tr_store4(y, tr_load4(from));
    from += 2 * TR_DEPTHWISE_CHANNELS;
    y += step;
    lower += step;
  }
}

#endif

/* Lines `top` and the one below of the image at x become the pairs of a slot. */
TR_INLINE void tr_depthwise_pair_lines(const tr_depthwise *d, const int8_t *x, int32_t top,
                                       int32_t slot) {
  const tr_walk *const w = &d->walk;
  const int8_t *upper = x + top * w->place[1];
  const int8_t *lower = upper + w->place[1];
  int32_t upper_step = w->place[0];
  int32_t lower_step = w->place[0];
  if ((uint32_t)top >= (uint32_t)w->in_lines) {
    upper = d->outside;
    upper_step = 0;
  }
  if ((uint32_t)(top + 1) >= (uint32_t)w->in_lines) {
    lower = d->outside;
    lower_step = 0;
  }
  tr_depthwise_interleave(d->first + slot, upper, upper_step, lower, lower_step, d->inside);
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

#if defined(__ARM_FEATURE_DSP)

/* r7 may be the frame pointer, so it is saved here. */
#define TR_DEPTHWISE_CALL(text)                                                            \
  __asm__ volatile("push {r7}\n\t" text "pop {r7}\n\t"                                     \
                   : "+&r"(from), "+&r"(to), "+&r"(constants), "+&r"(end), "+&r"(limit)    \
                   :                                                                       \
                   : "r4", "r5", "r6", "r8", "r9", "r10", "r11", "lr", "s0", "s1", "s2",   \
                     "s3", "s4", "s5", "s6", "s7", "cc", "memory")

#include "arm/depthwise_rows.h"

/* A line or two of outputs of `count` channels, a byte apart, from their pairs; `slot` is that of
 * A, `last` where the outputs of the text's loop end. */
#define TR_DEPTHWISE_ROW(name, text, kind)                                                   \
  TR_NOINLINE void name(const uint32_t *pairs, const int32_t *channel, int32_t count,        \
                        void *first, void *last, int32_t slot, const tr_form form) {         \
    register const uint32_t *from __asm__("r0") = pairs;                                     \
    register void *to __asm__("r1") = first;                                                 \
    register const int32_t *constants __asm__("r2") = channel;                               \
    register void *end __asm__("r3") = last;                                                 \
    register const int32_t *limit __asm__("r12") = channel + count * TR_DEPTHWISE_CONSTANTS; \
    if (tr_is_m7(form) && slot == 0) {                                                       \
      TR_DEPTHWISE_CALL(text(M7, kind, 0));                                                  \
    } else if (tr_is_m7(form)) {                                                             \
      TR_DEPTHWISE_CALL(text(M7, kind, 1));                                                  \
    } else if (slot == 0) {                                                                  \
      TR_DEPTHWISE_CALL(text(M4, kind, 0));                                                  \
    } else {                                                                                 \
      TR_DEPTHWISE_CALL(text(M4, kind, 1));                                                  \
    }                                                                                        \
  }

TR_DEPTHWISE_ROW(tr_depthwise_two_lines, TR_TWO_LINES, BYTES)
TR_DEPTHWISE_ROW(tr_depthwise_two_sums, TR_TWO_LINES, SUMS)
TR_DEPTHWISE_ROW(tr_depthwise_line, TR_ONE_LINE, BYTES)
TR_DEPTHWISE_ROW(tr_depthwise_line_sums, TR_ONE_LINE, SUMS)

/* The outputs of four channels, where nothing but a high multiply makes them of sums. */
TR_INLINE void tr_depthwise_outputs(const tr_depthwise *d, const int32_t *constants, int32_t slot,
                                    const tr_form form) {
  int8_t *const out = d->out;
  if (d->stride == 1) {
    tr_depthwise_two_lines(d->strip, constants, TR_DEPTHWISE_CHANNELS, out,
                           out + 8 * (d->walk.length - 2), slot, form);
  } else {
    tr_depthwise_line(d->strip, constants, TR_DEPTHWISE_CHANNELS, out - tr_line_lag(form),
                      out + 4 * d->walk.length - tr_line_lag(form), slot, form);
  }
}

/* The outputs of four channels in a last line at stride 1 whose B is outside the image. */
TR_NOINLINE void tr_depthwise_edge(const tr_depthwise *d, const int32_t *channel, int32_t slot) {
  register const uint32_t *from __asm__("r0") = d->strip + slot;
  register void *to __asm__("r1") = d->out;
  register const int32_t *constants __asm__("r2") = channel;
  register void *end __asm__("r3") = d->out + TR_DEPTHWISE_CHANNELS * d->walk.length;
  register const int32_t *limit __asm__("r12") =
      channel + TR_DEPTHWISE_CHANNELS * TR_DEPTHWISE_CONSTANTS;
  register int32_t outside __asm__("r4") = d->p->x_zero_point;
  /* r7 may be the frame pointer, so it is saved here. */
  __asm__ volatile("push {r7}\n\tvmov s8, r4\n\t" TR_EDGE_LINE "pop {r7}\n\t"
                   : "+&r"(from), "+&r"(to), "+&r"(constants), "+&r"(end), "+&r"(limit),
                     "+&r"(outside)
                   :
                   : "r5", "r6", "r8", "r9", "r10", "r11", "lr", "s0", "s1", "s2", "s3", "s4", "s5",
                     "s6", "s7", "s8", "cc", "memory");
}

/* The sums of one channel. */
TR_INLINE void tr_depthwise_sums(const tr_depthwise *d, const uint32_t *pairs,
                                 const int32_t *channel, int32_t slot, const tr_form form) {
  int8_t *const sums = (int8_t *)d->sums;
  if (d->stride == 1) {
    tr_depthwise_two_sums(pairs, channel, 1, sums, sums + 8 * (d->walk.length - 2), slot, form);
  } else {
    tr_depthwise_line_sums(pairs, channel, 1, sums - tr_line_lag(form),
                           sums + 4 * d->walk.length - tr_line_lag(form), slot, form);
  }
}

#else

/* The sums of one output of a channel, one a line. */
TR_INLINE void tr_depthwise_cell(const uint32_t *pairs, const int32_t *channel, int32_t slot,
                                 int32_t *sum) {
  const uint32_t *const p = (const uint32_t *)channel + 3;
  const uint32_t q[3] = {(uint32_t)channel[6], (uint32_t)channel[7], (uint32_t)channel[2]};
  sum[0] = channel[0];
  sum[1] = channel[0];
  for (int32_t j = 0; j < 3; j++) {
    const uint32_t a = pairs[j * TR_DEPTHWISE_COLUMN + slot];
    const uint32_t b = pairs[j * TR_DEPTHWISE_COLUMN + 1 - slot];
    sum[0] = tr_wrapping_add(tr_dot2(a, p[j], sum[0]), tr_low(b) * tr_high(q[j]));
    sum[1] = tr_wrapping_add(tr_dot2(b, q[j], sum[1]), tr_high(a) * tr_low(p[j]));
  }
}

TR_INLINE void tr_depthwise_outputs(const tr_depthwise *d, const int32_t *constants, int32_t slot,
                                    const tr_form form) {
  (void)form;
  for (int32_t i = 0; i < TR_DEPTHWISE_CHANNELS; i++) {
    const int32_t *const channel = constants + i * TR_DEPTHWISE_CONSTANTS;
    for (int32_t v = 0; v < d->walk.length; v++) {
      int32_t sum[2];
      tr_depthwise_cell(d->strip + v * d->stride * TR_DEPTHWISE_COLUMN + 2 * i, channel, slot, sum);
      for (int32_t line = 0; line < d->outputs; line++) {
        d->out[(v * d->outputs + line) * TR_DEPTHWISE_CHANNELS + i] =
            (int8_t)tr_finish_narrow(sum[line], channel[1]);
      }
    }
  }
}

TR_NOINLINE void tr_depthwise_edge(const tr_depthwise *d, const int32_t *channel, int32_t slot) {
  int8_t *out = d->out;
  for (int32_t i = 0; i < TR_DEPTHWISE_CHANNELS * d->walk.length; i++) {
    const int32_t *const constants = channel + i % TR_DEPTHWISE_CHANNELS * TR_DEPTHWISE_CONSTANTS;
    const uint32_t *const pairs = d->strip + i / TR_DEPTHWISE_CHANNELS * TR_DEPTHWISE_COLUMN +
                                  2 * (i % TR_DEPTHWISE_CHANNELS);
    const uint32_t *const p = (const uint32_t *)constants + 3;
    const int32_t lowest = tr_high((uint32_t)constants[2]) + tr_high((uint32_t)constants[6]) +
                           tr_high((uint32_t)constants[7]);
    int32_t sum = tr_wrapping_add(constants[0], d->p->x_zero_point * lowest);
    for (int32_t j = 0; j < 3; j++) {
      sum = tr_dot2(pairs[j * TR_DEPTHWISE_COLUMN + slot], p[j], sum);
    }
    *out++ = (int8_t)tr_finish_narrow(sum, constants[1]);
  }
}

TR_INLINE void tr_depthwise_sums(const tr_depthwise *d, const uint32_t *pairs,
                                 const int32_t *channel, int32_t slot, const tr_form form) {
  (void)form;
  for (int32_t v = 0; v < d->walk.length; v++) {
    int32_t sum[2];
    tr_depthwise_cell(pairs + v * d->stride * TR_DEPTHWISE_COLUMN, channel, slot, sum);
    for (int32_t line = 0; line < d->outputs; line++) {
      d->sums[v * d->outputs + line] = sum[line];
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

/* `outputs` lines of outputs from `line` on to where they belong. */
TR_INLINE void tr_depthwise_put(const tr_depthwise *d, int32_t outputs, int32_t line, int8_t *y) {
  const tr_walk *const w = &d->walk;
  int8_t *const to = y + line * w->into[1];
  const int32_t step = w->into[0];
  if (outputs == 2) {
    tr_depthwise_store(d->out, to, line + 1 < w->lines ? to + w->into[1] : to, step, w->length);
  } else {
    const int32_t last = w->length - 1;
    tr_depthwise_store(d->out, to, to + step, 2 * step, w->length / 2);
    tr_store4(to + last * step, tr_load4(d->out + last * TR_DEPTHWISE_CHANNELS));
  }
}

/* Lines of outputs from `line` on, of four channels, whose A stands in a slot. */
TR_INLINE void tr_depthwise_lines(const tr_depthwise *d, const int32_t *constants, int32_t slot,
                                  int32_t line, int8_t *y, const tr_form form) {
  if (d->plain) {
    tr_depthwise_outputs(d, constants, slot, form);
  } else {
    for (int32_t i = 0; i < TR_DEPTHWISE_CHANNELS; i++) {
      const int32_t *const channel = constants + i * TR_DEPTHWISE_CONSTANTS;
      tr_depthwise_sums(d, d->strip + 2 * i, channel, slot, form);
      tr_depthwise_finish(d, channel[1], d->out + i);
    }
  }
  tr_depthwise_put(d, d->outputs, line, y);
}

/* Whether `line` is the last at stride 1, and of lines `top` and below none is in the image. */
TR_INLINE int tr_depthwise_is_edge(const tr_depthwise *d, int32_t line, int32_t top) {
  return d->plain && d->outputs == 2 && line + 1 == d->walk.lines && top >= d->walk.in_lines;
}

TR_INLINE void tr_depthwise_3x3(const tr_conv2d_s8_params *p, const int8_t *x, int8_t *y,
                                void *scratch, const tr_form form) {
  const tr_window *const g = &p->window;
  const int8_t zero = (int8_t)p->x_zero_point;
  const int8_t outside[TR_DEPTHWISE_CHANNELS] = {zero, zero, zero, zero};
  tr_depthwise d;
  d.p = p;
  d.walk = tr_longer_walk(g);
  d.stride = g->stride_h;
  d.outputs = 3 - d.stride;
  d.columns = (d.walk.length - 1) * d.stride + 3;
  d.inside = tr_clamp(d.columns - d.walk.pad, 0, d.walk.in_length);
  d.plain = tr_finish_is_plain(&p->requant, p->lut);
  d.outside = outside;
  d.strip = scratch;
  d.first = d.strip + d.walk.pad * TR_DEPTHWISE_COLUMN;
  d.out = (int8_t *)(d.strip + d.columns * TR_DEPTHWISE_COLUMN) + TR_DEPTHWISE_SPARE;
  d.sums = (int32_t *)(void *)(d.out + d.outputs * TR_DEPTHWISE_CHANNELS * d.walk.length) + 1;
  tr_depthwise_surround(&d);
  for (int32_t b = 0; b < g->batch; b++) {
    for (int32_t block = 0; block < g->in_c; block += TR_DEPTHWISE_CHANNELS) {
      const int32_t c =
          block < g->in_c - TR_DEPTHWISE_CHANNELS ? block : g->in_c - TR_DEPTHWISE_CHANNELS;
      const int32_t *const constants =
          (const int32_t *)(const void *)p->weight + c * TR_DEPTHWISE_CONSTANTS;
      const int8_t *const from = x + b * g->x_stride[0] + c;
      int8_t *const to = y + b * g->y_stride[0] + c;
      int32_t top = -d.walk.pad_lines;
      int32_t slot = 1; /* of A, which the first pass lacks */
      for (int32_t line = -d.outputs; line < d.walk.lines; line += d.outputs) {
        if (tr_depthwise_is_edge(&d, line, top)) {
          tr_depthwise_edge(&d, constants, slot);
          tr_depthwise_put(&d, 1, line, to);
          break;
        }
        tr_depthwise_pair_lines(&d, from, top, 1 - slot);
        if (line >= 0) {
          tr_depthwise_lines(&d, constants, slot, line, to, form);
        }
        top += 2;
        slot = 1 - slot;
      }
    }
  }
}

#endif
