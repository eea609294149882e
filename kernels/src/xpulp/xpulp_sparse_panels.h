/* A layer of sparse weights by panels of rows, shared among the cores of a cluster. */
#ifndef TINYRIG_XPULP_SPARSE_PANELS_H
#define TINYRIG_XPULP_SPARSE_PANELS_H

#include "tinyrig/cluster.h"
#include "xpulp/xpulp_finish.h"
#include "xpulp/xpulp_sparse.h"

/* Fills a panel with its rows of what `from` describes, and y with the first output of each; of
 * fewer rows the last comes again, whose outputs are written again. */
typedef void tr_xp_sparse_fill(const void *from, int32_t panel, uint32_t *words, int8_t **y);

typedef struct {
  const int8_t *weight;
  const int32_t *start;
  const tr_requant *requant;
  const int8_t *lut;
  int32_t k;
  int32_t n;
  int32_t y_col;
  int32_t panels;
  tr_xp_sparse_fill *fill;
  const void *from;
} tr_xp_sparse;

/* Some columns of a panel, whose outputs begin at y. */
TR_INLINE void tr_xp_sparse_columns(const tr_xp_sparse *s, const uint32_t *panel,
                                    tr_sparse_stream weights, tr_share columns, int8_t *const *y,
                                    int is_high) {
  const tr_requant *const r = s->requant;
  const int32_t step = r->channel_step;
  const int32_t y_col = s->y_col;
  const int32_t *multipliers = r->multiplier + columns.first * step;
  const int32_t *start = s->start + columns.first;
  int8_t *to[TR_XP_SPARSE_ROWS];
  for (int i = 0; i < TR_XP_SPARSE_ROWS; i++) {
    to[i] = y[i] + columns.first * y_col;
  }
  for (const int32_t *const end = s->start + columns.end; start < end; start++) {
    int32_t sums[TR_XP_SPARSE_ROWS];
    const int32_t multiplier = *multipliers;
    tr_xp_sparse_sums(panel, &weights, *start, sums);
    for (int i = 0; i < TR_XP_SPARSE_ROWS; i++) {
      const int32_t value = is_high ? tr_xp_finish_high(sums[i], multiplier)
                                    : tr_xp_finish_any(r, s->lut, sums[i], multiplier);
      *to[i] = (int8_t)value;
      to[i] += y_col;
    }
    multipliers += step;
  }
}

/* Panels of a share, and of each the columns of another, where `weights` begin. */
TR_NOINLINE void tr_xp_sparse_some(const tr_xp_sparse *s, uint32_t *panel, tr_share panels,
                                   tr_sparse_stream weights, tr_share columns) {
  const int is_high = s->lut == 0 && tr_xp_form_of(s->requant, 0, 1) != TR_XP_ANY;
  for (int32_t at = panels.first; at < panels.end; at++) {
    int8_t *y[TR_XP_SPARSE_ROWS];
    s->fill(s->from, at, panel, y);
    if (is_high) {
      tr_xp_sparse_columns(s, panel, weights, columns, y, 1);
    } else {
      tr_xp_sparse_columns(s, panel, weights, columns, y, 0);
    }
  }
}

/* Panels are shared out evenly; what is left over, half as many as cores or fewer, is cut into
 * columns where the rows of weights are balanced: each core then fills these panels for itself. */
TR_INLINE void tr_xp_sparse_layer(const tr_xp_sparse *s, void *scratch) {
  tr_sparse_stream weights = tr_sparse_open(&tr_sparse4, s->weight, s->n);
  uint32_t *const panel = tr_cluster_scratch(scratch, tr_xp_sparse_panel_bytes(s->k));
  const int32_t bits = tr_cluster_bits();
  const int32_t even = s->panels >> bits << bits;
  const tr_share every = {0, s->n};
  if (weights.row == 0 || (s->panels - even) * 2 > 1 << bits) {
    tr_xp_sparse_some(s, panel, tr_cluster_share(s->panels), weights, every);
  } else {
    const tr_share left = {even, s->panels};
    const tr_share columns = tr_cluster_share(s->n);
    tr_xp_sparse_some(s, panel, tr_cluster_share(even), weights, every);
    weights.values += columns.first * weights.row;
    weights.gaps += columns.first * weights.row / 4;
    tr_xp_sparse_some(s, panel, left, weights, columns);
  }
  tr_cluster_barrier();
}

#endif
