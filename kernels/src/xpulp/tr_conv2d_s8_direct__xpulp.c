#include "tinyrig/conv.h"
#include "xpulp/xpulp_cell.h"
#include "xpulp/xpulp_dense.h"
#include "xpulp/xpulp_segments.h"

#define CELLS TR_XP_TILE
#define MOST_TAPS 9

/* Four output cells, and where their windows lie: line by line where all of them are inside the
 * image and its cells lie side by side, else tap by tap, those outside in `outside`. */
typedef struct {
  const tr_conv2d_s8_params *p;
  const int8_t *x;
  const int8_t *outside; /* one cell of x_zero_point */
  int8_t *y[CELLS];
  const int8_t *at[CELLS * MOST_TAPS];
  int32_t count;
  int32_t words;
} cells;

static int lies_inside(const tr_window *g, int32_t top, int32_t left) {
  return top >= 0 && left >= 0 && top + g->kernel_h <= g->in_h && left + g->kernel_w <= g->in_w;
}

/* Notes each line, or each tap, of the window of one cell. */
static void note_window(cells *c, int32_t which, tr_xp_cell cell, int by_lines) {
  const tr_window *const g = &c->p->window;
  const int32_t top = cell.row * g->stride_h - g->pad_top;
  const int32_t left = cell.column * g->stride_w - g->pad_left;
  const int8_t *const x = c->x + cell.image * g->x_stride[0];
  const int8_t **at = c->at + which;
  TR_NO_UNROLL
  for (int32_t i = top; i < top + g->kernel_h; i++) {
    const int is_line = i >= 0 && i < g->in_h;
    TR_NO_UNROLL
    for (int32_t j = left; j < left + g->kernel_w; j++) {
      const int is_inside = is_line && j >= 0 && j < g->in_w;
      *at = is_inside ? x + i * g->x_stride[2] + j * g->x_stride[3] : c->outside;
      at += CELLS;
      if (by_lines) {
        break;
      }
    }
  }
}

/* The cell behind a cell. */
static tr_xp_cell next_cell(const tr_window *g, tr_xp_cell cell) {
  cell.column++;
  if (cell.column == g->out_w) {
    cell.column = 0;
    cell.row++;
    if (cell.row == g->out_h) {
      cell.row = 0;
      cell.image++;
    }
  }
  return cell;
}

/* Four cells from one on; returns the one behind them. */
static tr_xp_cell find_windows(cells *c, tr_xp_cell cell, int8_t *y) {
  const tr_window *const g = &c->p->window;
  tr_xp_cell of[CELLS];
  int by_lines = g->x_stride[3] == g->in_c;
  for (int32_t n = 0; n < CELLS; n++) {
    of[n] = cell;
    by_lines = by_lines && lies_inside(g, cell.row * g->stride_h - g->pad_top,
                                       cell.column * g->stride_w - g->pad_left);
    c->y[n] = tr_xp_cell_output(g, cell, y);
    cell = next_cell(g, cell);
  }
  for (int32_t n = 0; n < CELLS; n++) {
    note_window(c, n, of[n], by_lines);
  }
  c->count = by_lines ? g->kernel_h : g->kernel_h * g->kernel_w;
  c->words = (by_lines ? g->kernel_w * g->in_c : g->in_c) / 4;
  return cell;
}

/* The four channels from `channel` on, of four cells. */
TR_NOINLINE void convolve(const cells *c, const tr_xp_dense *d, int32_t channel, tr_xp_form form,
                          const tr_xp_halves *halves) {
  static const int32_t zeros[TR_XP_TILE] = {0};
  tr_xp_segments s;
  s.at = c->at;
  s.count = c->count;
  s.words = c->words;
  tr_xp_dense_tile(d, &s.tile, 0, channel);
  s.tile.row_start = zeros;
  if (form == TR_XP_ANY) {
    int32_t sums[TR_XP_SUMS];
    s.tile.sums = sums;
    tr_xp_segment_sums(&s);
    for (int32_t n = 0; n < TR_XP_SUMS; n++) {
      const int32_t column = n / CELLS;
      c->y[n % CELLS][channel + column] = (int8_t)tr_xp_finish_any(
          d->requant, d->lut, sums[n], s.tile.multiplier[column]);
    }
    return;
  }
  uint32_t word[CELLS];
  if (form == TR_XP_SHORT) {
    s.tile.multiplier[0] = halves->upper;
    s.tile.multiplier[1] = halves->lower;
    s.tile.multiplier[2] = halves->bound;
    tr_xp_segment_words(&s, word, TR_XP_SHORT);
  } else {
    tr_xp_segment_words(&s, word, TR_XP_HIGH);
  }
  for (int32_t n = 0; n < CELLS; n++) {
    tr_xp_store(c->y[n] + channel, word[n]);
  }
}

/* The power of two of parts that channels are cut into; tiles of cells are cut into the rest. The
 * core that has most has least so. Finding windows takes about a quarter of a tile. */
static int32_t parts_across(int32_t tiles, int32_t quads, int32_t bits) {
  int32_t best = INT32_MAX;
  int32_t chosen = 0;
  for (int32_t across = 0; across <= bits; across++) {
    const int32_t down = bits - across;
    const int32_t wide = (quads + (1 << across) - 1) >> across;
    const int32_t effort = ((tiles + (1 << down) - 1) >> down) * (4 * wide + 1);
    if (effort < best) {
      best = effort;
      chosen = across;
    }
  }
  return chosen;
}

/* Cells and channels that are left over form a tile with some that another tile has too, whose
 * outputs are written again. */
void tr_conv2d_s8_direct__xpulp(const tr_conv2d_s8_params *p, const int8_t *x, int8_t *y,
                                void *scratch) {
  const tr_window *const g = &p->window;
  const int32_t k = g->kernel_h * g->kernel_w * g->in_c;
  int8_t *const outside = tr_cluster_scratch(scratch, g->in_c);
  for (int32_t n = 0; n < g->in_c; n++) {
    outside[n] = (int8_t)p->x_zero_point;
  }
  const tr_xp_dense d = {x,           p->weight, y, 0, p->start, &p->requant,
                         p->lut,      k,         k, 0, 1,        k};
  const tr_xp_form form = tr_xp_form_of(&p->requant, p->lut, k);
  tr_xp_halves halves = {0, 0, 0};
  if (form == TR_XP_SHORT) {
    halves = tr_xp_split(*p->requant.multiplier);
  }
  const int32_t bits = tr_cluster_bits();
  const int32_t core = (int32_t)tr_cluster_core();
  const int32_t all = g->batch * g->out_h * g->out_w;
  const int32_t tiles = (all + CELLS - 1) / CELLS;
  const int32_t quads = (g->out_c + TR_XP_TILE - 1) / TR_XP_TILE;
  const int32_t across = parts_across(tiles, quads, bits);
  const tr_share share = tr_share_of(tiles, core >> across, bits - across);
  const tr_share some = tr_share_of(quads, core & ((1 << across) - 1), across);
  cells c;
  c.p = p;
  c.x = x;
  c.outside = outside;
  tr_xp_cell cell = tr_xp_cell_of(g, share.first * CELLS);
  for (int32_t n = share.first; n < share.end; n++) {
    if (n * CELLS + CELLS > all) {
      cell = tr_xp_cell_of(g, all - CELLS);
    }
    cell = find_windows(&c, cell, y);
    TR_NO_UNROLL
    for (int32_t quad = some.first; quad < some.end; quad++) {
      const int32_t channel = quad * TR_XP_TILE;
      convolve(&c, &d, channel < g->out_c - TR_XP_TILE ? channel : g->out_c - TR_XP_TILE, form,
               &halves);
    }
  }
  tr_cluster_barrier();
}
