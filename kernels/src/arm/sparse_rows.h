/* Rows of x times sparse weights (common/sparse_stream.h), six at a time.
 *
 * A panel of six rows is, for each block of four columns of k, the pairs (0, 2) of the six rows and
 * then their pairs (1, 3), each an int16 pair in a word: 48 bytes a block. Rows come by twos; of
 * fewer than six the last two, or the only one, come again, and their outputs are written again.
 * What suits the core is defined before (arm/sparse_blocks.h). */
#ifndef TINYRIG_SPARSE_ROWS_H
#define TINYRIG_SPARSE_ROWS_H

#include <stddef.h>

#include "arm/finish.h"
#include "arm/gather.h"
#include "arm/sparse_blocks.h"
#include "common/sparse_stream.h"

#define TR_SPARSE_ROWS 6

/* What the assembly walks through: a row of weights after the other, and a column of y for each.
 * The multipliers' step is in bytes. */
typedef struct {
  const uint32_t *panel;
  const int8_t *values;
  const uint8_t *gaps;
  const int32_t *start;
  const int32_t *start_end;
  const int32_t *multiplier;
  int32_t multiplier_step;
  int8_t *y;
  int32_t y_col;
  const int8_t *lut; /* its middle, for -128 to 127, or 0 */
  int32_t y_other;   /* steps from the first row to the second, */
  int32_t y_third;   /* the third */
  int32_t y_fifth;   /* and the fifth */
  int32_t sums[TR_SPARSE_ROWS];
} tr_sparse_frame;

typedef struct {
  const int8_t *weight;
  const int32_t *start;
  const tr_requant *requant;
  const int8_t *lut;
  int32_t k;
  int32_t n;
  int32_t y_row;
  int32_t y_col;
} tr_sparse;

#if defined(__ARM_FEATURE_DSP)

_Static_assert(offsetof(tr_sparse_frame, start) == 12, "the assembly knows");
_Static_assert(offsetof(tr_sparse_frame, lut) == 36, "where everything");
_Static_assert(offsetof(tr_sparse_frame, sums) == 52, "lies");

#define TR_SPARSE_OPEN           \
  "push {r0, r7}\n\t"            \
  "mov r12, r0\n\t"              \
  "ldr.w r1, [r12, #4]\n\t"      \
  "ldr.w r2, [r12, #8]\n\t"      \
  "ldr.w r6, [r12, #12]\n\t"     \
  ".p2align 2\n\t"               \
  "1:\n\t"                       \
  "ldr.w r0, [r12]\n\t"          \
  "ldr.w r3, [r6], #4\n\t"       \
  "str.w r6, [r12, #12]\n\t"

#define TR_SPARSE_ASM(frame, text)                                                         \
  register uint32_t r0 __asm__("r0") = (uint32_t)(uintptr_t)(frame);                       \
  __asm__ volatile(TR_SPARSE_OPEN TR_SPARSE_ROW "ldr.w r12, [sp]\n\t" text "pop {r0, r7}\n\t" \
                   : "+r"(r0)                                                              \
                   :                                                                       \
                   : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12",   \
                     "lr", "cc", "memory")

/* The sums of the next row of weights, and on to the one behind it. */
TR_NOINLINE void tr_sparse_sums(tr_sparse_frame *f) {
  TR_SPARSE_ASM(f, "add r6, r12, #52\n\t"
                   "str.w r1, [r12, #4]\n\t"
                   "str.w r2, [r12, #8]\n\t"
                   "stm r6, {r3, r4, r5, r8, r9, r10}\n\t");
}

/* All rows of weights: y = lut(sat8((sum * multiplier) >> 32)). */
TR_NOINLINE void tr_sparse_narrow(tr_sparse_frame *f) {
  TR_SPARSE_ASM(f, "ldr.w r6, [r12, #20]\n\t"
                   "ldr.w r7, [r12, #24]\n\t"
                   "ldr.w r11, [r12, #28]\n\t"
                   "ldr.w lr, [r12, #36]\n\t"
                   "ldr.w r0, [r6]\n\t"
                   "add.w r6, r6, r7\n\t"
                   "str.w r6, [r12, #20]\n\t"
                   "smmul r3, r3, r0\n\t"
                   "smmul r4, r4, r0\n\t"
                   "smmul r5, r5, r0\n\t"
                   "smmul r8, r8, r0\n\t"
                   "smmul r9, r9, r0\n\t"
                   "smmul r10, r10, r0\n\t"
                   "ssat r3, #8, r3\n\t"
                   "ssat r4, #8, r4\n\t"
                   "ssat r5, #8, r5\n\t"
                   "ssat r8, #8, r8\n\t"
                   "ssat r9, #8, r9\n\t"
                   "ssat r10, #8, r10\n\t"
                   "cmp.w lr, #0\n\t"
                   "bne.w 7f\n\t"
                   "8:\n\t"
                   "ldr.w r6, [r12, #32]\n\t"
                   "ldr.w lr, [r12, #40]\n\t"
                   "ldr.w r0, [r12, #44]\n\t"
                   "ldr.w r7, [r12, #48]\n\t"
                   "strb.w r3, [r11]\n\t"
                   "strb.w r4, [r11, lr]\n\t"
                   "add.w r6, r6, r11\n\t"
                   "add.w r3, r11, r0\n\t"
                   "add.w r4, r11, r7\n\t"
                   "str.w r6, [r12, #28]\n\t"
                   "strb.w r5, [r3]\n\t"
                   "strb.w r8, [r3, lr]\n\t"
                   "strb.w r9, [r4]\n\t"
                   "strb.w r10, [r4, lr]\n\t"
                   "ldr.w r6, [r12, #12]\n\t"
                   "ldr.w r7, [r12, #16]\n\t"
                   "cmp.w r6, r7\n\t"
                   "bne.w 1b\n\t"
                   "b 9f\n\t"
                   "7:\n\t"
                   "ldrsb.w r3, [lr, r3]\n\t"
                   "ldrsb.w r4, [lr, r4]\n\t"
                   "ldrsb.w r5, [lr, r5]\n\t"
                   "ldrsb.w r8, [lr, r8]\n\t"
                   "ldrsb.w r9, [lr, r9]\n\t"
                   "ldrsb.w r10, [lr, r10]\n\t"
                   "b 8b\n\t"
                   "9:\n\t");
}

#else

TR_NOINLINE void tr_sparse_sums(tr_sparse_frame *f) {
  for (int i = 0; i < TR_SPARSE_ROWS; i++) {
    f->sums[i] = *f->start;
  }
  f->start++;
  int32_t at = -2 * TR_SPARSE_ROWS;
  for (int32_t gap = *f->gaps++; gap != 0; gap = *f->gaps++) {
    at += 4 * gap;
    const uint32_t even = tr_even_bytes(tr_load4(f->values));
    const uint32_t odd = tr_odd_bytes(tr_load4(f->values));
    for (int i = 0; i < TR_SPARSE_ROWS; i++) {
      f->sums[i] = tr_dot2(f->panel[at + i], even, f->sums[i]);
      f->sums[i] = tr_dot2(f->panel[at + TR_SPARSE_ROWS + i], odd, f->sums[i]);
    }
    f->values += 4;
  }
}

TR_NOINLINE void tr_sparse_narrow(tr_sparse_frame *f) {
  const int32_t steps[] = {0, f->y_third, f->y_fifth};
  while (f->start != f->start_end) {
    tr_sparse_sums(f);
    for (int i = 0; i < TR_SPARSE_ROWS; i++) {
      const int32_t q = tr_finish_narrow(f->sums[i], *f->multiplier);
      f->y[steps[i / 2] + i % 2 * f->y_other] = (int8_t)(f->lut != 0 ? f->lut[q] : q);
    }
    f->multiplier += f->multiplier_step / 4;
    f->y += f->y_col;
  }
}

#endif

/* Any requantisation. */
TR_NOINLINE void tr_sparse_any(const tr_sparse *s, tr_sparse_frame *f) {
  const int32_t steps[] = {0, f->y_third, f->y_fifth};
  const int32_t *multiplier = f->multiplier;
  int8_t *y = f->y;
  while (f->start != f->start_end) {
    tr_sparse_sums(f);
    for (int i = 0; i < TR_SPARSE_ROWS; i++) {
      const int32_t q = tr_finish(s->requant, s->lut, f->sums[i], *multiplier);
      y[steps[i / 2] + i % 2 * f->y_other] = (int8_t)q;
    }
    multiplier += s->requant->channel_step;
    y += s->y_col;
  }
}

/* One row of a panel, its place among the six as well: columns by fours, then those left over. */
TR_INLINE void tr_sparse_pack_row(uint32_t *to, const int8_t *x, int32_t k) {
  const int8_t *const fours = x + (k & ~3);
  TR_NO_UNROLL
  while (x != fours) {
    const uint32_t bytes = tr_load4(x);
    to[0] = tr_even_bytes(bytes);
    to[TR_SPARSE_ROWS] = tr_odd_bytes(bytes);
    x += 4;
    to += 2 * TR_SPARSE_ROWS;
  }
  if ((k & 3) != 0) {
    to[0] = tr_pair(x[0], (k & 3) > 2 ? x[2] : 0);
    to[TR_SPARSE_ROWS] = tr_pair((k & 3) > 1 ? x[1] : 0, 0);
  }
}

/* The row that the pair of rows from place 2 * pair on begins with. */
TR_INLINE int32_t tr_sparse_first(int32_t rows, int32_t pair) {
  const int32_t last = rows < 2 ? 0 : rows - 2;
  return 2 * pair < last ? 2 * pair : last;
}

TR_NOINLINE void tr_sparse_pack(uint32_t *panel, const int8_t *x, int32_t x_row, int32_t k,
                                int32_t rows) {
  const int32_t other = rows > 1 ? x_row : 0;
  for (int32_t pair = 0; pair < TR_SPARSE_ROWS / 2; pair++) {
    const int8_t *const first = x + tr_sparse_first(rows, pair) * x_row;
    tr_sparse_pack_row(panel + 2 * pair, first, k);
    tr_sparse_pack_row(panel + 2 * pair + 1, first + other, k);
  }
}

/* m rows of x into m of y. scratch: a panel, and six rows of bytes where x_col is not 1. */
TR_NOINLINE void tr_sparse_rows(const tr_sparse *s, const int8_t *x, int32_t x_row, int32_t x_col,
                                int8_t *y, int32_t m, void *scratch) {
  uint32_t *const panel = scratch;
  int8_t *const copy = (int8_t *)(panel + 2 * TR_SPARSE_ROWS * ((s->k + 3) / 4));
  const tr_sparse_stream stream = tr_sparse_open(s->weight);
  for (int32_t i = 0; i < m; i += TR_SPARSE_ROWS) {
    const int32_t rows = m - i < TR_SPARSE_ROWS ? m - i : TR_SPARSE_ROWS;
    if (x_col == 1) {
      tr_sparse_pack(panel, x + i * x_row, x_row, s->k, rows);
    } else {
      tr_gather_rows(copy, s->k, x + i * x_row, x_row, x_col, rows, s->k, 0);
      tr_sparse_pack(panel, copy, s->k, s->k, rows);
    }
    tr_sparse_frame frame = {
        .panel = panel,
        .values = stream.values,
        .gaps = stream.gaps,
        .start = s->start,
        .start_end = s->start + s->n,
        .multiplier = s->requant->multiplier,
        .multiplier_step = 4 * s->requant->channel_step,
        .y = y + i * s->y_row,
        .y_col = s->y_col,
        .lut = s->lut == 0 ? 0 : s->lut + 128,
        .y_other = rows > 1 ? s->y_row : 0,
        .y_third = tr_sparse_first(rows, 1) * s->y_row,
        .y_fifth = tr_sparse_first(rows, 2) * s->y_row,
    };
    if (tr_finish_is_narrow(s->requant)) {
      tr_sparse_narrow(&frame);
    } else {
      tr_sparse_any(s, &frame);
    }
  }
}

#endif
