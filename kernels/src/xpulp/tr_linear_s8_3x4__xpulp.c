#include "tinyrig/cluster.h"
#include "tinyrig/linear.h"
#include "xpulp/xpulp_trio.h"

void tr_linear_s8_3x4__xpulp(const tr_linear_s8_params *p, const int8_t *x, int8_t *y,
                             void *scratch) {
  (void)scratch;
  const tr_share tiles = tr_cluster_share(p->n / TR_XP_TILE);
  const int32_t first = tiles.first * TR_XP_TILE;
  const int32_t step = p->requant.channel_step;
  tr_xp_trio t;
  t.row_step = p->x_row;
  t.row_back = 4 - 2 * p->x_row;
  t.column_step = p->k;
  t.column_back = 4 - 3 * p->k;
  t.words = p->k / 4;
  t.multiplier_step = 4 * step;
  t.y_row = p->y_row;
  t.y_back = p->y_col - 2 * p->y_row;
  TR_NO_UNROLL
  for (int32_t done = 0; done < p->m; done += TR_XP_TRIO) {
    const int32_t row = done + TR_XP_TRIO <= p->m ? done : p->m - TR_XP_TRIO;
    t.row = x + row * p->x_row;
    t.column = p->weight + first * p->k;
    t.start = p->start + first;
    t.multiplier = p->requant.multiplier + first * step;
    t.y = y + row * p->y_row + first * p->y_col;
    TR_NO_UNROLL
    for (int32_t left = tiles.end - tiles.first; left > 0; left--) {
      tr_xp_trio_outputs(&t);
      t.column += TR_XP_TILE * p->k;
      t.start += TR_XP_TILE;
      t.multiplier += TR_XP_TILE * step;
      t.y += TR_XP_TILE * p->y_col;
    }
  }
  tr_cluster_barrier();
}
