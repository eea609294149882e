#include "arm/finish.h"
#include "common/dsp.h"
#include "tinyrig/pool.h"

#define COLUMNS 4
#define MOST_WORDS 2
#define TURN 2          /* cells of a loop */
#define MOST_OUTPUTS 32 /* outputs whose sums are kept at once */
#define MOST_CELLS 256  /* bytes a 16-bit sum has room for */

/* Sums of the bytes of a word, by pairs. */
typedef struct {
  uint32_t even[MOST_WORDS];
  uint32_t odd[MOST_WORDS];
} pairs;

/* Adds the words of `cells` cells, a constant, and returns the next cell. */
TR_INLINE const int8_t *add_turn(pairs *s, const int8_t *x, int32_t step, const int cells,
                                 const int words) {
  uint32_t cell[MOST_WORDS * TURN];
  for (int i = 0; i < cells; i++) {
    for (int k = 0; k < words; k++) {
      cell[i * words + k] = tr_load4(x + COLUMNS * k);
    }
    x += step;
  }
  for (int i = 0; i < cells * words; i++) {
    s->even[i % words] = tr_add_even_bytes(s->even[i % words], cell[i]);
    s->odd[i % words] = tr_add_odd_bytes(s->odd[i % words], cell[i]);
  }
  return x;
}

#if defined(__ARM_FEATURE_DSP)

/* `turns` of two cells, and one more, whose words are loaded while those before are added: on
 * Cortex-M7 an addition issues with what is not one. */
TR_INLINE const int8_t *add_turns(pairs *s, const int8_t *x, int32_t step, int32_t turns) {
  uint32_t a;
  uint32_t b;
  uint32_t c;
  uint32_t d;
  __asm__("ldr.w %[a], [%[x]]\n\tldr.w %[b], [%[x], #4]\n\tadd.w %[x], %[x], %[step]\n\t"
          ".p2align 2\n\t"
          "1:\n\t"
          "sxtab16 %[e], %[e], %[a]\n\tldr.w %[c], [%[x]]\n\t"
          "sxtab16 %[o], %[o], %[a], ror #8\n\tldr.w %[d], [%[x], #4]\n\t"
          "sxtab16 %[f], %[f], %[b]\n\tadd.w %[x], %[x], %[step]\n\t"
          "sxtab16 %[p], %[p], %[b], ror #8\n\tsubs.w %[turns], %[turns], #1\n\t"
          "sxtab16 %[e], %[e], %[c]\n\tldr.w %[a], [%[x]]\n\t"
          "sxtab16 %[o], %[o], %[c], ror #8\n\tldr.w %[b], [%[x], #4]\n\t"
          "sxtab16 %[f], %[f], %[d]\n\tadd.w %[x], %[x], %[step]\n\t"
          "sxtab16 %[p], %[p], %[d], ror #8\n\tbne.w 1b\n\t"
          "sxtab16 %[e], %[e], %[a]\n\tsxtab16 %[o], %[o], %[a], ror #8\n\t"
          "sxtab16 %[f], %[f], %[b]\n\tsxtab16 %[p], %[p], %[b], ror #8\n\t"
          : [x] "+&r"(x), [turns] "+&r"(turns), [e] "+&r"(s->even[0]), [f] "+&r"(s->even[1]),
            [o] "+&r"(s->odd[0]), [p] "+&r"(s->odd[1]), [a] "=&r"(a), [b] "=&r"(b), [c] "=&r"(c),
            [d] "=&r"(d)
          : [step] "r"(step)
          : "cc", "memory");
  return x;
}

#endif

/* Adds at most MOST_CELLS cells, and returns the next one. */
TR_INLINE const int8_t *add_run(pairs *s, const int8_t *x, int32_t step, int32_t cells,
                                const int words) {
#if defined(__ARM_FEATURE_DSP)
  if (words == MOST_WORDS && cells > TURN) {
    const int32_t turns = (cells - 1) / TURN;
    x = add_turns(s, x, step, turns);
    cells -= turns * TURN + 1;
  }
#endif
  TR_NO_UNROLL
  for (; cells >= TURN; cells -= TURN) {
    x = add_turn(s, x, step, TURN, words);
  }
  return cells > 0 ? add_turn(s, x, step, 1, words) : x;
}

/* Adds `left` cells of `words` words at x, x + step, ... to sums. */
TR_INLINE void add_cells(const int8_t *x, int32_t step, int32_t left, int32_t *sum,
                         const int words) {
  TR_NO_UNROLL
  while (left > 0) {
    const int32_t cells = left < MOST_CELLS ? left : MOST_CELLS;
    pairs s = {{0}, {0}};
    x = add_run(&s, x, step, cells, words);
    left -= cells;
    for (int k = 0; k < words; k++) {
      sum[COLUMNS * k] += tr_low(s.even[k]);
      sum[COLUMNS * k + 1] += tr_low(s.odd[k]);
      sum[COLUMNS * k + 2] += tr_high(s.even[k]);
      sum[COLUMNS * k + 3] += tr_high(s.odd[k]);
    }
  }
}

/* Apart, so that what the loops around them count leaves their registers alone. */
TR_NOINLINE void add_word(const int8_t *x, int32_t step, int32_t cells, int32_t *sum) {
  add_cells(x, step, cells, sum, 1);
}

TR_NOINLINE void add_two_words(const int8_t *x, int32_t step, int32_t cells, int32_t *sum) {
  add_cells(x, step, cells, sum, MOST_WORDS);
}

/* Adds a line of cells to `count` sums, a multiple of four. */
TR_INLINE void add_line(const int8_t *x, int32_t step, int32_t cells, int32_t count, int32_t *sum) {
  const int two = COLUMNS * MOST_WORDS;
  TR_NO_UNROLL
  for (; count >= two; count -= two) {
    add_two_words(x, step, cells, sum);
    x += two;
    sum += two;
  }
  if (count > 0) {
    add_word(x, step, cells, sum);
  }
}

/* Adds the cells of neighbouring outputs over all reduced axes. */
TR_INLINE void add_lines(const tr_mean_s8_params *p, const int8_t *x, int32_t count, int32_t *sum) {
  for (int32_t a = 0; a < p->reduced[0]; a++) {
    for (int32_t b = 0; b < p->reduced[1]; b++) {
      for (int32_t c = 0; c < p->reduced[2]; c++) {
        add_line(x + a * p->x_reduced[0] + b * p->x_reduced[1] + c * p->x_reduced[2],
                 p->x_reduced[TR_MEAN_AXES - 1], p->reduced[TR_MEAN_AXES - 1], count, sum);
      }
    }
  }
}

/* Means of sums that a high multiply and a saturation make. */
TR_INLINE void put_narrow(const int32_t *sum, int32_t count, int32_t multiplier, int8_t *y,
                          int32_t step) {
  TR_NO_UNROLL
  for (; count > 0; count -= COLUMNS) {
    for (int i = 0; i < COLUMNS; i++) {
      *y = (int8_t)tr_finish_narrow(*sum++, multiplier);
      y += step;
    }
  }
}

TR_NOINLINE void put_other(const tr_mean_s8_params *p, const int32_t *sum, int32_t count,
                           int8_t *y) {
  const tr_requant form = p->requant;
  const int32_t multiplier = *form.multiplier;
  const int32_t step = p->y_kept[TR_MEAN_AXES - 1];
  TR_NO_UNROLL
  for (; count > 0; count--) {
    *y = (int8_t)tr_finish(&form, 0, *sum++, multiplier);
    y += step;
  }
}

/* The means of `count` neighbouring outputs, a multiple of four and at most MOST_OUTPUTS. */
TR_NOINLINE void columns(const tr_mean_s8_params *p, const int8_t *x, int32_t count, int8_t *y) {
  int32_t sum[MOST_OUTPUTS];
  TR_NO_UNROLL
  for (int32_t i = 0; i < count; i += COLUMNS) {
    for (int k = 0; k < COLUMNS; k++) {
      sum[i + k] = p->start;
    }
  }
  add_lines(p, x, count, sum);
  if (tr_finish_is_narrow(&p->requant)) {
    put_narrow(sum, count, *p->requant.multiplier, y, p->y_kept[TR_MEAN_AXES - 1]);
  } else {
    put_other(p, sum, count, y);
  }
}

/* The outputs of the last kept axis, whose inputs are neighbours; the last four may overlap. */
TR_INLINE void line(const tr_mean_s8_params *p, const int8_t *x, int8_t *y) {
  const int32_t kept = p->kept[TR_MEAN_AXES - 1];
  int32_t count = MOST_OUTPUTS;
  for (int32_t i = 0; i < kept; i += count) {
    const int32_t left = kept - i;
    if (left < count) {
      count = left < COLUMNS ? COLUMNS : left / COLUMNS * COLUMNS;
    }
    const int32_t at = left < COLUMNS ? kept - COLUMNS : i;
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
