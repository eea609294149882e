/* Panels: a few rows widened to int16 once and multiplied many times (the packing of A in
 * GotoBLAS, "Anatomy of High-Performance Matrix Multiplication", for SMLAD).
 *
 * A panel of R rows and k >= 8 columns is a sequence of units of eight columns. A unit is two
 * groups of four columns; a group holds for every row the pairs (0, 2) and (1, 3), the order in
 * which SXTB16 widens the four bytes of the other operand. When k is no multiple of eight, the
 * first unit covers columns 0 to 7 with zeros from column k % 8 on, and the second starts at
 * column k % 8: no byte outside a row is read. */
#ifndef TINYRIG_PANEL_H
#define TINYRIG_PANEL_H

#include "common/dsp.h"

#define TR_UNIT 8

/* Columns the first unit accounts for, 1 to 8. */
TR_INLINE int32_t tr_first_unit(int32_t k) { return (k - 1) % TR_UNIT + 1; }

TR_INLINE int32_t tr_units(int32_t k) { return (k + TR_UNIT - 1) / TR_UNIT; }

TR_INLINE int32_t tr_panel_words(int32_t rows, int32_t k) { return rows * 4 * tr_units(k); }

/* Widens one unit of a row; panel is its place in a panel of `rows` rows. */
TR_INLINE void tr_pack_unit(uint32_t *panel, const int8_t *x, int32_t rows, uint32_t offset) {
  const uint32_t low = tr_load4(x);
  const uint32_t high = tr_load4(x + 4);
  panel[0] = tr_add_even_bytes(offset, low);
  panel[1] = tr_add_odd_bytes(offset, low);
  panel[2 * rows] = tr_add_even_bytes(offset, high);
  panel[2 * rows + 1] = tr_add_odd_bytes(offset, high);
}

/* `left` columns, whole pairs of units, from `from` on. */
TR_INLINE void tr_pack_pairs(uint32_t *to, const int8_t *from, int32_t left, const int rows,
                             uint32_t offset) {
#if defined(__ARM_FEATURE_DSP)
  /* The word before the next: the last load moves it on. */
  uint32_t x = (uint32_t)(uintptr_t)from - 4;
  const uint32_t end = x + (uint32_t)left;
  uint32_t a;
  uint32_t b;
  uint32_t c;
  uint32_t d;
  uint32_t even;
  TR_NO_UNROLL
  while (x != end) {
    __asm__ volatile(
        "ldr.w %[a], [%[x], #4]\n\t"
        "ldr.w %[b], [%[x], #8]\n\t"
        "ldr.w %[c], [%[x], #12]\n\t"
        "ldr %[d], [%[x], #16]!\n\t"
        "sxtab16 %[even], %[offset], %[a]\n\t"
        "sxtab16 %[a], %[offset], %[a], ror #8\n\t"
        "str %[even], [%[to]], %[two]\n\t"
        "sxtab16 %[even], %[offset], %[b]\n\t"
        "str %[a], [%[to], %[p1]]\n\t"
        "sxtab16 %[b], %[offset], %[b], ror #8\n\t"
        "str %[even], [%[to], %[p2]]\n\t"
        "sxtab16 %[even], %[offset], %[c]\n\t"
        "str %[b], [%[to], %[p3]]\n\t"
        "sxtab16 %[c], %[offset], %[c], ror #8\n\t"
        "str %[even], [%[to], %[p4]]\n\t"
        "sxtab16 %[even], %[offset], %[d]\n\t"
        "str %[c], [%[to], %[p5]]\n\t"
        "sxtab16 %[d], %[offset], %[d], ror #8\n\t"
        "str %[even], [%[to], %[p6]]\n\t"
        "str %[d], [%[to], %[p7]]\n\t"
        : [a] "=&r"(a), [b] "=&r"(b), [c] "=&r"(c), [d] "=&r"(d), [even] "=&r"(even),
          [x] "+&r"(x), [to] "+&r"(to)
        : [offset] "r"(offset), [two] "i"(32 * rows), [p1] "i"(4 - 32 * rows),
          [p2] "i"(-24 * rows), [p3] "i"(4 - 24 * rows), [p4] "i"(-16 * rows),
          [p5] "i"(4 - 16 * rows), [p6] "i"(-8 * rows), [p7] "i"(4 - 8 * rows)
        : "memory");
  }
#else
  for (; left > 0; left -= TR_UNIT) {
    tr_pack_unit(to, from, rows, offset);
    from += TR_UNIT;
    to += 4 * rows;
  }
#endif
}

/* A first unit of less than eight columns. */
TR_SMALL void tr_pack_first(uint32_t *to, const int8_t *from, int32_t first, int32_t rows,
                               uint32_t offset) {
  tr_pack_unit(to, from, rows, offset);
  TR_NO_UNROLL
  for (int32_t column = first; column < TR_UNIT; column++) {
    to[column / 4 * 2 * rows + column % 2] &= column % 4 < 2 ? 0xFFFF0000U : 0x0000FFFFU;
  }
}

/* `count` rows into a panel of `rows`. */
TR_INLINE void tr_pack_rows(uint32_t *panel, const int8_t *x, int32_t x_row, int32_t k,
                            const int rows, int32_t count, uint32_t offset) {
  const int32_t first = k & (TR_UNIT - 1);
  const int32_t single = k & TR_UNIT;
  const int32_t pairs = k & ~(2 * TR_UNIT - 1);
  TR_NO_UNROLL
  for (int32_t row = 0; row < count; row++) {
    uint32_t *to = panel + 2 * row;
    const int8_t *from = x;
    if (first != 0) {
      tr_pack_first(to, from, first, rows, offset);
      from += first;
      to += 4 * rows;
    }
    if (single != 0) {
      tr_pack_unit(to, from, rows, offset);
      from += TR_UNIT;
      to += 4 * rows;
    }
    tr_pack_pairs(to, from, pairs, rows, offset);
    x += x_row;
  }
}

/* Widens `rows` rows of k columns (the first at x, the next x_row further), adding `offset`, a
 * pair of minus the zero point, to the lanes. */
TR_NOINLINE void tr_panel_pack(uint32_t *panel, const int8_t *x, int32_t x_row, int32_t k,
                               int32_t rows, uint32_t offset) {
  if (rows == 3) {
    tr_pack_rows(panel, x, x_row, k, 3, 3, offset);
  } else if (rows == 2) {
    tr_pack_rows(panel, x, x_row, k, 2, 2, offset);
  } else {
    tr_pack_rows(panel, x, x_row, k, 1, 1, offset);
  }
}

/* The sums of the rows of a packed panel. */
TR_INLINE void tr_panel_sums(const uint32_t *panel, const int rows, int32_t k, int32_t *sums) {
  const uint32_t ones = 0x00010001U;
  const uint32_t *const end = panel + tr_panel_words(rows, k);
  for (int i = 0; i < rows; i++) {
    sums[i] = 0;
  }
  TR_NO_UNROLL
  for (; panel < end; panel += 4 * rows) {
    for (int i = 0; i < rows; i++) {
      sums[i] = tr_dot2(panel[2 * i], ones, sums[i]);
      sums[i] = tr_dot2(panel[2 * i + 1], ones, sums[i]);
      sums[i] = tr_dot2(panel[2 * (rows + i)], ones, sums[i]);
      sums[i] = tr_dot2(panel[2 * (rows + i) + 1], ones, sums[i]);
    }
  }
}

#endif
