/* Constants of pairs of rows by four columns (arm/quads.h) made from activations when they are known:
 * keys, or the values of attention. */
#ifndef TINYRIG_QUADS_MADE_H
#define TINYRIG_QUADS_MADE_H

#include "arm/quads.h"

/* Value k of column n lies at base + k * step + n * column; there are `values` of each of `columns`
 * columns, and zeros behind them. A column's sum starts at `start` and `each` times what its values,
 * less their zero point, add up to. */
typedef struct {
  const int8_t *base;
  int32_t step;
  int32_t column;
  int32_t values;
  int32_t columns;
  int32_t zero_point;
  int32_t start;
  int32_t each;
  int32_t multiplier;
} tr_quads_source;

/* Four values of a column from k on, at the edges. */
TR_NOINLINE uint32_t tr_made_edge(const tr_quads_source *s, int32_t k, int32_t n) {
  uint32_t four = 0;
  for (int32_t i = 0; i < 4; i++) {
    const int inside = n < s->columns && k + i < s->values;
    const int32_t value = inside ? s->base[(k + i) * s->step + n * s->column] : s->zero_point;
    four |= ((uint32_t)value & 0xFFU) << 8 * i;
  }
  return four;
}

/* A group of four values of four columns; adds what they are to the columns' sums. */
TR_INLINE void tr_made_group(const tr_quads_source *s, int32_t k, int32_t n, uint32_t *to,
                             int32_t *sums) {
  const uint32_t offset = tr_pair(-s->zero_point, -s->zero_point);
  const int8_t *at = s->base + k * s->step + n * s->column;
  const int inside = k + 4 <= s->values && n + 4 <= s->columns;
  if (inside && s->column == 1) {
    for (int i = 0; i < 2; i++) {
      const uint32_t first = tr_load4(at + i * s->step);
      const uint32_t third = tr_load4(at + (i + 2) * s->step);
      const uint32_t even[2] = {tr_add_even_bytes(offset, first), tr_add_even_bytes(offset, third)};
      const uint32_t odd[2] = {tr_add_odd_bytes(offset, first), tr_add_odd_bytes(offset, third)};
      to[4 * i] = tr_low_halves(even[0], even[1]);
      to[4 * i + 1] = tr_low_halves(odd[0], odd[1]);
      to[4 * i + 2] = tr_high_halves(even[0], even[1]);
      to[4 * i + 3] = tr_high_halves(odd[0], odd[1]);
    }
  } else {
    for (int i = 0; i < 4; i++) {
      const uint32_t four = inside && s->step == 1 ? tr_load4(at + i * s->column)
                                                   : tr_made_edge(s, k, n + i);
      to[i] = tr_add_even_bytes(offset, four);
      to[i + 4] = tr_add_odd_bytes(offset, four);
    }
  }
  for (int i = 0; i < 4; i++) {
    sums[i] = tr_dot2(to[i + 4], 0x00010001U, tr_dot2(to[i], 0x00010001U, sums[i]));
  }
}

/* Writes the constants of n columns of k values, both rounded up to fours, as the form reads them;
 * returns what lies behind. */
TR_NOINLINE uint32_t *tr_quads_make(const tr_quads_source *s, int32_t k, int32_t n, uint32_t *stream,
                                    const tr_form form) {
  const int whole = tr_is_m7(form) || k <= TR_QUADS_MOST;
  uint32_t *to = whole ? stream : stream + 2 * n;
  int32_t begin = 0;
  for (int32_t end = whole ? k : tr_quads_first(k); begin < k; end += TR_QUADS_MOST) {
    for (int32_t column = 0; column < n; column += 4) {
      uint32_t *const starts = whole ? to : stream + 2 * column;
      int32_t sums[4] = {0, 0, 0, 0};
      to += whole ? 4 : 0;
      for (int32_t at = begin; at < end; at += 4) {
        tr_made_group(s, at, column, to, sums);
        to += 8;
      }
      for (int i = 0; i < 4; i++) {
        const uint32_t start = begin == 0 ? (uint32_t)s->start : starts[i];
        starts[i] = start + (uint32_t)s->each * (uint32_t)sums[i];
        if (!whole) {
          starts[4 + i] = starts[i];
        }
        if (end == k) {
          *to++ = (uint32_t)s->multiplier;
        }
      }
    }
    begin = end;
  }
  return to;
}

#endif
