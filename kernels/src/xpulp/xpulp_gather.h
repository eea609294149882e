/* Rows gathered from strided operands into contiguous bytes, as gather.h does, by shuffles. */
#ifndef TINYRIG_XPULP_GATHER_H
#define TINYRIG_XPULP_GATHER_H

#include "xpulp/xpulp.h"

/* Four rows by four columns of bytes: to[i][c] = from[c][i]. */
TR_INLINE void tr_xp_transpose4(int8_t *to, int32_t to_row, const int8_t *from,
                                int32_t from_row) {
  const uint32_t a = tr_xp_load(from);
  const uint32_t b = tr_xp_load(from + from_row);
  const uint32_t c = tr_xp_load(from + 2 * from_row);
  const uint32_t d = tr_xp_load(from + 3 * from_row);
  const uint32_t ab = tr_xp_shuffle4(a, b, 0x05010400U);
  const uint32_t cd = tr_xp_shuffle4(c, d, 0x05010400U);
  const uint32_t ab_high = tr_xp_shuffle4(a, b, 0x07030602U);
  const uint32_t cd_high = tr_xp_shuffle4(c, d, 0x07030602U);
  tr_xp_store(to, tr_xp_pack2((int32_t)ab, (int32_t)cd));
  tr_xp_store(to + to_row, tr_xp_shuffle4(ab, cd, 0x07060302U));
  tr_xp_store(to + 2 * to_row, tr_xp_pack2((int32_t)ab_high, (int32_t)cd_high));
  tr_xp_store(to + 3 * to_row, tr_xp_shuffle4(ab_high, cd_high, 0x07060302U));
}

/* to [rows][width]: to[i][c] = from[i * row_step + c * column_step] for c < columns, then zeros. */
TR_NOINLINE void tr_xp_gather(int8_t *to, int32_t width, const int8_t *from, int32_t row_step,
                              int32_t column_step, int32_t rows, int32_t columns) {
  const int32_t whole = row_step == 1 ? columns / 4 * 4 : 0;
  const int32_t done = whole != 0 ? rows / 4 * 4 : 0;
  for (int32_t i = 0; i < done; i += 4) {
    TR_NO_UNROLL
    for (int32_t c = 0; c < whole; c += 4) {
      tr_xp_transpose4(to + i * width + c, width, from + i + c * column_step, column_step);
    }
  }
  for (int32_t i = 0; i < rows; i++) {
    int8_t *const row = to + i * width;
    int32_t c = i < done ? whole : 0;
    TR_NO_UNROLL
    for (; c < columns; c++) {
      row[c] = from[i * row_step + c * column_step];
    }
    TR_NO_UNROLL
    for (; c < width; c++) {
      row[c] = 0;
    }
  }
}

#endif
