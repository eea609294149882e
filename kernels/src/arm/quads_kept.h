/* Pairs of rows by four columns (arm/quads.h), whose weights are copied to scratch, a part of the
 * columns at a time, before all rows pass through them. */
#ifndef TINYRIG_QUADS_KEPT_H
#define TINYRIG_QUADS_KEPT_H

#include "arm/kept.h"
#include "arm/quads.h"

/* Columns of each part but the last: as many fours, rounded up, as make `parts` of them. */
TR_INLINE int32_t tr_quads_part(int32_t n, int32_t parts) {
  return (n + 4 * parts - 1) / (4 * parts) * 4;
}

/* Where the outputs of a part begin whose constants do at `column`: fewer than four of its own have
 * columns before them done once more. */
TR_INLINE int32_t tr_quads_from(int32_t n, int32_t column) {
  return n - column < 4 ? n - 4 : column;
}

/* Of `columns` columns from `column` on, whole fours, what they have of a run of `each` bytes a column. */
TR_INLINE int8_t *tr_quads_cut(const int8_t *run, int32_t each, int32_t column, int32_t columns,
                               int8_t *to) {
  return tr_kept(run + each * column, each * columns, to);
}

/* The layer of some columns alone, their constants at `to`, as they lie there for all. */
TR_NOINLINE tr_quads tr_quads_keep(const tr_quads *q, int32_t column, int32_t columns, int8_t *to) {
  const int32_t first = 2 * tr_quads_fours(tr_quads_first(q->k));
  const int32_t block = 2 * TR_QUADS_MOST;
  const int32_t n = tr_quads_fours(q->n);
  const int32_t fours = tr_quads_fours(columns);
  const int8_t *run = q->stream;
  tr_quads kept = *q;
  kept.stream = to;
  kept.n = columns;
  if (q->k <= TR_QUADS_MOST) {
    (void)tr_quads_cut(run, first + 8, column, fours, to);
    return kept;
  }
  to = tr_quads_cut(run, 8, column, fours, to);
  run += 8 * n;
  to = tr_quads_cut(run, first, column, fours, to);
  run += first * n;
  for (int32_t blocks = (q->k - 1) / TR_QUADS_MOST; blocks > 1; blocks--) {
    to = tr_quads_cut(run, block, column, fours, to);
    run += block * n;
  }
  (void)tr_quads_cut(run, block + 4, column, fours, to);
  return kept;
}

/* Where the copy begins: behind what the rows of a part need of scratch themselves. */
TR_INLINE int8_t *tr_quads_copy(int32_t k, int32_t columns, void *scratch) {
  return (int8_t *)scratch + (k > TR_QUADS_MOST ? 8 * columns : 0);
}

#endif
