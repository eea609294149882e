#include "tinyrig/cluster.h"
#include "tinyrig/linear.h"
#include "xpulp/xpulp_tile.h"

/* One row times the four columns from `column` on. */
TR_NOINLINE void four_columns(const tr_linear_s8_params *p, const int8_t *x, int8_t *y,
                              int32_t column) {
  const int32_t step = p->requant.channel_step;
  const int32_t *const multiplier = p->requant.multiplier + column * step;
  const int8_t *w = p->weight + column * p->k;
  int32_t sum[TR_XP_TILE];
  for (int c = 0; c < TR_XP_TILE; c++) {
    sum[c] = p->start[column + c];
  }
  tr_xp_line_words(&x, &w, p->k, p->k / 4, sum);
  y += column * p->y_col;
  for (int c = 0; c < TR_XP_TILE; c++) {
    y[c * p->y_col] = (int8_t)tr_xp_finish_high(sum[c], multiplier[c * step]);
  }
}

/* sum + row . column, `pairs` times two words; moves the pointers behind them. */
TR_INLINE int32_t pairs_of_words(const int8_t **row, const int8_t **column, int32_t pairs,
                                 int32_t sum) {
#if defined(TR_XPULP_INSN)
  uint32_t x0;
  uint32_t x1;
  uint32_t w0;
  uint32_t w1;
  __asm__ volatile(TR_XP_BEGIN TR_XP_LOOP(0, "%[pairs]", 6)
                   TR_XP_LOAD_NEXT("%[x0]", "%[row]", 4)
                   TR_XP_LOAD_NEXT("%[w0]", "%[column]", 4)
                   TR_XP_LOAD_NEXT("%[x1]", "%[row]", 4)
                   TR_XP_LOAD_NEXT("%[w1]", "%[column]", 4)
                   TR_XP_SDOTSP4("%[sum]", "%[x0]", "%[w0]")
                   TR_XP_SDOTSP4("%[sum]", "%[x1]", "%[w1]") TR_XP_END
                   : [row] "+&r"(*row), [column] "+&r"(*column), [sum] "+&r"(sum), [x0] "=&r"(x0),
                     [x1] "=&r"(x1), [w0] "=&r"(w0), [w1] "=&r"(w1)
                   : [pairs] "r"(pairs)
                   : "memory");
#else
  for (int32_t words = 2 * pairs; words > 0; words--) {
    sum = tr_xp_sdotsp4(tr_xp_load(*row), tr_xp_load(*column), sum);
    *row += 4;
    *column += 4;
  }
#endif
  return sum;
}

/* One row times one column. */
TR_NOINLINE void one_column(const tr_linear_s8_params *p, const int8_t *x, int8_t *y,
                            int32_t column) {
  const int8_t *w = p->weight + column * p->k;
  int32_t sum = p->start[column];
  if (p->k >= 8) {
    sum = pairs_of_words(&x, &w, p->k / 8, sum);
  }
  if (p->k % 8 != 0) {
    sum = tr_xp_sdotsp4(tr_xp_load(x), tr_xp_load(w), sum);
  }
  y[column * p->y_col] =
      (int8_t)tr_xp_finish_high(sum, p->requant.multiplier[column * p->requant.channel_step]);
}

/* A row by tiles, a last one of fewer columns with some that are done already; or, where not every
 * core would have a tile, by columns. */
void tr_linear_s8_row__xpulp(const tr_linear_s8_params *p, const int8_t *x, int8_t *y,
                             void *scratch) {
  (void)scratch;
  const int by_tiles = p->n >= TR_XP_TILE << tr_cluster_bits();
  const int32_t last = p->n - TR_XP_TILE;
  const tr_share share =
      tr_cluster_share(by_tiles ? (p->n + TR_XP_TILE - 1) / TR_XP_TILE : p->n);
  TR_NO_UNROLL
  for (int32_t row = 0; row < p->m; row++) {
    TR_NO_UNROLL
    for (int32_t n = share.first; n < share.end; n++) {
      if (by_tiles) {
        four_columns(p, x, y, TR_XP_TILE * n < last ? TR_XP_TILE * n : last);
      } else {
        one_column(p, x, y, n);
      }
    }
    x += p->x_row;
    y += p->y_row;
  }
  tr_cluster_barrier();
}
