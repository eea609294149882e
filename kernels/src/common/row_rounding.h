/* What turns a row's exponentials into probabilities without leaving int32. */
#ifndef TINYRIG_ROW_ROUNDING_H
#define TINYRIG_ROW_ROUNDING_H

#include "common/row_multiplier.h"

/* Where scaled(e << 8) is (((e * M) >> 16) + half) >> shift, half and shift both 2^8 times and 8
 * more than the row multiplier's: the two floors are one, and nothing leaves int32. */
#define TR_LARGEST_RUN_SHIFT 23

/* ((e * multiplier >> 16) + half) >> shift. A larger shift than TR_LARGEST_RUN_SHIFT leaves 0 of
 * every exponential, and so does that one. */
typedef struct {
  int32_t multiplier;
  int32_t half;
  int32_t shift;
} tr_row_rounding;

static inline tr_row_rounding tr_row_rounding_for(tr_row_scale scale, uint32_t sum) {
  const tr_row_multiplier row = tr_row_scale_for(scale, sum);
  const int32_t shift = 8 + (row.shift < TR_LARGEST_RUN_SHIFT ? row.shift : TR_LARGEST_RUN_SHIFT);
  const tr_row_rounding rounding = {row.multiplier, (int32_t)(1U << (shift - 1)), shift};
  return rounding;
}

#endif
