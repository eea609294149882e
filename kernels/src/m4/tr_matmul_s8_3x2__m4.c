#include "tinyrig/finish.h"
#include "tinyrig/gather.h"
#include "tinyrig/matmul.h"
#include "tinyrig/tile_finish.h"

#define COLUMNS 24
#define ROWS 3

/* Requantises dot [columns][row] to y in any form. */
TR_INLINE void store(const tr_matmul_s8_params *p, const int32_t *start, int32_t columns,
                     const int32_t *dot, int8_t *y) {
  const int32_t m = *p->requant.multiplier;
  for (; columns > 0; columns--) {
    for (int i = 0; i < ROWS; i++) {
      const int32_t acc = tr_wrapping_add(start[i], *dot++);
      y[i * p->y_stride[2]] = (int8_t)tr_finish(&p->requant, p->lut, acc, m);
    }
    y += p->y_stride[3];
  }
}

/* At least two columns that a saturating high multiply finishes; an odd last one is done with the
 * one before it. */
TR_INLINE void finished_tiles(const tr_matmul_s8_params *p, const uint32_t *panel,
                              const int32_t *start, const int8_t *b, int32_t b_row, int32_t width,
                              int8_t *y) {
  tr_tile_finish f = {panel + tr_panel_words(ROWS, width),
                      panel,
                      start,
                      p->requant.multiplier,
                      0,
                      y,
                      p->y_stride[2],
                      p->y_stride[3],
                      2 * b_row - width,
                      tr_first_unit(width) - TR_UNIT,
                      p->n / 2,
                      p->lut != 0 ? p->lut - INT8_MIN : 0};
  tr_row_starts(&f, b, b_row);
  if (p->n % 2 != 0) {
    f.y = y + (p->n - 2) * p->y_stride[3];
    f.pairs = 1;
    tr_row_starts(&f, b + (p->n - 2) * b_row, b_row);
  }
}

/* Three rows of a, packed, times all of b, whose columns are rows of `width` bytes here. */
TR_NOINLINE void row_block(const tr_matmul_s8_params *p, const uint32_t *panel, const int8_t *b,
                           int32_t b_row, int32_t width, int8_t *y) {
  int32_t start[ROWS];
  int32_t dot[ROWS * COLUMNS];
  for (int i = 0; i < ROWS; i++) {
    start[i] = tr_wrapping_mls(p->start, p->b_zero_point, tr_panel_sum(panel, i, ROWS, width));
  }
  if (p->n >= 2 && tr_finish_is_narrow(&p->requant)) {
    finished_tiles(p, panel, start, b, b_row, width, y);
    return;
  }
  TR_NO_UNROLL
  for (int32_t j = 0; j < p->n; j += COLUMNS) {
    const int32_t columns = p->n - j < COLUMNS ? p->n - j : COLUMNS;
    tr_products(panel, b + j * b_row, b_row, width, columns, tr_tiles_3x2, ROWS, dot);
    store(p, start, columns, dot, y + j * p->y_stride[3]);
  }
}

static void product(const tr_matmul_s8_params *p, const int8_t *a, const int8_t *b, int8_t *y,
                    uint32_t *panel) {
  const int32_t width = p->k < TR_UNIT ? TR_UNIT : p->k;
  const uint32_t offset = tr_pair(-p->a_zero_point, -p->a_zero_point);
  int8_t *const a_copy = (int8_t *)(panel + tr_panel_words(ROWS, width));
  int32_t b_row = p->b_stride[3];
  if (width != p->k || p->b_stride[2] != 1) {
    int8_t *const b_copy = a_copy + ROWS * width;
    tr_gather_rows(b_copy, width, b, b_row, p->b_stride[2], p->n, p->k, 0);
    b = b_copy;
    b_row = width;
  }
  for (int32_t i = 0; i < p->m; i += ROWS) {
    const int32_t row = i < p->m - ROWS ? i : p->m - ROWS; /* the last block may overlap */
    const int8_t *rows = a + row * p->a_stride[2];
    int32_t a_row = p->a_stride[2];
    if (width != p->k || p->a_stride[3] != 1) {
      tr_gather_rows(a_copy, width, rows, a_row, p->a_stride[3], ROWS, p->k, p->a_zero_point);
      rows = a_copy;
      a_row = width;
    }
    tr_panel_pack(panel, rows, a_row, width, ROWS, offset);
    row_block(p, panel, b, b_row, width, y + row * p->y_stride[2]);
  }
}

void tr_matmul_s8_3x2__m4(const tr_matmul_s8_params *p, const int8_t *a, const int8_t *b,
                          int8_t *y, void *scratch) {
  for (int32_t i = 0; i < p->batch0; i++) {
    for (int32_t j = 0; j < p->batch1; j++) {
      product(p, a + i * p->a_stride[0] + j * p->a_stride[1],
              b + i * p->b_stride[0] + j * p->b_stride[1],
              y + i * p->y_stride[0] + j * p->y_stride[1], scratch);
    }
  }
}
