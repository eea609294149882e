#include "tinyrig/cluster.h"
#include "tinyrig/linear.h"
#include "xpulp/xpulp_finish.h"
#include "xpulp/xpulp_sparse.h"

/* The columns of a share, of the rows from i on that a panel holds. */
static void panel_columns(const tr_linear_s8_params *p, const uint32_t *panel,
                          tr_sparse_stream weights, tr_share columns, int32_t rows, int8_t *y) {
  for (int32_t j = columns.first; j < columns.end; j++) {
    int32_t sums[TR_XP_SPARSE_ROWS];
    tr_xp_sparse_sums(panel, &weights, p->start[j], sums);
    const int32_t multiplier = p->requant.multiplier[j * p->requant.channel_step];
    for (int32_t i = 0; i < rows; i++) {
      const int32_t value = tr_xp_finish_any(&p->requant, p->lut, sums[i], multiplier);
      y[i * p->y_row + j * p->y_col] = (int8_t)value;
    }
  }
}

/* Balanced rows of weights are shared out among the cores; others are walked by all of them, and
 * panels are shared. */
void tr_linear_s8_sparse4__xpulp(const tr_linear_s8_params *p, const int8_t *x, int8_t *y,
                                 void *scratch) {
  tr_sparse_stream weights = tr_sparse_open(&tr_sparse4, p->weight, p->n);
  tr_share panels = {0, (p->m + TR_XP_SPARSE_ROWS - 1) / TR_XP_SPARSE_ROWS};
  tr_share columns = {0, p->n};
  if (weights.row != 0) {
    columns = tr_cluster_share(p->n);
    weights.values += columns.first * weights.row;
    weights.gaps += columns.first * weights.row / 4;
  } else {
    panels = tr_cluster_share(panels.end);
  }
  uint32_t *const panel = tr_cluster_scratch(scratch, 4 * TR_XP_SPARSE_ROWS * ((p->k + 3) / 4));
  for (int32_t at = panels.first; at < panels.end; at++) {
    const int32_t i = at * TR_XP_SPARSE_ROWS;
    const int32_t left = p->m - i;
    const int32_t rows = left < TR_XP_SPARSE_ROWS ? left : TR_XP_SPARSE_ROWS;
    tr_xp_sparse_pack(panel, x + i * p->x_row, p->x_row, p->x_col, p->k, rows);
    panel_columns(p, panel, weights, columns, rows, y + i * p->y_row);
  }
  tr_cluster_barrier();
}
