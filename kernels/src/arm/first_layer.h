/* A layer of one or three channels. The lines of the image that an output line needs are widened to
 * 16 bits in their own order, into a strip; windows are read from it where they stand, in pairs of
 * neighbours, a line of the window after the other. Tiles are of four cells by two channels, whose
 * cells lie two columns of the strip apart: so pairs are words wherever a tile begins, and at
 * stride 1, where every other window begins in the middle of a word, a second strip lies a column
 * further. An odd last tap of a line has a neighbour whose weight is 0.
 *
 * Constants (pack "first" along rows, "firstdown" along columns): for each two channels, the last
 * two again where their number is odd, both start values, both multipliers, then for each line and
 * pair of taps a word of weights for each of the two. */
#ifndef TINYRIG_FIRST_LAYER_H
#define TINYRIG_FIRST_LAYER_H

#include <stddef.h>

#include "arm/finish.h"
#include "tinyrig/conv.h"

#define TR_FIRST_CELLS 4
#define TR_FIRST_APART 2  /* columns between the cells of a tile */
#define TR_FIRST_SCALES 4 /* words of a pair of channels before its weights */
#define TR_FIRST_SPARE 2  /* columns behind a line that an odd last tap's neighbour may be */

/* Tiles side by side, of two channels. Words, in this order, for the text. */
typedef struct {
  int32_t start[2];
  int32_t multiplier[2];
  void *y;         /* bytes of outputs, or a tile's sums after another's where `sums` is set */
  int32_t y_step;  /* from a cell of a tile to the next */
  const uint32_t *weights;
  const uint16_t *x;
  int32_t rest; /* bytes from a line's last pair to the next line's first */
  const uint32_t *weights_end;
  const uint16_t *x_end; /* behind the last tile's first column */
  int32_t sums;
} tr_first_tiles;

/* An image along its lines. `place` and `into` are what a column (0) and a line (1) move by in x
 * and y. */
typedef struct {
  int32_t length; /* of a line of outputs */
  int32_t lines;
  int32_t in_length;
  int32_t in_lines;
  int32_t taps; /* of a window along a line */
  int32_t tap_lines;
  int32_t stride;
  int32_t stride_lines;
  int32_t pad;
  int32_t pad_lines;
  int32_t place[2];
  int32_t into[2];
} tr_lines;

TR_INLINE tr_lines tr_lines_of(const tr_window *g, const int down) {
  if (down) {
    const tr_lines columns = {g->out_h,
                              g->out_w,
                              g->in_h,
                              g->in_w,
                              g->kernel_h,
                              g->kernel_w,
                              g->stride_h,
                              g->stride_w,
                              g->pad_top,
                              g->pad_left,
                              {g->x_stride[2], g->x_stride[3]},
                              {g->y_stride[2], g->y_stride[3]}};
    return columns;
  }
  const tr_lines rows = {g->out_w,
                         g->out_h,
                         g->in_w,
                         g->in_h,
                         g->kernel_w,
                         g->kernel_h,
                         g->stride_w,
                         g->stride_h,
                         g->pad_left,
                         g->pad_top,
                         {g->x_stride[3], g->x_stride[2]},
                         {g->y_stride[3], g->y_stride[2]}};
  return rows;
}

typedef struct {
  const tr_conv2d_s8_params *p;
  tr_lines at;
  int32_t pairs;   /* of a window's line */
  int32_t columns; /* of a strip's line */
  int32_t pitch;   /* elements from a strip's line to the next, an even number */
  uint16_t *strip; /* [strips][lines of the window][pitch] */
  int32_t *sums;
} tr_first;

/* `count` neighbouring bytes, by fours from where `to` is a word on. */
TR_NOINLINE void tr_widen(uint16_t *to, const int8_t *x, int32_t count) {
  if (((uintptr_t)to & 2U) != 0U && count > 0) {
    *to++ = (uint16_t)*x++;
    count--;
  }
  uint32_t *words = (uint32_t *)(void *)to;
  TR_NO_UNROLL
  for (; count >= 8; count -= 8) {
    const uint32_t four = tr_load4(x);
    const uint32_t next = tr_load4(x + 4);
    const uint32_t even = tr_even_bytes(four);
    const uint32_t odd = tr_odd_bytes(four);
    words[0] = tr_low_halves(even, odd);
    words[1] = tr_high_halves(even, odd);
    const uint32_t next_even = tr_even_bytes(next);
    const uint32_t next_odd = tr_odd_bytes(next);
    words[2] = tr_low_halves(next_even, next_odd);
    words[3] = tr_high_halves(next_even, next_odd);
    x += 8;
    words += 4;
  }
  to = (uint16_t *)(void *)words;
  TR_NO_UNROLL
  for (; count > 0; count--) {
    *to++ = (uint16_t)*x++;
  }
}

TR_NOINLINE void tr_widen_apart(uint16_t *to, const int8_t *x, int32_t step, int32_t count) {
  int32_t at = 0;
  TR_NO_UNROLL
  for (; count > 0; count--) {
    *to++ = (uint16_t)x[at];
    at += step;
  }
}

TR_INLINE void tr_first_zeros(const tr_first *f, uint16_t *to, int32_t count) {
  TR_NO_UNROLL
  for (; count > 0; count--) {
    *to++ = (uint16_t)f->p->x_zero_point;
  }
}

/* A line of the image at x, its columns from `first` on, into a line of a strip. */
TR_INLINE void tr_first_line(const tr_first *f, const int8_t *x, int32_t line, int32_t first,
                             uint16_t *to, const int channels) {
  const tr_lines *const at = &f->at;
  const int inside = line >= 0 && line < at->in_lines;
  const int32_t before = tr_clamp(-first, 0, inside ? f->columns : 0);
  const int32_t from = first + before;
  const int32_t room = f->columns - before;
  const int32_t found = inside ? tr_clamp(at->in_length - from, 0, room) : 0;
  tr_first_zeros(f, to, before * channels);
  to += before * channels;
  if (found > 0) {
    const int8_t *const source = x + line * at->place[1] + from * at->place[0];
    if (channels > 1 || at->place[0] == 1) {
      tr_widen(to, source, found * channels);
    } else {
      tr_widen_apart(to, source, at->place[0], found);
    }
  }
  tr_first_zeros(f, to + found * channels, (room - found) * channels);
}

#if defined(__ARM_FEATURE_DSP)

_Static_assert(sizeof(tr_first_tiles) == 48, "the text takes twelve words");

#define TR_FIRST_MULTIPLY(zero, one, x) \
  "smlad " zero ", " x ", r2, " zero "\n\tsmlad " one ", " x ", r3, " one "\n\t"

#if defined(TR_TILE_INTERLEAVED)

/* Cortex-M7: loads issue beside multiplications, two of them ahead of use. */
#define TR_FIRST_OPEN "ldr.w r2, [r1], #4\n\tldr.w r12, [r0], #4\n\tldr.w r3, [r1], #4\n\t"
#define TR_FIRST_STEP(apart, next_x, next_w0, next_w1)                                     \
  "smlad r4, r12, r2, r4\n\tldr.w r7, [r0, #" #apart "-4]\n\t"                             \
  "smlad r5, r12, r3, r5\n\tldr.w r12, [r0, #2*" #apart "-4]\n\t"                          \
  "smlad r6, r7, r2, r6\n\tsmlad r8, r7, r3, r8\n\tldr.w r7, [r0, #3*" #apart "-4]\n\t"    \
  "smlad r9, r12, r2, r9\n\tsmlad r10, r12, r3, r10\n\t" next_x "smlad r11, r7, r2, r11\n\t" \
  next_w0 "smlad lr, r7, r3, lr\n\t" next_w1
#define TR_FIRST_PAIR(apart) \
  TR_FIRST_STEP(apart, "ldr.w r12, [r0], #4\n\t", "ldr.w r2, [r1], #4\n\t", "ldr.w r3, [r1], #4\n\t")
#define TR_FIRST_LAST(apart) TR_FIRST_STEP(apart, , , )

#else

/* Cortex-M4: loads of one memory stand together. */
#define TR_FIRST_OPEN
#define TR_FIRST_PAIR(apart)                                                               \
  "ldr.w r2, [r1], #4\n\tldr.w r3, [r1], #4\n\t"                                           \
  "ldr.w r12, [r0], #4\n\tldr.w r7, [r0, #" #apart "-4]\n\t"                               \
  TR_FIRST_MULTIPLY("r4", "r5", "r12") TR_FIRST_MULTIPLY("r6", "r8", "r7")                 \
  "ldr.w r12, [r0, #2*" #apart "-4]\n\tldr.w r7, [r0, #3*" #apart "-4]\n\t"                \
  TR_FIRST_MULTIPLY("r9", "r10", "r12") TR_FIRST_MULTIPLY("r11", "lr", "r7")
#define TR_FIRST_LAST(apart) TR_FIRST_PAIR(apart)

#endif

#define TR_FIRST_2(apart) TR_FIRST_OPEN TR_FIRST_PAIR(apart) TR_FIRST_LAST(apart)
#define TR_FIRST_5(apart)                                                          \
  TR_FIRST_OPEN TR_FIRST_PAIR(apart) TR_FIRST_PAIR(apart) TR_FIRST_PAIR(apart)     \
  TR_FIRST_PAIR(apart) TR_FIRST_LAST(apart)

#define TR_FIRST_SCALE(zero, one) \
  "smmul " zero ", " zero ", r2\n\tsmmul " one ", " one ", r3\n\t"
#define TR_FIRST_PUT(zero, one)                                                   \
  "ssat " zero ", #8, " zero "\n\tstrb.w " zero ", [r0]\n\t"                        \
  "ssat " one ", #8, " one "\n\tstrb.w " one ", [r0, #1]\n\tadd.w r0, r0, r1\n\t"

/* Sums r4, r5, r6, r8, r9, r10, r11, lr, two a cell; r0 strip, r1 weights. s0 to s11 are the words
 * of tr_first_tiles. r7 may be the frame pointer, so it is saved here. */
#define TR_FIRST_TEXT(line, apart)                                                  \
  "push {r7}\n\tvldmia r0, {s0-s11}\n\t"                                            \
  ".p2align 2\n\t"                                                                  \
  "1:\n\t"                                                                          \
  "vmov r0, s7\n\tvmov r1, s6\n\tvmov r4, s0\n\tvmov r5, s1\n\t"                    \
  "mov r6, r4\n\tmov r8, r5\n\tmov r9, r4\n\tmov r10, r5\n\tmov r11, r4\n\tmov lr, r5\n\t" \
  "b 3f\n\t"                                                                        \
  ".p2align 2\n\t"                                                                  \
  "2:\n\tvmov r12, s8\n\tadd.w r0, r0, r12\n\t"                                     \
  "3:\n\t" line(apart)                                                              \
  "vmov r12, s9\n\tcmp.w r1, r12\n\tbne.w 2b\n\t"                                   \
  "vmov r12, s11\n\tvmov r0, s4\n\t"                                                \
  "cmp.w r12, #0\n\tbne.w 4f\n\t"                                                   \
  "vmov r2, s2\n\tvmov r3, s3\n\tvmov r1, s5\n\t"                                   \
  TR_FIRST_SCALE("r4", "r5") TR_FIRST_SCALE("r6", "r8") TR_FIRST_SCALE("r9", "r10") \
  TR_FIRST_SCALE("r11", "lr") TR_FIRST_PUT("r4", "r5") TR_FIRST_PUT("r6", "r8")     \
  TR_FIRST_PUT("r9", "r10") TR_FIRST_PUT("r11", "lr")                               \
  "b 5f\n\t"                                                                        \
  "4:\n\tstm.w r0!, {r4, r5, r6, r8, r9, r10, r11, lr}\n\t"                         \
  "5:\n\tvmov s4, r0\n\t"                                                           \
  "vmov r12, s7\n\tvmov r1, s10\n\tadd.w r12, r12, #4*" #apart "\n\tvmov s7, r12\n\t" \
  "cmp.w r12, r1\n\tbne.w 1b\n\t"                                                   \
  "pop {r7}\n\t"

/* `apart` is how many bytes lie between the cells of a tile. */
#define TR_FIRST_RUN(name, count, line, apart)                                        \
  TR_NOINLINE void name(const tr_first_tiles *given) {                                \
    register const tr_first_tiles *tiles __asm__("r0") = given;                       \
    __asm__ volatile(TR_FIRST_TEXT(line, apart)                                       \
                     : "+&r"(tiles)                                                   \
                     :                                                                \
                     : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11",  \
                       "r12", "lr", "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7",   \
                       "s8", "s9", "s10", "s11", "cc", "memory");                     \
  }

#else

/* One tile: its sums, and what becomes of them. */
TR_INLINE void tr_first_tile(const tr_first_tiles *t, const uint16_t *x, int32_t tile,
                             int32_t pairs, int32_t apart) {
  for (int32_t cell = 0; cell < TR_FIRST_CELLS; cell++) {
    for (int32_t c = 0; c < 2; c++) {
      const uint16_t *from = x + cell * apart / 2;
      int32_t sum = t->start[c];
      const uint32_t *w = t->weights;
      while (w != t->weights_end) {
        for (int32_t i = 0; i < pairs; i++) {
          sum = tr_dot2(w[c], from[0] | (uint32_t)from[1] << 16, sum);
          from += 2;
          w += 2;
        }
        from += t->rest / 2;
      }
      if (t->sums != 0) {
        ((int32_t *)t->y)[2 * (tile * TR_FIRST_CELLS + cell) + c] = sum;
      } else {
        int8_t *const y = t->y;
        y[(tile * TR_FIRST_CELLS + cell) * t->y_step + c] =
            (int8_t)tr_finish_narrow(sum, t->multiplier[c]);
      }
    }
  }
}

#define TR_FIRST_RUN(name, count, line, apart)                                   \
  TR_NOINLINE void name(const tr_first_tiles *t) {                               \
    int32_t tile = 0;                                                            \
    for (const uint16_t *x = t->x; x != t->x_end; x += TR_FIRST_CELLS * (apart) / 2) { \
      tr_first_tile(t, x, tile++, count, apart);                                 \
    }                                                                            \
  }

#endif

typedef void tr_first_run(const tr_first_tiles *tiles);

/* Cells [cell, cell + 4 * count) of a line, `step` apart in y, of two channels. */
TR_INLINE void tr_first_cells(const tr_first *f, tr_first_tiles *tiles, const uint16_t *strip,
                              int8_t *y, int32_t cell, int32_t count, tr_first_run *run,
                              const int channels) {
  const int32_t apart = TR_FIRST_APART * channels;
  tiles->x = strip + cell * apart;
  tiles->x_end = tiles->x + count * TR_FIRST_CELLS * apart;
  int8_t *const to = y + cell * tiles->y_step;
  tiles->y = tiles->sums != 0 ? (void *)f->sums : (void *)to;
  run(tiles);
  if (tiles->sums != 0) {
    TR_NO_UNROLL
    for (int32_t i = 0; i < 2 * TR_FIRST_CELLS * count; i++) {
      to[i / 2 * tiles->y_step + i % 2] = (int8_t)tr_finish(
          &f->p->requant, f->p->lut, f->sums[i], tiles->multiplier[i % 2]);
    }
  }
}

/* One line of outputs, of two channels; `step` columns of the strip lie between its cells' first. */
TR_NOINLINE void tr_first_channels(const tr_first *f, tr_first_tiles *tiles, int8_t *y,
                                   tr_first_run *run, const int channels) {
  const int32_t strips = TR_FIRST_APART / f->at.stride;
  const int32_t lines = f->at.tap_lines * f->pitch;
  for (int32_t i = 0; i < strips; i++) {
    const uint16_t *const strip = f->strip + i * lines;
    const int32_t cells = (f->at.length - i + strips - 1) / strips;
    int8_t *const to = y + i * f->at.into[0];
    const int32_t whole = cells / TR_FIRST_CELLS;
    tr_first_cells(f, tiles, strip, to, 0, whole, run, channels);
    if (cells % TR_FIRST_CELLS != 0) {
      tr_first_cells(f, tiles, strip, to, cells - TR_FIRST_CELLS, 1, run, channels);
    }
  }
}

/* All channels of one line of outputs, whose strips are made. */
TR_INLINE void tr_first_outputs(const tr_first *f, int8_t *y, tr_first_run *run,
                                const int channels) {
  const tr_window *const g = &f->p->window;
  const int32_t words = 2 * f->at.tap_lines * f->pairs;
  const int32_t *constants = (const int32_t *)(const void *)f->p->weight;
  for (int32_t block = 0; block < g->out_c; block += 2) {
    const int32_t c = block < g->out_c - 2 ? block : g->out_c - 2;
    const uint32_t *const weights = (const uint32_t *)constants + TR_FIRST_SCALES;
    tr_first_tiles tiles = {{constants[0], constants[1]},
                            {constants[2], constants[3]},
                            y,
                            TR_FIRST_APART / f->at.stride * f->at.into[0],
                            weights,
                            f->strip,
                            2 * f->pitch - 4 * f->pairs,
                            weights + words,
                            f->strip,
                            !tr_finish_is_plain(&f->p->requant, f->p->lut)};
    tr_first_channels(f, &tiles, y + c, run, channels);
    constants += TR_FIRST_SCALES + words;
  }
}

TR_INLINE void tr_first_layer(const tr_conv2d_s8_params *p, const int8_t *x, int8_t *y,
                              void *scratch, tr_first_run *run, const int channels,
                              const int down) {
  const tr_window *const g = &p->window;
  tr_first f;
  f.p = p;
  f.at = tr_lines_of(g, down);
  f.pairs = (f.at.taps * channels + 1) / 2;
  f.columns = (f.at.length - 1) * f.at.stride + f.at.taps + TR_FIRST_SPARE;
  f.pitch = (f.columns * channels + 1) / 2 * 2;
  f.strip = scratch;
  const int32_t strips = TR_FIRST_APART / f.at.stride;
  f.sums = (int32_t *)(void *)(f.strip + strips * f.at.tap_lines * f.pitch);
  for (int32_t b = 0; b < g->batch; b++) {
    for (int32_t line = 0; line < f.at.lines; line++) {
      uint16_t *to = f.strip;
      for (int32_t i = 0; i < strips * f.at.tap_lines; i++) {
        const int32_t strip = i / f.at.tap_lines;
        const int32_t from = line * f.at.stride_lines - f.at.pad_lines + i % f.at.tap_lines;
        tr_first_line(&f, x + b * g->x_stride[0], from, strip - f.at.pad, to, channels);
        to += f.pitch;
      }
      tr_first_outputs(&f, y + b * g->y_stride[0] + line * f.at.into[1], run, channels);
    }
  }
}

#endif
