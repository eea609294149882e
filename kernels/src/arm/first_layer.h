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

#include <stddef.h>

#include "arm/finish.h"
#include "arm/form.h"
#include "tinyrig/conv.h"

#define TR_FIRST_CELLS 4
#define TR_FIRST_APART 2  /* columns between the cells of a tile */
#define TR_FIRST_SCALES 4 /* words of a pair of channels before its weights */
#define TR_FIRST_SPARE 1  /* columns behind the last window, for an odd last tap's neighbour */

/* Tiles side by side, of two channels. Words, in this order, for the text. */
typedef struct {
  int32_t start[2];
  int32_t multiplier[2];
  void *y;         /* bytes of outputs, or a tile's sums after another's where `sums` is set */
  int32_t y_step;  /* from a cell of a tile to the next */
  const uint32_t *weights;
  const uint16_t *x;
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
  int32_t columns; /* of a strip */
  int32_t strips;
  int32_t second; /* elements from the first strip to the second, an even number */
  int32_t other;  /* from a column of the first to the same of the second, or 0 without one */
  uint16_t *strip;
  int32_t *sums;
} tr_first;

/* `cells` cells of neighbouring channels to columns of a strip, and `other` elements further again
 * where that is not 0. */
TR_INLINE void tr_first_columns(uint16_t *to, int32_t other, const int8_t *x, int32_t step,
                                const int cells, const int channels, const int column,
                                const tr_form form) {
  uint16_t value[4 * 3];
#if defined(__ARM_FEATURE_DSP)
  if (!tr_is_m7(form) && cells == 2 && channels == 3) {
    int32_t read[6]; /* side by side, for Cortex-M4 pipelines loads */
    __asm__("ldrsb %[a], [%[x]]\n\tldrsb %[b], [%[x], #1]\n\tldrsb %[c], [%[x], #2]\n\t"
            "ldrsb %[d], [%[next]]\n\tldrsb %[e], [%[next], #1]\n\tldrsb %[f], [%[next], #2]"
            : [a] "=&r"(read[0]), [b] "=&r"(read[1]), [c] "=&r"(read[2]), [d] "=&r"(read[3]),
              [e] "=&r"(read[4]), [f] "=&r"(read[5])
            : [x] "r"(x), [next] "r"(x + step)
            : "memory");
    for (int i = 0; i < 6; i++) {
      value[i] = (uint16_t)read[i];
    }
  } else
#else
  (void)form;
#endif
  {
    for (int i = 0; i < cells * channels; i++) {
      value[i] = (uint16_t)x[i / channels * step + i % channels];
    }
  }
  for (int i = 0; i < cells * channels; i++) {
    to[i / channels * column + i % channels] = value[i];
  }
  if (other != 0) {
    to += other;
    for (int i = 0; i < cells * channels; i++) {
      to[i / channels * column + i % channels] = value[i];
    }
  }
}

/* Two cells of three channels; `pairs` are those of neighbours that fill a word of the strip, of which
 * the first cell begins in the middle if `half`. */
typedef struct {
  uint32_t value[6];
  uint32_t pairs[2];
} tr_first_two;

TR_INLINE tr_first_two tr_first_read(const int8_t *x, const int8_t *next, const int half) {
  tr_first_two two;
  uint32_t *const v = two.value;
#if defined(__ARM_FEATURE_DSP)
  __asm__("ldrsb.w %[a], [%[x], %[one]]\n\tldrsb.w %[b], [%[x], %[one]+1]\n\t"
          "ldrsb.w %[c], [%[next], %[two]]\n\tldrsb.w %[d], [%[next], %[two]+1]\n\t"
          "ldrsb.w %[e], [%[x], %[left]]\n\tldrsb.w %[f], [%[next], %[right]]\n\t"
          "pkhbt %[p], %[a], %[b], lsl #16\n\tpkhbt %[q], %[c], %[d], lsl #16"
          : [a] "=&r"(v[half ? 1 : 0]), [b] "=&r"(v[half ? 2 : 1]), [c] "=&r"(v[half ? 3 : 4]),
            [d] "=&r"(v[half ? 4 : 5]), [e] "=&r"(v[half ? 0 : 2]), [f] "=&r"(v[half ? 5 : 3]),
            [p] "=&r"(two.pairs[0]), [q] "=&r"(two.pairs[1])
          : [x] "r"(x), [next] "r"(next), [one] "i"(half ? 1 : 0), [two] "i"(half ? 0 : 1),
            [left] "i"(half ? 0 : 2), [right] "i"(half ? 2 : 0)
          : "memory");
#else
  for (int i = 0; i < 3; i++) {
    v[i] = (uint32_t)x[i];
    v[3 + i] = (uint32_t)next[i];
  }
  two.pairs[0] = tr_low_halves(v[half ? 1 : 0], v[half ? 2 : 1]);
  two.pairs[1] = tr_low_halves(v[half ? 3 : 4], v[half ? 4 : 5]);
#endif
  return two;
}

/* What fills a word leaves in one store, for Cortex-M7 keeps a bank for longer where less is stored. */
TR_INLINE void tr_first_write(uint16_t *to, const tr_first_two *two, const int column,
                              const int half) {
  uint16_t *const next = to + column;
  __builtin_memcpy(__builtin_assume_aligned(to + (half ? 1 : 0), 4), &two->pairs[0], 4);
  to[half ? 0 : 2] = (uint16_t)two->value[half ? 0 : 2];
  __builtin_memcpy(__builtin_assume_aligned(next + (half ? 0 : 1), 4), &two->pairs[1], 4);
  next[half ? 2 : 0] = (uint16_t)two->value[half ? 5 : 3];
}

/* `twos` pairs of cells of three channels; in a strip an odd number of elements further, a cell begins
 * in the middle of a word where it does not in the first. */
TR_INLINE void tr_first_twos(uint16_t *to, int32_t other, const int8_t *x, int32_t step,
                             int32_t twos, const int column, const int half) {
  TR_NO_UNROLL
  for (; twos > 0; twos--) {
    tr_first_two two = tr_first_read(x, x + step, half);
    tr_first_write(to, &two, column, half);
    if (other != 0) {
      two.pairs[0] = tr_low_halves(two.value[half ? 0 : 1], two.value[half ? 1 : 2]);
      two.pairs[1] = tr_low_halves(two.value[half ? 4 : 3], two.value[half ? 5 : 4]);
      tr_first_write(to + other, &two, column, !half);
    }
    x += 2 * step;
    to += 2 * column;
  }
}

/* `count` cells of a line. */
TR_INLINE void tr_first_spread(uint16_t *to, int32_t other, const int8_t *x, int32_t step,
                               int32_t count, const int channels, const int column,
                               const tr_form form) {
  const int many = channels == 1 ? 4 : 2;
  if (tr_is_m7(form) && channels == 3) {
    const int32_t twos = count / 2;
    if (((uintptr_t)to & 2) == 0) {
      tr_first_twos(to, other, x, step, twos, column, 0);
    } else {
      tr_first_twos(to, other, x, step, twos, column, 1);
    }
    x += 2 * twos * step;
    to += 2 * twos * column;
    count -= 2 * twos;
  }
  TR_NO_UNROLL
  for (; count >= many; count -= many) {
    tr_first_columns(to, other, x, step, many, channels, column, form);
    x += many * step;
    to += many * column;
  }
  TR_NO_UNROLL
  for (; count > 0; count--) {
    tr_first_columns(to, other, x, step, 1, channels, column, form);
    x += count > 1 ? step : 0;
    to += column;
  }
}

/* A line of the image at x, from column -pad on, to one of the strip and of the second strip. */
TR_INLINE void tr_first_line(const tr_first *f, int32_t other, const int8_t *x, int32_t line,
                             uint16_t *to, const int channels, const int column,
                             const tr_form form) {
  const tr_lines *const at = &f->at;
  const int inside = line >= 0 && line < at->in_lines;
  const int32_t begin = at->pad < f->columns ? at->pad : f->columns;
  const int32_t end = inside ? tr_clamp(at->in_length + at->pad, begin, f->columns) : begin;
  const int8_t zeros[3] = {(int8_t)f->p->x_zero_point, (int8_t)f->p->x_zero_point,
                           (int8_t)f->p->x_zero_point};
  tr_first_spread(to, other, zeros, 0, begin, channels, column, form);
  if (end > begin) {
    tr_first_spread(to + begin * column, other, x + line * at->place[1], at->place[0], end - begin,
                    channels, column, form);
  }
  tr_first_spread(to + end * column, other, zeros, 0, f->columns - end, channels, column, form);
}

/* The lines of one line of outputs' windows, from `top` on; apart, for what one strip needs is less. */
TR_NOINLINE void tr_first_one_strip(const tr_first *f, const int8_t *x, int32_t top,
                                    const int channels, const int column, const tr_form form) {
  TR_NO_UNROLL
  for (int32_t l = 0; l * channels < column; l++) {
    tr_first_line(f, 0, x, top + l, f->strip + l * channels, channels, column, form);
  }
}

TR_NOINLINE void tr_first_two_strips(const tr_first *f, const int8_t *x, int32_t top,
                                     const int channels, const int column, const tr_form form) {
  TR_NO_UNROLL
  for (int32_t l = 0; l * channels < column; l++) {
    tr_first_line(f, f->other, x, top + l, f->strip + l * channels, channels, column, form);
  }
}

#if defined(__ARM_FEATURE_DSP)

_Static_assert(sizeof(tr_first_tiles) == 40, "the text takes ten words");

#define TR_FIRST_MULTIPLY(zero, one, x) \
  "smlad " zero ", " x ", r2, " zero "\n\tsmlad " one ", " x ", r3, " one "\n\t"

/* Pair `i` of windows, `apart` bytes from one to the next: of the cell, and weights. */
#define TR_FIRST_X(to, i, apart, cell) "ldr.w " to ", [r0, #4*(" #i ")+" #cell "*" #apart "]\n\t"
#define TR_FIRST_W0(i) "ldr.w r2, [r1, #8*(" #i ")]\n\t"
#define TR_FIRST_W1(i) "ldr.w r3, [r1, #8*(" #i ")+4]\n\t"

/* Cortex-M4: loads stand together, in registers that let them be short, for flash is read through a
 * cache of 1 KB. Of cells far apart, the last two are long: words of code stay whole. The first pair
 * begins all sums with those of the first cell. */
#define TR_FIRST_FAR_12 "ldr "
#define TR_FIRST_FAR_16 "ldr "
#define TR_FIRST_FAR_36 "ldr.w "
#define TR_FIRST_SHORT_M4(to, i, apart, cell) \
  "ldr " to ", [r0, #4*(" #i ")+" #cell "*" #apart "]\n\t"
#define TR_FIRST_LAST_CELLS_M4(apart, i)                        \
  TR_FIRST_FAR_##apart "r4, [r0, #4*(" #i ")+2*" #apart "]\n\t" \
  TR_FIRST_FAR_##apart "r7, [r0, #4*(" #i ")+3*" #apart "]\n\t" \
  TR_FIRST_MULTIPLY("r10", "r11", "r4") TR_FIRST_MULTIPLY("r12", "lr", "r7")
#define TR_FIRST_WEIGHTS_M4(i) "ldr r2, [r1, #8*(" #i ")]\n\tldr r3, [r1, #8*(" #i ")+4]\n\t"
#define TR_FIRST_FIRST_CELLS_M4 \
  TR_FIRST_MULTIPLY("r5", "r6", "r4") TR_FIRST_MULTIPLY("r8", "r9", "r7")
#define TR_FIRST_PAIR_M4(apart, i)                             \
  TR_FIRST_WEIGHTS_M4(i) TR_FIRST_SHORT_M4("r4", i, apart, 0)  \
  TR_FIRST_SHORT_M4("r7", i, apart, 1) TR_FIRST_FIRST_CELLS_M4 \
  TR_FIRST_LAST_CELLS_M4(apart, i)
#define TR_FIRST_BEGIN(zero, one, x) \
  "smlad " zero ", " x ", r2, r5\n\tsmlad " one ", " x ", r3, r6\n\t"
#define TR_FIRST_ONE_M4(apart)                                            \
  TR_FIRST_WEIGHTS_M4(0) TR_FIRST_SHORT_M4("r4", 0, apart, 1)             \
  TR_FIRST_SHORT_M4("r7", 0, apart, 2) TR_FIRST_BEGIN("r8", "r9", "r4")   \
  TR_FIRST_BEGIN("r10", "r11", "r7") TR_FIRST_SHORT_M4("r4", 0, apart, 3) \
  TR_FIRST_SHORT_M4("r7", 0, apart, 0) TR_FIRST_BEGIN("r12", "lr", "r4")  \
  TR_FIRST_BEGIN("r5", "r6", "r7")
#define TR_FIRST_OPEN_M4(apart)
#define TR_FIRST_ENDED_M4 "vmov r4, s9\n\tvmov r0, s4\n\tvmov r1, s5\n\tcmp.w r4, #0\n\t"
#define TR_FIRST_LAST_M4(apart, i) TR_FIRST_PAIR_M4(apart, i) TR_FIRST_ENDED_M4

/* Pair `i`, to which strip and weights move on. */
#define TR_FIRST_MOVED_M4(apart, i)                                       \
  "ldr r3, [r1, #8*(" #i ")+4]\n\tldr.w r2, [r1, #8*(" #i ")]!\n\t"       \
  TR_FIRST_SHORT_M4("r7", i, apart, 1) "ldr.w r4, [r0, #4*(" #i ")]!\n\t" \
  TR_FIRST_FIRST_CELLS_M4 TR_FIRST_LAST_CELLS_M4(apart, 0)

/* Two pairs, and twice nine: all twenty one behind the other do not fit the cache. The flags, of which
 * NE is left by what comes before, tell the second time. */
#define TR_FIRST_40_M4(apart)                                                            \
  TR_FIRST_ONE_M4(apart) TR_FIRST_MOVED_M4(apart, 1)                                     \
  "3:\n\t" TR_FIRST_4(M4, apart, 1) TR_FIRST_4(M4, apart, 5) TR_FIRST_MOVED_M4(apart, 9) \
  "beq 7f\n\tcmp r0, r0\n\tb 3b\n\t.p2align 2\n\t7:\n\t" TR_FIRST_ENDED_M4

/* Cortex-M7: loads issue beside multiplications, two of them ahead of use. */
#define TR_FIRST_ONE_M7(apart) TR_FIRST_PAIR_M7(apart, 0)
#define TR_FIRST_OPEN_M7(apart) TR_FIRST_W0(0) TR_FIRST_X("r12", 0, apart, 0) TR_FIRST_W1(0)
#define TR_FIRST_STEP_M7(apart, i, next_x, next_w0, next_w1)                       \
  "smlad r4, r12, r2, r4\n\t" TR_FIRST_X("r7", i, apart, 1)                        \
  "smlad r5, r12, r3, r5\n\t" TR_FIRST_X("r12", i, apart, 2)                       \
  "smlad r6, r7, r2, r6\n\tsmlad r8, r7, r3, r8\n\t" TR_FIRST_X("r7", i, apart, 3) \
  "smlad r9, r12, r2, r9\n\tsmlad r10, r12, r3, r10\n\t" next_x                    \
  "smlad r11, r7, r2, r11\n\t" next_w0 "smlad lr, r7, r3, lr\n\t" next_w1
#define TR_FIRST_PAIR_M7(apart, i)                                                   \
  TR_FIRST_STEP_M7(apart, i, TR_FIRST_X("r12", i + 1, apart, 0), TR_FIRST_W0(i + 1), \
                TR_FIRST_W1(i + 1))
#define TR_FIRST_LAST_M7(apart, i) \
  TR_FIRST_STEP_M7(apart, i, "vmov r12, s9\n\t", "vmov r0, s4\n\tcmp.w r12, #0\n\t", "vmov r1, s5\n\t")

/* The pairs of windows of 9, 27 and 40 taps. */
#define TR_FIRST_4(core, apart, i)                                  \
  TR_FIRST_PAIR_##core(apart, i) TR_FIRST_PAIR_##core(apart, i + 1) \
  TR_FIRST_PAIR_##core(apart, i + 2) TR_FIRST_PAIR_##core(apart, i + 3)
#define TR_FIRST_3(core, apart, i) \
  TR_FIRST_PAIR_##core(apart, i) TR_FIRST_PAIR_##core(apart, i + 1) TR_FIRST_PAIR_##core(apart, i + 2)
#define TR_FIRST_OPENED(core, apart) \
  TR_FIRST_OPEN_##core(apart) TR_FIRST_ONE_##core(apart) TR_FIRST_3(core, apart, 1)
#define TR_FIRST_9(core, apart) TR_FIRST_OPENED(core, apart) TR_FIRST_LAST_##core(apart, 4)
#define TR_FIRST_27(core, apart)                                                     \
  TR_FIRST_OPENED(core, apart) TR_FIRST_4(core, apart, 4) TR_FIRST_4(core, apart, 8) \
  TR_FIRST_PAIR_##core(apart, 12) TR_FIRST_LAST_##core(apart, 13)
#define TR_FIRST_40_M7(apart)                                                  \
  TR_FIRST_OPENED(M7, apart) TR_FIRST_4(M7, apart, 4) TR_FIRST_4(M7, apart, 8) \
  TR_FIRST_4(M7, apart, 12) TR_FIRST_3(M7, apart, 16) TR_FIRST_LAST_M7(apart, 19)
#define TR_FIRST_40(core, apart) TR_FIRST_40_##core(apart)

/* Outputs of a tile; TR_FIRST_NEXT is then the next tile's first column, r0 where its outputs go. */
#define TR_FIRST_SCALE(zero, one) \
  "smmul " zero ", " zero ", r2\n\tsmmul " one ", " one ", r3\n\t"
#define TR_FIRST_PUT(zero, one)                              \
  "ssat " zero ", #8, " zero "\n\tstrb.w " zero ", [r0]\n\t" \
  "ssat " one ", #8, " one "\n\tstrb.w " one ", [r0, #1]\n\tadd.w r0, r0, r1\n\t"
#define TR_FIRST_OUTPUTS_M4(apart)                                                 \
  TR_FIRST_SCALE("r5", "r6") "vmov r4, s7\n\t" TR_FIRST_SCALE("r8", "r9")          \
  "add.w r4, r4, #4*" #apart "\n\t" TR_FIRST_SCALE("r10", "r11") "vmov s7, r4\n\t" \
  TR_FIRST_SCALE("r12", "lr") TR_FIRST_PUT("r5", "r6") TR_FIRST_PUT("r8", "r9")    \
  TR_FIRST_PUT("r10", "r11") TR_FIRST_PUT("r12", "lr")

/* Cortex-M7: outputs leave in pairs, for a byte keeps its bank for longer, as bytes 128 higher, which
 * leave no sign beside them. */
#define TR_FIRST_OUTPUTS_M7(apart)                                                                   \
  "mov.w r7, #128\n\tvmov r12, s7\n\t"                                                               \
  "smmla r4, r4, r2, r7\n\tsmmla r5, r5, r3, r7\n\tsmmla r6, r6, r2, r7\n\t"                         \
  "usat r4, #8, r4\n\tsmmla r8, r8, r3, r7\n\tusat r5, #8, r5\n\tsmmla r9, r9, r2, r7\n\t"           \
  "usat r6, #8, r6\n\tsmmla r10, r10, r3, r7\n\tusat r8, #8, r8\n\tsmmla r11, r11, r2, r7\n\t"       \
  "usat r9, #8, r9\n\tsmmla lr, lr, r3, r7\n\tusat r10, #8, r10\n\torr.w r4, r4, r5, lsl #8\n\t"     \
  "usat r11, #8, r11\n\torr.w r6, r6, r8, lsl #8\n\t"                                                \
  "usat lr, #8, lr\n\teor.w r4, r4, #0x80808080\n\torr.w r9, r9, r10, lsl #8\n\tstrh.w r4, [r0]\n\t" \
  "add.w r12, r12, #4*" #apart "\n\teor.w r6, r6, #0x80808080\n\tstrh.w r6, [r0, r1]\n\t"            \
  "add.w r0, r0, r1, lsl #1\n\torr.w r11, r11, lr, lsl #8\n\teor.w r9, r9, #0x80808080\n\t"          \
  "vmov s7, r12\n\teor.w r11, r11, #0x80808080\n\tstrh.w r9, [r0]\n\tstrh.w r11, [r0, r1]\n\t"       \
  "add.w r0, r0, r1, lsl #1\n\t"

#define TR_FIRST_ENTER_M4 "cmp.w r0, #0\n\t" /* NE */
#define TR_FIRST_ENTER_M7
#define TR_FIRST_NEXT_M4 "r4"
#define TR_FIRST_NEXT_M7 "r12"
#define TR_FIRST_SUMS_M4 "{r5, r6, r8, r9, r10, r11, r12, lr}\n\t"
#define TR_FIRST_SUMS_M7 "{r4, r5, r6, r8, r9, r10, r11, lr}\n\t"
#define TR_FIRST_START_M4 "vmov r5, s0\n\tvmov r6, s1\n\t"
#define TR_FIRST_START_M7                                                          \
  "vmov r4, s0\n\tvmov r5, s1\n\tmov.w r6, r4\n\tmov.w r8, r5\n\tmov.w r9, r4\n\t" \
  "mov.w r10, r5\n\tmov.w r11, r4\n\tmov.w lr, r5\n\t"

/* The last pair ends with outputs in r0, their step in r1 and the flags of `sums`.
 * Sums, two a cell, are those of TR_FIRST_SUMS; r0 strip, r1 weights. s0 to s9 are the words
 * of tr_first_tiles. r7 may be the frame pointer, so it is saved here. */
#define TR_FIRST_TEXT(core, taps, apart)                                                  \
  "push {r7}\n\tvldmia r0, {s0-s9}\n\t" TR_FIRST_ENTER_##core                             \
  ".p2align 2\n\t"                                                                        \
  "1:\n\t"                                                                                \
  "vmov r0, s7\n\tvmov r1, s6\n\t" TR_FIRST_START_##core TR_FIRST_##taps(core, apart)     \
  "bne.w 4f\n\t"                                                                          \
  "vmov r2, s2\n\tvmov r3, s3\n\t"                                                        \
  TR_FIRST_OUTPUTS_##core(apart)                                                          \
  "5:\n\tvmov s4, r0\n\tvmov r1, s8\n\tcmp.w " TR_FIRST_NEXT_##core ", r1\n\t"            \
  "bne.w 1b\n\tb 6f\n\t"                                                                  \
  "4:\n\tstm.w r0!, " TR_FIRST_SUMS_##core                                                \
  "vmov " TR_FIRST_NEXT_##core ", s7\n\tadd.w " TR_FIRST_NEXT_##core ", "                 \
  TR_FIRST_NEXT_##core ", #4*" #apart "\n\tvmov s7, " TR_FIRST_NEXT_##core "\n\tb 5b\n\t" \
  "6:\n\tpop {r7}\n\t"

/* `apart` is how many bytes lie between the cells of a tile. */
#define TR_FIRST_RUN(name, core, taps, apart)                                        \
  TR_NOINLINE void name(const tr_first_tiles *given) {                               \
    register const tr_first_tiles *tiles __asm__("r0") = given;                      \
    __asm__ volatile(TR_FIRST_TEXT(core, taps, apart)                                \
                     : "+&r"(tiles)                                                  \
                     :                                                               \
                     : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", \
                       "r12", "lr", "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7",  \
                       "s8", "s9", "cc", "memory");                                  \
  }

#else

/* One tile: its sums, and what becomes of them. */
TR_INLINE void tr_first_tile(const tr_first_tiles *t, const uint16_t *x, int32_t tile, int32_t taps,
                             int32_t apart) {
  for (int32_t cell = 0; cell < TR_FIRST_CELLS; cell++) {
    for (int32_t c = 0; c < 2; c++) {
      const uint16_t *const from = x + cell * apart / 2;
      int32_t sum = t->start[c];
      for (int32_t i = 0; i < taps; i += 2) {
        const uint32_t pair = from[i] | (uint32_t)from[i + 1] << 16;
        sum = tr_dot2(t->weights[i + c], pair, sum);
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

#define TR_FIRST_RUN(name, core, taps, apart)                                          \
  TR_NOINLINE void name(const tr_first_tiles *t) {                                     \
    int32_t tile = 0;                                                                  \
    for (const uint16_t *x = t->x; x != t->x_end; x += TR_FIRST_CELLS * (apart) / 2) { \
      tr_first_tile(t, x, tile++, taps, apart);                                        \
    }                                                                                  \
  }

#endif

typedef void tr_first_run(const tr_first_tiles *tiles);

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
  const int32_t step = f->strips * f->at.into[0];
  const int32_t *constants = (const int32_t *)(const void *)f->p->weight;
  const int other = !tr_finish_is_plain(&f->p->requant, f->p->lut);
  TR_NO_UNROLL
  for (int32_t block = 0; block < channels; block += 2) {
    int8_t *to = y + (block < channels - 2 ? block : channels - 2);
    tr_first_tiles tiles = {{constants[0], constants[1]}, {constants[2], constants[3]}, to, step,
                            (const uint32_t *)constants + TR_FIRST_SCALES, f->strip, f->strip, other};
    const uint16_t *strip = f->strip;
    int32_t cells = f->at.length + f->strips - 1;
    for (int32_t i = 0; i < f->strips; i++) {
      const int32_t here = cells / f->strips;
      tr_first_cells(f, &tiles, strip, to, 0, here / TR_FIRST_CELLS, run, column);
      if (here % TR_FIRST_CELLS != 0) {
        tr_first_cells(f, &tiles, strip, to, here - TR_FIRST_CELLS, 1, run, column);
      }
      strip += f->second;
      to += f->at.into[0];
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
  f.at = tr_lines_of(g, down);
  f.columns = (f.at.length - 1) * f.at.stride + f.at.taps + TR_FIRST_SPARE;
  f.strips = TR_FIRST_APART / f.at.stride;
  /* The second strip's first column would be the one before it: there is room for that. */
  f.second = (f.columns * column + 1) / 2 * 2 + (column + 1) / 2 * 2;
  f.other = f.strips > 1 ? f.second - column : 0;
  f.strip = scratch;
  f.sums = (int32_t *)(void *)(f.strip + f.strips * f.second);
  for (int32_t b = 0; b < g->batch; b++) {
    const int8_t *const image = x + b * g->x_stride[0];
    for (int32_t line = 0; line < f.at.lines; line++) {
      const int32_t top = line * f.at.stride_lines - f.at.pad_lines;
      if (f.strips > 1) {
        tr_first_two_strips(&f, image, top, channels, column, form);
      } else {
        tr_first_one_strip(&f, image, top, channels, column, form);
      }
      tr_first_outputs(&f, y + b * g->y_stride[0] + line * f.at.into[1], run, column, taps);
    }
  }
}

#endif
