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

#include "tinyrig/dsp.h"

#define TR_UNIT 8

/* Columns the first unit accounts for, 1 to 8. */
TR_INLINE int32_t tr_first_unit(int32_t k) { return (k - 1) % TR_UNIT + 1; }

TR_INLINE int32_t tr_units(int32_t k) { return (k + TR_UNIT - 1) / TR_UNIT; }

TR_INLINE int32_t tr_panel_words(int32_t rows, int32_t k) { return rows * 4 * tr_units(k); }

/* Four columns of every row; `offset`, a pair, is added to the lanes. */
TR_INLINE void tr_pack_group(uint32_t *panel, const int8_t *x, int32_t x_row, const int rows,
                             uint32_t offset) {
  for (int i = 0; i < rows; i++) {
    const uint32_t bytes = tr_load4(x + i * x_row);
    panel[2 * i] = tr_add_even_bytes(offset, bytes);
    panel[2 * i + 1] = tr_add_odd_bytes(offset, bytes);
  }
}

/* Widens `rows` rows of k columns (the first at x, the next x_row further), adding `offset`, a
 * pair of minus the zero point. */
TR_INLINE void tr_panel_pack(uint32_t *panel, const int8_t *x, int32_t x_row, int32_t k,
                             const int rows, uint32_t offset) {
  const int32_t first = tr_first_unit(k);
  tr_pack_group(panel, x, x_row, rows, offset);
  tr_pack_group(panel + 2 * rows, x + 4, x_row, rows, offset);
  for (int32_t column = first; column < TR_UNIT; column++) {
    uint32_t *const group = panel + column / 4 * 2 * rows;
    for (int i = 0; i < rows; i++) {
      group[2 * i + column % 2] &= column % 4 < 2 ? 0xFFFF0000U : 0x0000FFFFU;
    }
  }
  x += first;
  TR_NO_UNROLL
  for (int32_t rest = k - first; rest > 0; rest -= TR_UNIT) {
    panel += 4 * rows;
    tr_pack_group(panel, x, x_row, rows, offset);
    tr_pack_group(panel + 2 * rows, x + 4, x_row, rows, offset);
    x += TR_UNIT;
  }
}

/* acc[column][row] += a unit's eight columns of the panel times those of w's rows. */
TR_INLINE void tr_unit(const uint32_t *panel, const int8_t *w, int32_t w_row, const int rows,
                       const int columns, int32_t *acc) {
  for (int group = 0; group < 2; group++) {
    uint32_t even[2];
    uint32_t odd[2];
    for (int j = 0; j < columns; j++) {
      const uint32_t bytes = tr_load4(w + 4 * group + j * w_row);
      even[j] = tr_even_bytes(bytes);
      odd[j] = tr_odd_bytes(bytes);
    }
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        int32_t *const sum = acc + j * rows + i;
        *sum = tr_dot2(panel[(group * rows + i) * 2], even[j], *sum);
        *sum = tr_dot2(panel[(group * rows + i) * 2 + 1], odd[j], *sum);
      }
    }
  }
}

/* dot[column][row] = panel row times row `column` of w, `columns` at most 2. */
TR_INLINE void tr_tile(const uint32_t *panel, const int8_t *w, int32_t w_row, int32_t k,
                       const int rows, const int columns, int32_t *dot) {
  int32_t acc[6] = {0};
  const int32_t first = tr_first_unit(k);
  tr_unit(panel, w, w_row, rows, columns, acc);
  w += first;
  TR_NO_UNROLL
  for (int32_t rest = k - first; rest > 0; rest -= TR_UNIT) {
    panel += 4 * rows;
    tr_unit(panel, w, w_row, rows, columns, acc);
    w += TR_UNIT;
  }
  for (int i = 0; i < rows * columns; i++) {
    dot[i] = acc[i];
  }
}

/* dot[column][row] for `pairs` pairs of rows of w. */
typedef void tr_tiles(const uint32_t *panel, const int8_t *w, int32_t w_row, int32_t k,
                      int32_t pairs, int32_t *dot);

TR_NOINLINE void tr_tiles_1x2(const uint32_t *panel, const int8_t *w, int32_t w_row, int32_t k,
                              int32_t pairs, int32_t *dot) {
  TR_NO_UNROLL
  for (; pairs > 0; pairs--) {
    tr_tile(panel, w, w_row, k, 1, 2, dot);
    w += 2 * w_row;
    dot += 2;
  }
}

TR_NOINLINE void tr_tiles_2x2(const uint32_t *panel, const int8_t *w, int32_t w_row, int32_t k,
                              int32_t pairs, int32_t *dot) {
  TR_NO_UNROLL
  for (; pairs > 0; pairs--) {
    tr_tile(panel, w, w_row, k, 2, 2, dot);
    w += 2 * w_row;
    dot += 4;
  }
}

#endif
