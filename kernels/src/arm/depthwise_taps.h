/* Depthwise windows of any size, four channels of one output at a time, taken where they lie: of each
 * pair of taps the words of four channels become four pairs of int16. Nothing is made once a line or
 * an image, so short lines and few outputs cost no more than long ones.
 *
 * Taps are told by their offsets, a table that is the same for all windows within the image; a tap
 * outside it is one of a row of zero points.
 *
 * Constants (pack "taps16"): for each four channels, the last four again where their number is no
 * multiple of four, the start values, then of each pair of taps a word of weights a channel, then the
 * multipliers. Taps go row by row; an odd last one has a neighbour whose weight is 0. */
#ifndef TINYRIG_DEPTHWISE_TAPS_H
#define TINYRIG_DEPTHWISE_TAPS_H

#include <stddef.h>

#include "arm/finish.h"
#include "tinyrig/conv.h"

#define TR_TAPS_CHANNELS 4
#define TR_TAPS_SCALES 8 /* words of four channels beside their weights */
#define TR_TAPS_PASS 7   /* pairs of taps in a pass of the text: 5x5 has 13, 7x7 25 */
#define TR_TAPS_BEHIND 3 /* offsets behind the last tap's: its neighbour's, and two read ahead */

/* Fours of channels of one output. Words, in this order, for the text. */
typedef struct {
  const int8_t *x; /* what offsets count from, at the first channel */
  const uint32_t *constants;
  const int32_t *offsets;
  const int32_t *offsets_end; /* behind the last pair of taps */
  void *y;                    /* bytes of outputs, or the sums themselves where `sums` is set */
  const void *y_end;
  int32_t sums;
  int32_t skip;          /* pairs of taps missing to whole passes */
  const int8_t *outside; /* zero points, of as many channels */
} tr_taps;

typedef void tr_taps_run(const tr_taps *s);

#if defined(__ARM_FEATURE_DSP)

_Static_assert(offsetof(tr_taps, constants) == 4 && offsetof(tr_taps, offsets) == 8, "the text");
_Static_assert(offsetof(tr_taps, offsets_end) == 12 && offsetof(tr_taps, y) == 16, "reads eight");
_Static_assert(offsetof(tr_taps, y_end) == 20 && offsetof(tr_taps, sums) == 24, "words in this");
_Static_assert(offsetof(tr_taps, skip) == 28, "order");

/* The offset from x of a tap outside the image. */
TR_INLINE int32_t tr_taps_outside(const int8_t *outside, const int8_t *x) {
  return (int32_t)((uint32_t)(uintptr_t)outside - (uint32_t)(uintptr_t)x);
}

/* r0 x, r1 constants, r2 offsets, r4-r7 sums; s0 y, s1 where it ends, s2 the first offset, s3 behind
 * the last, s4 where a pass over the taps begins, s5 whether sums are wanted. `pair` is the text of
 * two taps, of one length, `ahead` what goes before the first. r7 may be the frame pointer, so it is
 * saved here. */
#define TR_TAPS_RUN(name, ahead, pair)                                                     \
  TR_NOINLINE void name(const tr_taps *s) {                                                \
    register const tr_taps *r0 __asm__("r0") = s;                                          \
    __asm__ volatile("push {r7}\n\t"                                                       \
                     "ldm.w r0, {r0, r1, r2, r3, r8, r9, r10, r11}\n\t"                    \
                     "vmov s2, r2\n\tvmov s3, r3\n\tvmov s0, r8\n\tvmov s1, r9\n\t"         \
                     "vmov s5, r10\n\t"                                                    \
                     "adr.w r8, 1f\n\tadr.w r9, 2f\n\tsubs.w r9, r9, r8\n\t"                \
                     "mla r8, r9, r11, r8\n\torr r8, r8, #1\n\tvmov s4, r8\n\t"             \
                     "4:\n\t"                                                              \
                     "ldmia.w r1!, {r4, r5, r6, r7}\n\t"                                   \
                     "vmov r2, s2\n\tvmov r3, s4\n\t" ahead "bx r3\n\t"                    \
                     ".p2align 2\n\t"                                                      \
                     "1:\n\t" pair "2:\n\t" pair pair pair pair pair pair                  \
                     "vmov r3, s3\n\tcmp.w r2, r3\n\tbne.w 1b\n\t"                          \
                     "vmov r2, s5\n\tvmov r3, s0\n\tcbnz r2, 5f\n\t"                        \
                     "ldmia.w r1!, {r8, r9, r10, r11}\n\t"                                 \
                     "smmul r4, r4, r8\n\tsmmul r5, r5, r9\n\t"                             \
                     "smmul r6, r6, r10\n\tsmmul r7, r7, r11\n\t"                           \
                     "ssat r4, #8, r4\n\tssat r5, #8, r5\n\t"                               \
                     "ssat r6, #8, r6\n\tssat r7, #8, r7\n\t"                               \
                     "bfi r4, r5, #8, #8\n\tbfi r6, r7, #8, #8\n\t"                         \
                     "bfi r4, r6, #16, #16\n\tstr r4, [r3], #4\n\t"                         \
                     "vmov r2, s1\n\tadd.w r0, r0, #4\n\tvmov s0, r3\n\t"                   \
                     "cmp r3, r2\n\tbne.w 4b\n\tb 6f\n\t"                                   \
                     "5:\n\t"                                                              \
                     "stmia.w r3!, {r4, r5, r6, r7}\n\tadd.w r1, r1, #16\n\t"               \
                     "vmov r2, s1\n\tadd.w r0, r0, #4\n\tvmov s0, r3\n\t"                   \
                     "cmp r3, r2\n\tbne.w 4b\n\t"                                           \
                     "6:\n\t"                                                              \
                     "pop {r7}\n\t"                                                        \
                     : "+r"(r0)                                                            \
                     :                                                                     \
                     : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", \
                       "lr", "s0", "s1", "s2", "s3", "s4", "s5", "cc", "memory");          \
  }

#else

TR_INLINE int32_t tr_taps_outside(const int8_t *outside, const int8_t *x) {
  (void)outside;
  (void)x;
  return INT32_MIN;
}

/* The word of four channels that a tap has. */
TR_INLINE uint32_t tr_taps_word(const tr_taps *s, int32_t offset, int32_t channel) {
  return tr_load4(offset == INT32_MIN ? s->outside : s->x + offset + channel);
}

TR_INLINE void tr_taps_portable(const tr_taps *s) {
  const uint32_t *constants = s->constants;
  int32_t *sums = s->y;
  int8_t *y = s->y;
  for (int32_t channel = 0; (s->sums ? (void *)sums : (void *)y) != s->y_end; channel += 4) {
    int32_t sum[TR_TAPS_CHANNELS];
    for (int i = 0; i < TR_TAPS_CHANNELS; i++) {
      sum[i] = (int32_t)*constants++;
    }
    for (const int32_t *offset = s->offsets; offset != s->offsets_end; offset += 2) {
      const uint32_t a = tr_taps_word(s, offset[0], channel);
      const uint32_t b = tr_taps_word(s, offset[1], channel);
      for (int i = 0; i < TR_TAPS_CHANNELS; i++) {
        const uint32_t both = tr_pair((int8_t)(a >> 8 * i & 0xFFU), (int8_t)(b >> 8 * i & 0xFFU));
        sum[i] = tr_dot2(both, *constants++, sum[i]);
      }
    }
    for (int i = 0; i < TR_TAPS_CHANNELS; i++) {
      if (s->sums) {
        *sums++ = sum[i];
      } else {
        *y++ = (int8_t)tr_finish_narrow(sum[i], (int32_t)constants[i]);
      }
    }
    constants += TR_TAPS_CHANNELS;
  }
}

#define TR_TAPS_RUN(name, ahead, pair) \
  TR_NOINLINE void name(const tr_taps *s) { tr_taps_portable(s); }

#endif

/* Offsets of the taps of a window whose first is at (row, column). */
TR_NOINLINE void tr_taps_offsets(const tr_window *g, int32_t row, int32_t column, int32_t outside,
                                 int32_t *to) {
  const int32_t step = g->x_stride[3];
  for (int32_t i = row; i < row + g->kernel_h; i++) {
    const int within = (uint32_t)i < (uint32_t)g->in_h;
    int32_t offset = i * g->x_stride[2] + column * step;
    TR_NO_UNROLL
    for (int32_t j = column; j < column + g->kernel_w; j++) {
      *to++ = within && (uint32_t)j < (uint32_t)g->in_w ? offset : outside;
      offset += step;
    }
  }
  for (int i = 0; i < TR_TAPS_BEHIND; i++) {
    to[i] = to[-1];
  }
}

/* The layer; `words` are those of four channels' constants. */
typedef struct {
  const tr_conv2d_s8_params *p;
  tr_taps taps;
  int32_t words;
  int32_t *offsets;
  int32_t *sums; /* of all fours of an output, unless plain */
} tr_depthwise_any;

/* Sums of `count` channels to outputs; multipliers are behind each four's weights. */
TR_NOINLINE void tr_taps_finish(const tr_depthwise_any *d, int32_t count, int8_t *y) {
  const tr_requant form = d->p->requant;
  const int8_t *const lut = d->p->lut;
  const int32_t *const constants = (const int32_t *)(const void *)d->taps.constants;
  int32_t at = d->words - TR_TAPS_CHANNELS;
  for (int32_t c = 0; c < count; c += TR_TAPS_CHANNELS) {
    for (int32_t i = 0; i < TR_TAPS_CHANNELS; i++) {
      y[c + i] = (int8_t)tr_finish(&form, lut, d->sums[c + i], constants[at + i]);
    }
    at += d->words;
  }
}

/* `count` channels, whole fours, of an output, whose constants stand ready. */
TR_INLINE void tr_taps_fours(tr_depthwise_any *d, const int8_t *x, int32_t count, int8_t *y,
                             tr_taps_run *run) {
  tr_taps *const s = &d->taps;
  s->x = x;
  s->y = s->sums ? (void *)d->sums : (void *)y;
  s->y_end = s->sums ? (void *)(d->sums + count) : (void *)(y + count);
  run(s);
  if (s->sums) {
    tr_taps_finish(d, count, y);
  }
}

/* An output of all channels: where they are no multiple of four, the last four overlap. */
TR_INLINE void tr_taps_output(tr_depthwise_any *d, const int8_t *x, int8_t *y, tr_taps_run *run) {
  const int32_t channels = d->p->window.in_c;
  const int32_t whole = channels / TR_TAPS_CHANNELS * TR_TAPS_CHANNELS;
  tr_taps_fours(d, x, whole, y, run);
  if (whole != channels) {
    const int32_t last = channels - TR_TAPS_CHANNELS;
    const uint32_t *const first = d->taps.constants;
    d->taps.constants = first + whole / TR_TAPS_CHANNELS * d->words;
    tr_taps_fours(d, x + last, TR_TAPS_CHANNELS, y + last, run);
    d->taps.constants = first;
  }
}

/* The outputs of one image. */
TR_INLINE void tr_taps_image(tr_depthwise_any *d, const int8_t *x, int8_t *y, tr_taps_run *run) {
  const tr_window *const g = &d->p->window;
  const int32_t outside = tr_taps_outside(d->taps.outside, x);
  int standing = 0; /* whether the offsets are those of a window within the image */
  for (int32_t h = 0; h < g->out_h; h++) {
    const int32_t row = h * g->stride_h - g->pad_top;
    const int rows_within = row >= 0 && row + g->kernel_h <= g->in_h;
    int32_t column = -g->pad_left;
    int8_t *to = y + h * g->y_stride[2];
    for (int32_t v = 0; v < g->out_w; v++) {
      if (rows_within && column >= 0 && column + g->kernel_w <= g->in_w) {
        if (!standing) {
          tr_taps_offsets(g, 0, 0, outside, d->offsets);
        }
        standing = 1;
        tr_taps_output(d, x + row * g->x_stride[2] + column * g->x_stride[3], to, run);
      } else {
        tr_taps_offsets(g, row, column, outside, d->offsets);
        standing = 0;
        tr_taps_output(d, x, to, run);
      }
      column += g->stride_w;
      to += g->y_stride[3];
    }
  }
}

TR_INLINE void tr_depthwise_taps(const tr_conv2d_s8_params *p, const int8_t *x, int8_t *y,
                                 void *scratch, tr_taps_run *run) {
  const tr_window *const g = &p->window;
  const int32_t taps = g->kernel_h * g->kernel_w;
  const int32_t pairs = (taps + 1) / 2;
  const int32_t words = (g->in_c + 3) / 4; /* of a cell of zero points */
  int32_t *const offsets = scratch;
  uint32_t *const outside = (uint32_t *)scratch + taps + TR_TAPS_BEHIND;
  tr_depthwise_any d;
  d.p = p;
  d.words = TR_TAPS_SCALES + TR_TAPS_CHANNELS * pairs;
  d.offsets = offsets;
  d.sums = (int32_t *)outside + words;
  d.taps.constants = (const uint32_t *)(const void *)p->weight;
  d.taps.offsets = offsets;
  d.taps.offsets_end = offsets + 2 * pairs;
  d.taps.sums = !tr_finish_is_plain(&p->requant, p->lut);
  d.taps.skip = (TR_TAPS_PASS - pairs % TR_TAPS_PASS) % TR_TAPS_PASS;
  d.taps.outside = (const int8_t *)outside;
  for (int32_t i = 0; i < words; i++) {
    outside[i] = 0x01010101U * (uint8_t)p->x_zero_point;
  }
  for (int32_t b = 0; b < g->batch; b++) {
    tr_taps_image(&d, x + b * g->x_stride[0], y + b * g->y_stride[0], run);
  }
}

#endif
