/* Two rows times four columns, of four values a row and more. The rows' pairs lie in the FPU's
 * registers for all columns, whose weights are read once for two rows and held for none. Cortex-M7 has
 * rows of other than 16 and 32 values in a panel (arm/quads_panel.h).
 *
 * Constants (pack "quads16"): a group of four values k0 to k3 is, for four columns, their pairs
 * (k0, k2), then their pairs (k1, k3), a word each. Up to TR_QUADS_MOST values: for each four columns
 * their start values, groups and multipliers. More are done by blocks of that many, the first of what
 * is left over, whose sums of two rows wait in scratch: the start values of each four columns, twice,
 * then for each block the groups of each four columns, with the multipliers behind each in the last.
 * When values are no multiple of four, the first group covers values 0 to 3 with weights of zero from
 * value k % 4 on, and the second starts at value k % 4: no byte outside a row is read. When columns
 * are none, the last four of all stand behind the whole fours. */
#ifndef TINYRIG_QUADS_H
#define TINYRIG_QUADS_H

#include <stddef.h>

#include "arm/finish.h"
#include "arm/form.h"
#include "arm/quads_m4.h"
#include "arm/quads_m7.h"
#include "arm/quads_panel.h"

#define TR_QUADS_MOST 32
#define TR_QUADS_GROUPS (TR_QUADS_MOST / 4)

/* Rows of one layer; columns of x and y lie side by side. */
typedef struct {
  const int8_t *stream;
  const int8_t *lut; /* its middle, for -128 to 127, or 0 */
  int32_t k;
  int32_t n;
  int32_t x_row;
  int32_t y_row;
} tr_quads;

/* Words, in this order, for the text. */
typedef struct {
  const int8_t *stream;
  const int8_t *stream_end; /* of the block */
  int8_t *y;
  int32_t y_row;
  int32_t y_next; /* from behind a pair's outputs to the next pair's */
  const int8_t *lut;
  const int8_t *x;
  int32_t x_row;
  int32_t pairs; /* or blocks, of one pair */
  int32_t last;  /* where columns are left over, bytes of the last four, which stand behind
                  * stream_end, and how many of those columns were done before */
  int32_t x_next; /* to the next pair of rows, or to the next block */
  int32_t *to;    /* where sums wait, or 0 where outputs are made */
  const int32_t *from;
  int32_t left_out; /* values that a first block has less than the most */
  int32_t block;    /* bytes of one behind this one: 16 times those of its multipliers */
  int32_t *sums;
} tr_quads_frame;

#if defined(__ARM_FEATURE_DSP)

_Static_assert(offsetof(tr_quads_frame, x_next) == 40, "the text of Cortex-M7 takes ten words");
_Static_assert(offsetof(tr_quads_frame, left_out) == 52, "and that of Cortex-M4 thirteen");
_Static_assert(sizeof(tr_quads_frame) == 64, "and three behind them");

#define TR_QUADS_ASM(frame, text)                                                             \
  register const tr_quads_frame *r0 __asm__("r0") = (frame);                                  \
  __asm__ volatile(text                                                                       \
                   : "+&r"(r0)                                                                \
                   :                                                                          \
                   : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12",     \
                     "lr", "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", \
                     "s11", "s12", "s13", "s14", "s15", "s16", "s17", "s18", "s19", "s20",    \
                     "s21", "s22", "s23", "s24", "s25", "s26", "s27", "s28", "s29", "s30",    \
                     "s31", "cc", "memory")

/* Rows of 16 or 32 values, all that Cortex-M7 has a text for. */
TR_NOINLINE void tr_quads_of_16(const tr_quads_frame *frame) {
  TR_QUADS_ASM(frame, TR_QUADS_TEXT(16));
}

TR_NOINLINE void tr_quads_of_32(const tr_quads_frame *frame) {
  TR_QUADS_ASM(frame, TR_QUADS_TEXT(32));
}

/* Rows of one block. */
TR_NOINLINE void tr_quads_of_any(const tr_quads_frame *frame) {
  TR_QUADS_ASM(
      frame, TR_QUADS_PUSH TR_QUADS_ROWS_M4
      ".p2align 2\n\t4:\n\t" TR_QUADS_START TR_QUADS_REST TR_QUADS_OUTPUTS TR_QUADS_POP);
}

/* A pair of rows of several blocks. */
TR_NOINLINE void tr_quads_of_blocks(const tr_quads_frame *frame) {
  TR_QUADS_ASM(frame, TR_QUADS_PUSH TR_QUADS_ROWS_M4 TR_QUADS_FIRST_BLOCK TR_QUADS_WHOLE_BLOCK
                          TR_QUADS_NEXT TR_QUADS_LAST_OUTPUTS TR_QUADS_POP);
}

TR_INLINE void tr_quads_whole(const tr_quads_frame *frame, const tr_form form) {
  if (!tr_is_m7(form)) {
    tr_quads_of_any(frame);
  } else if (frame->left_out == 0) {
    tr_quads_of_32(frame);
  } else {
    tr_quads_of_16(frame);
  }
}

TR_INLINE void tr_quads_parts(const tr_quads_frame *frame, const tr_form form) {
  if (!tr_is_m7(form)) {
    tr_quads_of_blocks(frame);
  }
}

#else

/* Four columns of a pair of rows: sums [row][column], which begin as they are. */
TR_INLINE const int8_t *tr_quads_sums(const tr_quads_frame *f, const int8_t *x, const int8_t *stream,
                                      int32_t *sums) {
  for (int32_t group = f->left_out / 4; group < TR_QUADS_GROUPS; group++) {
    const int32_t at = group == f->left_out / 4 ? 0 : 4 * group - f->left_out;
    for (int32_t i = 0; i < 8; i++) {
      const uint32_t four = tr_load4(x + i / 4 * f->x_row + at);
      const int8_t *const w = stream + i % 4 * 4;
      sums[i] = tr_dot2(tr_even_bytes(four), tr_load4(w), sums[i]);
      sums[i] = tr_dot2(tr_odd_bytes(four), tr_load4(w + 16), sums[i]);
    }
    stream += 32;
  }
  return stream;
}

/* A block of a pair of rows; returns what is behind its constants. */
TR_INLINE const int8_t *tr_quads_block(const tr_quads_frame *f, const int8_t *x, int8_t *y,
                                       const int whole) {
  const int8_t *stream = f->stream;
  const int8_t *const end = f->stream_end + (f->to != 0 ? 0 : f->last & ~3);
  for (int32_t quad = 0; stream != end; quad++) {
    const int32_t column = 4 * quad - (stream == f->stream_end ? f->last & 3 : 0);
    int32_t sums[8];
    for (int32_t i = 0; i < 8; i++) {
      sums[i] = whole ? (int32_t)tr_load4(stream + i % 4 * 4) : f->from[8 * quad + i];
    }
    stream = tr_quads_sums(f, x, stream + (whole ? 16 : 0), sums);
    for (int32_t i = 0; i < 8; i++) {
      if (f->to != 0) {
        f->to[8 * quad + i] = sums[i];
      } else {
        const int32_t q = tr_finish_narrow(sums[i], (int32_t)tr_load4(stream + i % 4 * 4));
        y[i / 4 * f->y_row + column + i % 4] = (int8_t)(f->lut != 0 ? f->lut[q] : q);
      }
    }
    stream += f->to != 0 ? 0 : 16;
  }
  return stream;
}

TR_NOINLINE void tr_quads_whole(const tr_quads_frame *f, const tr_form form) {
  (void)form;
  for (int32_t pair = 0; pair < f->pairs; pair++) {
    (void)tr_quads_block(f, f->x + pair * f->x_next, f->y + pair * 2 * f->y_row, 1);
  }
}

TR_NOINLINE void tr_quads_parts(const tr_quads_frame *frame, const tr_form form) {
  (void)form;
  tr_quads_frame f = *frame;
  for (;;) {
    f.stream = tr_quads_block(&f, f.x, f.y, 0);
    if (f.to == 0) {
      return;
    }
    f.pairs--;
    f.stream_end = f.stream + f.block + (f.pairs == 1 ? f.block / 16 - (f.last & ~3) : 0);
    f.x += f.x_next;
    f.x_next = TR_QUADS_MOST;
    f.left_out = 0;
    f.from = f.sums;
    f.to = f.pairs == 1 ? 0 : f.sums;
  }
}

#endif

/* Values of a layer's first block. */
TR_INLINE int32_t tr_quads_first(int32_t k) { return (k - 1) % TR_QUADS_MOST + 1; }

/* Values or columns in whole fours. */
TR_INLINE int32_t tr_quads_fours(int32_t count) { return (count + 3) & ~3; }

/* `pairs` pairs of rows; `sums` has room for two rows of outputs where k is above TR_QUADS_MOST, for
 * Cortex-M7 of values where k is neither 16 nor 32. */
TR_NOINLINE void tr_quads_pairs(const tr_quads *q, const int8_t *x, int8_t *y, int32_t pairs,
                                int32_t *sums, const tr_form form) {
  const int32_t n = tr_quads_fours(q->n);
  const int32_t back = n - q->n;
  if (tr_is_m7(form) && q->k != 16 && q->k != 32) {
    tr_quads_pair pair = {q->stream, 0, y, q->y_row, 0, q->lut, 0, 0};
    tr_quads_panels(&pair, x, q->x_row, q->k, n, back, pairs, (uint32_t *)(void *)sums, form);
    return;
  }
  const int32_t first = tr_quads_first(q->k);
  const int32_t column = 2 * tr_quads_fours(first);
  tr_quads_frame f = {q->stream, q->stream, y, q->y_row, 2 * q->y_row - q->n, q->lut, x, q->x_row,
                      pairs, 0, 2 * q->x_row, 0, 0, TR_QUADS_MOST - first, 2 * TR_QUADS_MOST * n, sums};
  if (q->k <= TR_QUADS_MOST) {
    const int32_t four = back != 0 ? 4 * (column + 8) : 0;
    f.last = four + back;
    f.stream_end = f.stream + (column + 8) * n - four;
    tr_quads_whole(&f, form);
    return;
  }
  f.stream = q->stream + 8 * n;
  f.stream_end = f.stream + column * n;
  f.x_next = first;
  f.pairs = (q->k - 1) / TR_QUADS_MOST + 1;
  f.last = back != 0 ? 4 * (2 * TR_QUADS_MOST + 4) + back : 0;
  f.to = sums;
  f.from = (const int32_t *)(const void *)q->stream;
  for (int32_t pair = 0; pair < pairs; pair++) {
    f.x = x + pair * 2 * q->x_row;
    f.y = y + pair * 2 * q->y_row;
    tr_quads_parts(&f, form);
  }
}

/* Any number of rows: a last one alone is both of its pair. */
TR_INLINE void tr_quads_all(const tr_quads *q, const int8_t *x, int8_t *y, int32_t rows, void *sums,
                            const tr_form form) {
  if (rows > 1) {
    tr_quads_pairs(q, x, y, rows / 2, sums, form);
  }
  if (rows % 2 != 0) {
    tr_quads one = *q;
    one.x_row = 0;
    one.y_row = 0;
    tr_quads_pairs(&one, x + (rows - 1) * q->x_row, y + (rows - 1) * q->y_row, 1, sums, form);
  }
}

#endif
