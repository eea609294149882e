#include "arm/extreme_row.h"
#include "common/kept_axes.h"
#include "tinyrig/variants.h"

/* The highest bit of each byte of a word that is 0, and of no other. */
TR_INLINE uint32_t zero_bytes(uint32_t word) {
  const uint32_t below = 0x7F7F7F7FU;
  return ~(((word & below) + below) | word | below);
}

/* The first place of a byte that is there, four in `all`; the last four may be some looked at before. */
TR_INLINE int32_t first_place(const int8_t *x, int32_t count, uint32_t all) {
  const int32_t last = count - TR_EXTREME_FOUR;
  int32_t at = 0;
  uint32_t found = zero_bytes(tr_load4(x) ^ all);
  TR_NO_UNROLL
  while (found == 0) {
    at = at + TR_EXTREME_FOUR < last ? at + TR_EXTREME_FOUR : last;
    found = zero_bytes(tr_load4(x + at) ^ all);
  }
  return at + __builtin_ctz(found) / 8;
}

/* The last place, in the same way from the end. */
TR_INLINE int32_t last_place(const int8_t *x, int32_t count, uint32_t all) {
  int32_t at = count - TR_EXTREME_FOUR;
  uint32_t found = zero_bytes(tr_load4(x + at) ^ all);
  TR_NO_UNROLL
  while (found == 0) {
    at = at > TR_EXTREME_FOUR ? at - TR_EXTREME_FOUR : 0;
    found = zero_bytes(tr_load4(x + at) ^ all);
  }
  return at + 3 - __builtin_clz(found) / 8;
}

TR_INLINE uint32_t extreme(const int8_t *x, int32_t count, const int least) {
  return tr_extreme_all(tr_extreme_row(tr_load4(x), x, count, least), least);
}

void tr_argmax_s8__m4(const tr_argmax_s8_params *p, const int8_t *x, int8_t *y, void *scratch) {
  (void)scratch;
  const int32_t count = p->reduced[3];
  tr_kept_cell cell = {0};
  do {
    const int8_t *const row = x + cell.x;
    const uint32_t all = p->least ? extreme(row, count, 1) : extreme(row, count, 0);
    const int32_t at = p->last ? last_place(row, count, all) : first_place(row, count, all);
    y[cell.y] = (int8_t)(p->first + at);
  } while (tr_kept_next(&cell, p->kept, p->x_kept, p->y_kept));
}
