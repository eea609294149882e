/* Rows gathered from strided operands into contiguous bytes. */
#ifndef TINYRIG_GATHER_H
#define TINYRIG_GATHER_H

#include "common/dsp.h"

/* Four rows by four columns of bytes: to[i][c] = from[c][i]. */
TR_INLINE void tr_transpose4(int8_t *to, int32_t to_row, const int8_t *from, int32_t from_row) {
  const uint32_t mask = 0x00FF00FFU;
  const uint32_t a = tr_load4(from);
  const uint32_t b = tr_load4(from + from_row);
  const uint32_t c = tr_load4(from + 2 * from_row);
  const uint32_t d = tr_load4(from + 3 * from_row);
  const uint32_t ab_even = (a & mask) | (b & mask) << 8;
  const uint32_t cd_even = (c & mask) | (d & mask) << 8;
  const uint32_t ab_odd = (a >> 8 & mask) | (b & ~mask);
  const uint32_t cd_odd = (c >> 8 & mask) | (d & ~mask);
  tr_store4(to, tr_low_halves(ab_even, cd_even));
  tr_store4(to + to_row, tr_low_halves(ab_odd, cd_odd));
  tr_store4(to + 2 * to_row, tr_high_halves(ab_even, cd_even));
  tr_store4(to + 3 * to_row, tr_high_halves(ab_odd, cd_odd));
}

/* to [rows][width]: to[i][c] = from[i * row_stride + c * column_stride] for c < columns, then
 * `pad`. The four-by-four transpose serves operands whose rows lie side by side. */
TR_SMALL void tr_gather_rows(int8_t *to, int32_t width, const int8_t *from, int32_t row_stride,
                                int32_t column_stride, int32_t rows, int32_t columns,
                                int32_t pad) {
  int32_t done_rows = 0;
  const int32_t done_columns = columns / 4 * 4;
  if (row_stride == 1) {
    TR_NO_UNROLL
    for (; done_rows + 4 <= rows; done_rows += 4) {
      TR_NO_UNROLL
      for (int32_t c = 0; c < done_columns; c += 4) {
        tr_transpose4(to + done_rows * width + c, width, from + done_rows + c * column_stride,
                      column_stride);
      }
    }
  }
  for (int32_t i = 0; i < rows; i++) {
    int32_t c = i < done_rows ? done_columns : 0;
    TR_NO_UNROLL
    for (; c < columns; c++) {
      to[i * width + c] = from[i * row_stride + c * column_stride];
    }
    TR_NO_UNROLL
    for (; c < width; c++) {
      to[i * width + c] = (int8_t)pad;
    }
  }
}

#endif
