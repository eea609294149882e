/* Rows of x times blocks of four weights (common/sparse_stream.h) on an XpulpV2 core.
 *
 * A panel is six rows of x, a word of four columns behind the other's: a gap, eight times, leads
 * from a block's words to the next's. Of fewer rows the last comes again. */
#ifndef TINYRIG_XPULP_SPARSE_H
#define TINYRIG_XPULP_SPARSE_H

#include "common/sparse_stream.h"
#include "xpulp/xpulp.h"

#define TR_XP_SPARSE_ROWS 6

TR_INLINE uint32_t tr_xp_sparse_four(const int8_t *x, int32_t x_col, int32_t columns) {
  if (x_col == 1 && columns >= 4) {
    return tr_xp_load(x);
  }
  uint32_t word = 0;
  for (int32_t c = 0; c < 4 && c < columns; c++) {
    word |= (uint32_t)(uint8_t)x[c * x_col] << (8 * c);
  }
  return word;
}

TR_INLINE void tr_xp_sparse_pack(uint32_t *panel, const int8_t *x, int32_t x_row, int32_t x_col,
                                 int32_t k, int32_t rows) {
  for (int32_t i = 0; i < TR_XP_SPARSE_ROWS; i++) {
    const int8_t *from = x + (i < rows ? i : rows - 1) * x_row;
    uint32_t *to = panel + i;
    for (int32_t c = 0; c < k; c += 4) {
      *to = tr_xp_sparse_four(from, x_col, k - c);
      from += 4 * x_col;
      to += TR_XP_SPARSE_ROWS;
    }
  }
}

/* One block: moves to its words and adds six products. */
TR_INLINE void tr_xp_sparse_block(uintptr_t *at, tr_sparse_stream *w, int32_t *sums) {
  *at += (uintptr_t)*w->gaps++ << 3;
  const uint32_t *const x = (const uint32_t *)*at;
  const uint32_t four = tr_xp_load(w->values);
  for (int i = 0; i < TR_XP_SPARSE_ROWS; i++) {
    sums[i] = tr_xp_sdotsp4(x[i], four, sums[i]);
  }
  w->values += 4;
}

/* The sums of a panel and the next row of blocks, which `w` moves behind. */
TR_INLINE void tr_xp_sparse_sums(const uint32_t *panel, tr_sparse_stream *w, int32_t start,
                                 int32_t *sums) {
  uintptr_t at = (uintptr_t)panel - 4 * TR_XP_SPARSE_ROWS;
  for (int i = 0; i < TR_XP_SPARSE_ROWS; i++) {
    sums[i] = start;
  }
  if (w->row != 0) {
    const int8_t *const end = w->values + w->row;
    while (w->values != end) {
      tr_xp_sparse_block(&at, w, sums);
    }
    return;
  }
  while (*w->gaps != 0) {
    tr_xp_sparse_block(&at, w, sums);
  }
  w->gaps++;
}

#endif
