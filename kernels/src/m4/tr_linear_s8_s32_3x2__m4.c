#include "tinyrig/linear.h"
#include "tinyrig/tile_3x2.h"

#define COLUMNS 24

/* Adds dot [columns][row] to the sums at acc, or to start where a start is given. */
TR_INLINE void keep(const int32_t *start, int32_t columns, const int32_t *dot, int32_t *acc,
                    int32_t acc_row, const int rows) {
  TR_NO_UNROLL
  for (int32_t c = 0; c < columns; c++) {
    for (int i = 0; i < rows; i++) {
      const int32_t before = start != 0 ? start[c] : acc[i * acc_row + c];
      acc[i * acc_row + c] = tr_wrapping_add(before, *dot++);
    }
  }
}

void tr_linear_s8_s32_3x2__m4(const tr_linear_s8_s32_params *p, const int8_t *x, int32_t *acc,
                              void *scratch) {
  int32_t dot[3 * COLUMNS];
  for (int32_t i = 0; i < p->m; i += 3) {
    const int32_t rows = p->m - i < 3 ? p->m - i : 3;
    int32_t *const sums = acc + i * p->acc_row;
    tr_panel_pack(scratch, x + i * p->x_row, p->x_row, p->k, rows, 0);
    TR_NO_UNROLL
    for (int32_t j = 0; j < p->n; j += COLUMNS) {
      const int32_t columns = p->n - j < COLUMNS ? p->n - j : COLUMNS;
      const int32_t *const start = p->start != 0 ? p->start + j : 0;
      tr_products(scratch, p->weight + j * p->k, p->k, p->k, columns, tr_tiles_of(rows), rows,
                  dot);
      if (rows == 3) {
        keep(start, columns, dot, sums + j, p->acc_row, 3);
      } else if (rows == 2) {
        keep(start, columns, dot, sums + j, p->acc_row, 2);
      } else {
        keep(start, columns, dot, sums + j, p->acc_row, 1);
      }
    }
  }
}
