#include "tinyrig/linear.h"
#include "xpulp/xpulp_sparse_panels.h"

typedef struct {
  const tr_linear_s8_params *p;
  const int8_t *x;
  int8_t *y;
} layer;

static void fill_rows(const void *from, int32_t panel, uint32_t *words, int8_t **y) {
  const layer *const l = from;
  const tr_linear_s8_params *const p = l->p;
  for (int32_t i = 0; i < TR_XP_SPARSE_ROWS; i++) {
    const int32_t wanted = panel * TR_XP_SPARSE_ROWS + i;
    const int32_t row = wanted < p->m ? wanted : p->m - 1;
    const int8_t *const x = l->x + row * p->x_row;
    const int32_t whole = p->x_col == 1 ? p->k / 4 : 0;
    tr_xp_sparse_words(words + i, x, whole);
    tr_xp_sparse_bytes(words + i, 4 * whole, x + 4 * whole * p->x_col, p->x_col,
                       p->k - 4 * whole);
    y[i] = l->y + row * p->y_row;
  }
}

void tr_linear_s8_sparse4__xpulp(const tr_linear_s8_params *p, const int8_t *x, int8_t *y,
                                 void *scratch) {
  const layer from = {p, x, y};
  const int32_t panels = (p->m + TR_XP_SPARSE_ROWS - 1) / TR_XP_SPARSE_ROWS;
  const tr_xp_sparse s = {p->weight, p->start, &p->requant, p->lut,    p->k,
                          p->n,      p->y_col, panels,      fill_rows, &from};
  tr_xp_sparse_layer(&s, scratch);
}
