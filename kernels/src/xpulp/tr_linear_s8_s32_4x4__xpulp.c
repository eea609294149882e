#include "tinyrig/linear.h"
#include "xpulp/xpulp_dense.h"

/* Rows first to end, a multiple of four, times the four columns from `column` on. */
TR_NOINLINE void tiles(const tr_linear_s8_s32_params *p, const int8_t *x, int32_t *acc,
                       tr_share rows, int32_t column) {
  const int32_t zeros[TR_XP_TILE] = {0};
  int32_t sums[TR_XP_SUMS];
  tr_xp_tile tile;
  tr_xp_tile_length(&tile, p->k);
  tr_xp_tile_columns(&tile, p->weight + column * p->k, p->k);
  tile.row_start = zeros;
  tile.sums = sums;
  for (int c = 0; c < TR_XP_TILE; c++) {
    tile.column_start[c] = p->start != 0 ? p->start[column + c] : 0;
  }
  for (int32_t i = rows.first; i < rows.end; i += TR_XP_TILE) {
    tr_xp_tile_rows(&tile, x + i * p->x_row, p->x_row);
    tr_xp_tile_sums(&tile);
    for (int r = 0; r < TR_XP_TILE; r++) {
      int32_t *const to = acc + (i + r) * p->acc_row + column;
      for (int c = 0; c < TR_XP_TILE; c++) {
        const int32_t before = p->start != 0 ? 0 : to[c];
        to[c] = tr_wrapping_add(before, sums[TR_XP_TILE * c + r]);
      }
    }
  }
}

/* One row times one to four columns. */
TR_NOINLINE void line(const tr_linear_s8_s32_params *p, const int8_t *row, int32_t *acc,
                      int32_t column, int32_t columns) {
  const int8_t *const w = p->weight + column * p->k;
  int32_t sum[TR_XP_TILE] = {0};
  if (columns == TR_XP_TILE) {
    tr_xp_line(row, w, p->k, p->k, sum);
  } else {
    for (int32_t c = 0; c < columns; c++) {
      int32_t one[TR_XP_TILE] = {0};
      tr_xp_line(row, w + c * p->k, 0, p->k, one);
      sum[c] = one[0];
    }
  }
  for (int32_t c = 0; c < columns; c++) {
    acc[column + c] = tr_wrapping_add(p->start != 0 ? p->start[column + c] : acc[column + c],
                                      sum[c]);
  }
}

void tr_linear_s8_s32_4x4__xpulp(const tr_linear_s8_s32_params *p, const int8_t *x, int32_t *acc,
                                 void *scratch) {
  (void)scratch;
  const tr_xp_part part = tr_xp_part_of(p->m, p->n);
  const tr_share whole = {part.rows.first,
                          part.rows.end - (part.rows.end - part.rows.first) % TR_XP_TILE};
  for (int32_t j = part.columns.first; j < part.columns.end; j += TR_XP_TILE) {
    const int32_t columns = part.columns.end - j < TR_XP_TILE ? part.columns.end - j : TR_XP_TILE;
    if (columns == TR_XP_TILE) {
      tiles(p, x, acc, whole, j);
    }
    for (int32_t i = columns == TR_XP_TILE ? whole.end : whole.first; i < part.rows.end; i++) {
      line(p, x + i * p->x_row, acc + i * p->acc_row, j, columns);
    }
  }
  tr_cluster_barrier();
}
