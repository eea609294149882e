/* Rows of sparse weights (common/sparse_stream.h) times elements, in portable C. */
#ifndef TINYRIG_SPARSE_WALK_H
#define TINYRIG_SPARSE_WALK_H

#include "common/sparse_stream.h"

#define TR_SPARSE_MOST_ROWS 2

/* Returns element `c` of the row of inputs that `from` describes. */
typedef int32_t tr_sparse_element(const void *from, int32_t c);

/* The weight at a place of a step's bytes, of a row. */
TR_INLINE int32_t tr_sparse_value(const tr_sparse_form *form, const int8_t *values,
                                  const int8_t *place, int32_t row) {
  return values[*place] + (row > 0 && values[place[-form->size]] < 0);
}

/* Adds to sums[r] the products of row r of the next row of blocks, and moves behind it. */
TR_INLINE void tr_sparse_next_row(const tr_sparse_form *form, tr_sparse_stream *w,
                                  tr_sparse_element *element, const void *from, int32_t k,
                                  int32_t *sums) {
  const int8_t *const end = w->values + w->row;
  int32_t c = -form->size;
  while (w->row != 0 ? w->values != end : *w->gaps != 0) {
    const int8_t *place = form->place;
    for (int32_t block = 0; block < form->step; block++) {
      c += form->size * (*w->gaps++ / TR_SPARSE_STEP);
      for (int32_t row = 0; row < form->rows; row++) {
        for (int32_t q = 0; q < form->size; q++) {
          const int32_t value = tr_sparse_value(form, w->values, place++, row);
          sums[row] += c + q < k ? element(from, c + q) * value : 0;
        }
      }
    }
    w->values += tr_sparse_step_bytes(form);
  }
  w->gaps += w->row == 0;
}

#endif
