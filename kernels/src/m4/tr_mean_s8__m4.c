#include "arm/finish.h"
#include "common/dsp.h"
#include "tinyrig/pool.h"

#define COLUMNS 4
#define MOST_WORDS 2
#define MOST_CELLS 256 /* bytes a 16-bit sum has room for */

typedef struct {
  int32_t sum[COLUMNS * MOST_WORDS];
} sums;

/* Adds the words at x, x + step, ... of at most MOST_CELLS cells. */
TR_INLINE void add_cells(const int8_t *x, int32_t step, int32_t cells, const int words,
                         sums *total) {
  uint32_t even[MOST_WORDS] = {0};
  uint32_t odd[MOST_WORDS] = {0};
  TR_NO_UNROLL
  for (; cells > 0; cells--) {
    uint32_t cell[MOST_WORDS];
    for (int k = 0; k < words; k++) {
      cell[k] = tr_load4(x + COLUMNS * k);
    }
    for (int k = 0; k < words; k++) {
      even[k] = tr_add_even_bytes(even[k], cell[k]);
      odd[k] = tr_add_odd_bytes(odd[k], cell[k]);
    }
    x += step;
  }
  for (int k = 0; k < words; k++) {
    int32_t *const four = total->sum + COLUMNS * k;
    four[0] += tr_low(even[k]);
    four[1] += tr_low(odd[k]);
    four[2] += tr_high(even[k]);
    four[3] += tr_high(odd[k]);
  }
}

/* Adds the cells of `words` words of neighbouring outputs over all reduced axes. */
TR_INLINE void add_lines(const tr_mean_s8_params *p, const int8_t *x, const int words,
                         sums *total) {
  TR_NO_UNROLL
  for (int32_t a = 0; a < p->reduced[0]; a++) {
    TR_NO_UNROLL
    for (int32_t b = 0; b < p->reduced[1]; b++) {
      TR_NO_UNROLL
      for (int32_t c = 0; c < p->reduced[2]; c++) {
        const int8_t *line =
            x + a * p->x_reduced[0] + b * p->x_reduced[1] + c * p->x_reduced[2];
        int32_t left = p->reduced[TR_MEAN_AXES - 1];
        TR_NO_UNROLL
        while (left > 0) {
          const int32_t cells = left < MOST_CELLS ? left : MOST_CELLS;
          add_cells(line, p->x_reduced[TR_MEAN_AXES - 1], cells, words, total);
          line += cells * p->x_reduced[TR_MEAN_AXES - 1];
          left -= cells;
        }
      }
    }
  }
}

/* The means of neighbouring outputs, at most as many as there are sums. */
TR_NOINLINE void columns(const tr_mean_s8_params *p, const int8_t *x, int32_t count, int8_t *y) {
  sums total;
  TR_NO_UNROLL
  for (int i = 0; i < COLUMNS * MOST_WORDS; i++) {
    total.sum[i] = p->start;
  }
  if (count > COLUMNS) {
    add_lines(p, x, MOST_WORDS, &total);
  } else {
    add_lines(p, x, 1, &total);
  }
  const int32_t multiplier = *p->requant.multiplier;
  TR_NO_UNROLL
  for (int32_t i = 0; i < count; i++) {
    *y = (int8_t)tr_finish(&p->requant, 0, total.sum[i], multiplier);
    y += p->y_kept[TR_MEAN_AXES - 1];
  }
}

/* The outputs of the last kept axis, whose inputs are neighbours; the last four may overlap. */
static void line(const tr_mean_s8_params *p, const int8_t *x, int8_t *y) {
  const int32_t kept = p->kept[TR_MEAN_AXES - 1];
  int32_t count = COLUMNS * MOST_WORDS;
  for (int32_t i = 0; i < kept; i += count) {
    if (kept - i < count) {
      count = COLUMNS;
    }
    const int32_t at = i < kept - count ? i : kept - count;
    columns(p, x + at, count, y + at * p->y_kept[TR_MEAN_AXES - 1]);
  }
}

void tr_mean_s8__m4(const tr_mean_s8_params *p, const int8_t *x, int8_t *y, void *scratch) {
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
