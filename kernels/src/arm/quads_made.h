/* Constants of pairs of rows by four columns (arm/quads_panel.h) made from activations when they are
 * known: keys, or the values of attention. */
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

/* Whole groups of four columns, whose values lie one behind the other, or, `across`, side by side with
 * those of the next columns; returns what lies behind. */
TR_INLINE uint32_t *tr_made_groups(const int8_t *at, int32_t row, uint32_t offset, int32_t groups,
                                   uint32_t *to, const int across) {
  TR_NO_UNROLL
  for (; groups > 0; groups--) {
    const int8_t *const half = at + 2 * row;
    const uint32_t four[4] = {tr_load4(at), tr_load4(at + row), tr_load4(half), tr_load4(half + row)};
    uint32_t even[4];
    uint32_t odd[4];
    for (int i = 0; i < 4; i++) {
      even[i] = tr_add_even_bytes(offset, four[i]);
      odd[i] = tr_add_odd_bytes(offset, four[i]);
    }
    for (int i = 0; i < 2; i++) {
      to[4 * i] = across ? tr_low_halves(even[i], even[i + 2]) : (i ? odd : even)[0];
      to[4 * i + 1] = across ? tr_low_halves(odd[i], odd[i + 2]) : (i ? odd : even)[1];
      to[4 * i + 2] = across ? tr_high_halves(even[i], even[i + 2]) : (i ? odd : even)[2];
      to[4 * i + 3] = across ? tr_high_halves(odd[i], odd[i + 2]) : (i ? odd : even)[3];
    }
    at = across ? half + 2 * row : at + 4;
    to += 8;
  }
  return to;
}

/* All groups, up to k values, of four columns from n on. */
TR_INLINE uint32_t *tr_made_columns(const tr_quads_source *s, int32_t k, int32_t n, uint32_t *to) {
  const uint32_t offset = tr_pair(-s->zero_point, -s->zero_point);
  const int8_t *const at = s->base + n * s->column;
  int32_t groups = n + 4 <= s->columns ? s->values / 4 : 0;
  if (s->column == 1) {
    to = tr_made_groups(at, s->step, offset, groups, to, 1);
  } else if (s->step == 1) {
    to = tr_made_groups(at, s->column, offset, groups, to, 0);
  } else {
    groups = 0;
  }
  for (int32_t from = 4 * groups; from < k; from += 4) {
    for (int i = 0; i < 4; i++) {
      const uint32_t four = tr_made_edge(s, from, n + i);
      to[i] = tr_add_even_bytes(offset, four);
      to[i + 4] = tr_add_odd_bytes(offset, four);
    }
    to += 8;
  }
  return to;
}

/* What the values of each of four columns add up to. */
TR_NOINLINE void tr_made_sums(const uint32_t *from, const uint32_t *end, int32_t *sums) {
  TR_NO_UNROLL
  for (; from != end; from += 4) {
    for (int i = 0; i < 4; i++) {
      sums[i] = tr_dot2(from[i], 0x00010001U, sums[i]);
    }
  }
}

/* Writes the constants (pack "longquads16") of n columns of k values, both rounded up to fours. */
TR_NOINLINE void tr_quads_make(const tr_quads_source *s, int32_t k, int32_t n, uint32_t *to) {
  for (int32_t column = 0; column < n; column += 4) {
    uint32_t *const starts = to;
    int32_t sums[4] = {0, 0, 0, 0};
    to = tr_made_columns(s, k, column, to + 4);
    if (s->each != 0) {
      tr_made_sums(starts + 4, to, sums);
    }
    for (int i = 0; i < 4; i++) {
      starts[i] = (uint32_t)s->start + (uint32_t)s->each * (uint32_t)sums[i];
      *to++ = (uint32_t)s->multiplier;
    }
  }
}

#endif
