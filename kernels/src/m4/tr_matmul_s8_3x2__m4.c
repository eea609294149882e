#include "tinyrig/finish.h"
#include "tinyrig/gather.h"
#include "tinyrig/matmul.h"
#include "tinyrig/tile_3x2.h"

#define COLUMNS 24
#define ROWS 3

/* Requantises dot [columns][row] to y. */
TR_INLINE void store(const tr_matmul_s8_params *p, const int32_t *start, int32_t columns,
                     const int32_t *dot, int8_t *y, const int plain) {
  const tr_requant form = p->requant;
  const int8_t *const lut = p->lut;
  const int32_t m = *form.multiplier;
  const int32_t y_row = p->y_stride[2];
  const int32_t y_col = p->y_stride[3];
  TR_NO_UNROLL
  for (; columns > 0; columns--) {
    for (int i = 0; i < ROWS; i++) {
      const int32_t acc = tr_wrapping_add(start[i], *dot++);
      y[i * y_row] = (int8_t)(plain ? tr_finish_narrow(acc, m) : tr_finish(&form, lut, acc, m));
    }
    y += y_col;
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
  TR_NO_UNROLL
  for (int32_t j = 0; j < p->n; j += COLUMNS) {
    const int32_t columns = p->n - j < COLUMNS ? p->n - j : COLUMNS;
    tr_products(panel, b + j * b_row, b_row, width, columns, tr_tiles_3x2, ROWS, dot);
    if (tr_finish_is_plain(&p->requant, p->lut)) {
      store(p, start, columns, dot, y + j * p->y_stride[3], 1);
    } else {
      store(p, start, columns, dot, y + j * p->y_stride[3], 0);
    }
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
