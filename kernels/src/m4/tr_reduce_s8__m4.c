#include "arm/extreme_row.h"
#include "tinyrig/variants.h"

#define MOST_WORDS 4

/* Extremes of the words of `cells` cells that lie `step` apart. */
TR_INLINE void take_line(uint32_t *found, const int8_t *x, int32_t step, int32_t cells,
                         const int words, const int least) {
  TR_NO_UNROLL
  for (; cells > 0; cells--) {
    uint32_t cell[MOST_WORDS];
    for (int i = 0; i < words; i++) {
      cell[i] = tr_load4(x + TR_EXTREME_FOUR * i);
    }
    for (int i = 0; i < words; i++) {
      found[i] = tr_extreme4(found[i], cell[i], least);
    }
    x += step;
  }
}

/* The extremes of neighbouring outputs, four a word. */
TR_INLINE void columns(const tr_reduce_s8_params *p, const int8_t *x, int8_t *y, const int words,
                       const int least) {
  uint32_t found[MOST_WORDS];
  for (int i = 0; i < words; i++) {
    found[i] = tr_load4(x + TR_EXTREME_FOUR * i);
  }
  for (int32_t a = 0; a < p->reduced[0]; a++) {
    for (int32_t b = 0; b < p->reduced[1]; b++) {
      for (int32_t c = 0; c < p->reduced[2]; c++) {
        take_line(found, x + a * p->x_reduced[0] + b * p->x_reduced[1] + c * p->x_reduced[2],
                  p->x_reduced[3], p->reduced[3], words, least);
      }
    }
  }
  for (int i = 0; i < words; i++) {
    for (int shift = 0; shift < 32; shift += 8) {
      *y = (int8_t)(found[i] >> shift & 0xFFU);
      y += p->y_kept[3];
    }
  }
}

TR_NOINLINE void largest_one(const tr_reduce_s8_params *p, const int8_t *x, int8_t *y) {
  columns(p, x, y, 1, 0);
}

TR_NOINLINE void largest_most(const tr_reduce_s8_params *p, const int8_t *x, int8_t *y) {
  columns(p, x, y, MOST_WORDS, 0);
}

TR_NOINLINE void smallest_one(const tr_reduce_s8_params *p, const int8_t *x, int8_t *y) {
  columns(p, x, y, 1, 1);
}

TR_NOINLINE void smallest_most(const tr_reduce_s8_params *p, const int8_t *x, int8_t *y) {
  columns(p, x, y, MOST_WORDS, 1);
}

/* The outputs of the last kept axis, whose inputs are neighbours; the last four may overlap. */
TR_INLINE void line(const tr_reduce_s8_params *p, const int8_t *x, int8_t *y) {
  const int32_t most = TR_EXTREME_FOUR * MOST_WORDS;
  const int32_t kept = p->kept[3];
  int32_t i = 0;
  for (; i <= kept - most; i += most) {
    (p->least ? smallest_most : largest_most)(p, x + i, y + i * p->y_kept[3]);
  }
  for (; i < kept; i += TR_EXTREME_FOUR) {
    const int32_t at = i < kept - TR_EXTREME_FOUR ? i : kept - TR_EXTREME_FOUR;
    (p->least ? smallest_one : largest_one)(p, x + at, y + at * p->y_kept[3]);
  }
}

void tr_reduce_s8__m4(const tr_reduce_s8_params *p, const int8_t *x, int8_t *y, void *scratch) {
  (void)scratch;
  for (int32_t a = 0; a < p->kept[0]; a++) {
    for (int32_t b = 0; b < p->kept[1]; b++) {
      for (int32_t c = 0; c < p->kept[2]; c++) {
        line(p, x + a * p->x_kept[0] + b * p->x_kept[1] + c * p->x_kept[2],
             y + a * p->y_kept[0] + b * p->y_kept[1] + c * p->y_kept[2]);
      }
    }
  }
}
