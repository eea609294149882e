#include "tinyrig/finish.h"
#include "tinyrig/linear.h"
#include "tinyrig/tile_3x2.h"

#define COLUMNS 24

/* Requantises dot [columns][rows] to the outputs at y of the columns from j on. */
TR_INLINE void store(const tr_linear_s8_params *p, int32_t j, int32_t columns, const int32_t *dot,
                     int8_t *y, const int rows) {
  const tr_requant *const r = &p->requant;
  const int32_t *start = p->start + j;
  const int32_t *multiplier = r->multiplier + j * r->channel_step;
  const int32_t y_row = p->y_row;
  const int32_t y_col = p->y_col;
  const int32_t step = r->channel_step;
  const int8_t *const lut = p->lut;
  if (tr_finish_is_plain(r, lut)) {
    TR_NO_UNROLL
    for (; columns > 0; columns--) {
      const int32_t begin = *start++;
      const int32_t m = *multiplier;
      for (int i = 0; i < rows; i++) {
        y[i * y_row] = (int8_t)tr_finish_narrow(begin + *dot++, m);
      }
      multiplier += step;
      y += y_col;
    }
  } else {
    const tr_requant form = *r;
    TR_NO_UNROLL
    for (; columns > 0; columns--) {
      for (int i = 0; i < rows; i++) {
        y[i * y_row] = (int8_t)tr_finish(&form, lut, *start + *dot++, *multiplier);
      }
      start++;
      multiplier += step;
      y += y_col;
    }
  }
}

TR_INLINE void row_block(const tr_linear_s8_params *p, const int8_t *x, int8_t *y,
                         uint32_t *panel, tr_tiles *tiles, const int rows) {
  int32_t dot[3 * COLUMNS];
  tr_panel_pack(panel, x, p->x_row, p->k, rows, 0);
  TR_NO_UNROLL
  for (int32_t j = 0; j < p->n; j += COLUMNS) {
    const int32_t columns = p->n - j < COLUMNS ? p->n - j : COLUMNS;
    const int8_t *const w = p->weight + j * p->k;
    if (columns >= 2) {
      tiles(panel, w, p->k, p->k, columns / 2, dot);
    }
    if (columns % 2 != 0) {
      tr_tile(panel, w + (columns - 1) * p->k, 0, p->k, rows, 1, dot + (columns - 1) * rows);
    }
    store(p, j, columns, dot, y + j * p->y_col, rows);
  }
}

TR_NOINLINE void three_rows(const tr_linear_s8_params *p, const int8_t *x, int8_t *y,
                            uint32_t *panel) {
  row_block(p, x, y, panel, tr_tiles_3x2, 3);
}

TR_NOINLINE void two_rows(const tr_linear_s8_params *p, const int8_t *x, int8_t *y,
                          uint32_t *panel) {
  row_block(p, x, y, panel, tr_tiles_2x2, 2);
}

TR_NOINLINE void one_row(const tr_linear_s8_params *p, const int8_t *x, int8_t *y,
                         uint32_t *panel) {
  row_block(p, x, y, panel, tr_tiles_1x2, 1);
}

void tr_linear_s8_3x2__m4(const tr_linear_s8_params *p, const int8_t *x, int8_t *y,
                          void *scratch) {
  int32_t i = 0;
  for (; i + 3 <= p->m; i += 3) {
    three_rows(p, x + i * p->x_row, y + i * p->y_row, scratch);
  }
  if (i + 2 == p->m) {
    two_rows(p, x + i * p->x_row, y + i * p->y_row, scratch);
  } else if (i < p->m) {
    one_row(p, x + i * p->x_row, y + i * p->y_row, scratch);
  }
}
