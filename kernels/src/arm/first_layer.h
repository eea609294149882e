/* A layer of one or three channels. The lines of the image that an output line needs are widened to
 * 16 bits into a strip [column][line][channel], where every window is a run of neighbours: they are
 * multiplied in pairs, where they stand. Tiles are of four cells by two channels, whose cells lie two
 * columns of the strip apart: so pairs are words wherever a tile begins, and at stride 1, where every
 * other window begins in the middle of a word, a second strip lies a column further. An odd last tap
 * has a neighbour whose weight is 0.
 *
 * Constants (pack "first" along rows, "firstdown" along columns): for each two channels, the last
 * two again where their number is odd, both start values, both multipliers, then for each pair of
 * taps, in the strip's order, a word of weights for each of the two. */
#ifndef TINYRIG_FIRST_LAYER_H
#define TINYRIG_FIRST_LAYER_H

#include "arm/first_strips.h"
#include "arm/first_tiles.h"

#define TR_FIRST_APART 2  /* columns between the cells of a tile */
#define TR_FIRST_SCALES 4 /* words of a pair of channels before its weights */
#define TR_FIRST_SPARE 1  /* columns behind the last window, for an odd last tap's neighbour */

/* What becomes of the sums of `count` cells of two channels. */
TR_NOINLINE void tr_first_finish(const tr_first *f, const tr_first_tiles *tiles, int8_t *y,
                                 int32_t count) {
  TR_NO_UNROLL
  for (int32_t i = 0; i < 2 * count; i++) {
    y[i / 2 * tiles->y_step + i % 2] = (int8_t)tr_finish(&f->p->requant, f->p->lut, f->sums[i],
                                                         tiles->multiplier[i % 2]);
  }
}

/* `count` tiles of a line, of two channels, from `cell` on. */
TR_INLINE void tr_first_cells(const tr_first *f, tr_first_tiles *tiles, const uint16_t *strip,
                              int8_t *y, int32_t cell, int32_t count, tr_first_run *run,
                              const int column) {
  const int32_t apart = TR_FIRST_APART * column;
  int8_t *const to = y + cell * tiles->y_step;
  tiles->x = strip + cell * apart;
  tiles->x_end = tiles->x + count * TR_FIRST_CELLS * apart;
  if (tiles->sums != 0) {
    tiles->y = f->sums;
    run(tiles);
    tr_first_finish(f, tiles, to, count * TR_FIRST_CELLS);
  } else {
    tiles->y = to;
    run(tiles);
  }
}

/* All channels of one line of outputs, whose strips are made. */
TR_INLINE void tr_first_outputs(const tr_first *f, int8_t *y, tr_first_run *run, const int column,
                                const int taps) {
  const int32_t channels = f->p->window.out_c;
  const int32_t step = f->strips * f->walk.into[0];
  const int32_t *constants = (const int32_t *)(const void *)f->p->weight;
  const int other = !tr_finish_is_plain(&f->p->requant, f->p->lut);
  TR_NO_UNROLL
  for (int32_t block = 0; block < channels; block += 2) {
    int8_t *to = y + (block < channels - 2 ? block : channels - 2);
    tr_first_tiles tiles = {{constants[0], constants[1]}, {constants[2], constants[3]}, to, step,
                            (const uint32_t *)constants + TR_FIRST_SCALES, f->strip, f->strip, other};
    const uint16_t *strip = f->strip;
    int32_t cells = f->walk.length + f->strips - 1;
    for (int32_t i = 0; i < f->strips; i++) {
      const int32_t here = cells / f->strips;
      tr_first_cells(f, &tiles, strip, to, 0, here / TR_FIRST_CELLS, run, column);
      if (here % TR_FIRST_CELLS != 0) {
        tr_first_cells(f, &tiles, strip, to, here - TR_FIRST_CELLS, 1, run, column);
      }
      strip += f->second;
      to += f->walk.into[0];
      cells--;
    }
    constants += TR_FIRST_SCALES + (taps + 1) / 2 * 2;
  }
}

/* `taps` are all elements of a window, `column` those of one of its columns. */
TR_INLINE void tr_first_layer(const tr_conv2d_s8_params *p, const int8_t *x, int8_t *y,
                              void *scratch, tr_first_run *run, const int channels,
                              const int column, const int taps, const int down,
                              const tr_form form) {
  const tr_window *const g = &p->window;
  tr_first f;
  f.p = p;
  const int32_t stride = down ? g->stride_h : g->stride_w;
  const int32_t stride_lines = down ? g->stride_w : g->stride_h;
  f.walk = tr_walk_of(g, down);
  f.columns = (f.walk.length - 1) * stride + (down ? g->kernel_h : g->kernel_w) + TR_FIRST_SPARE;
  f.strips = TR_FIRST_APART / stride;
  /* The second strip's first column would be the one before it: there is room for that. */
  f.second = (f.columns * column + 1) / 2 * 2 + (column + 1) / 2 * 2;
  f.other = f.strips > 1 ? f.second - column : 0;
  f.strip = scratch;
  f.sums = (int32_t *)(void *)(f.strip + f.strips * f.second);
  for (int32_t b = 0; b < g->batch; b++) {
    const int8_t *const image = x + b * g->x_stride[0];
    for (int32_t line = 0; line < f.walk.lines; line++) {
      const int32_t top = line * stride_lines - f.walk.pad_lines;
      if (f.strips > 1) {
        tr_first_two_strips(&f, image, top, channels, column, form);
      } else {
        tr_first_one_strip(&f, image, top, channels, column, form);
      }
      tr_first_outputs(&f, y + b * g->y_stride[0] + line * f.walk.into[1], run, column, taps);
    }
  }
}

#endif
