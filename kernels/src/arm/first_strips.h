/* Lines of the image into the strips of arm/first_layer.h, widened to 16 bits. */
#ifndef TINYRIG_FIRST_STRIPS_H
#define TINYRIG_FIRST_STRIPS_H

#include "arm/form.h"
#include "arm/walk.h"

/* A layer, and the strips of a line of outputs. */
typedef struct {
  const tr_conv2d_s8_params *p;
  tr_walk walk;
  int32_t columns; /* of a strip */
  int32_t strips;
  int32_t second; /* elements from the first strip to the second, an even number */
  int32_t other;  /* from a column of the first to the same of the second, or 0 without one */
  uint16_t *strip;
  int32_t *sums;
} tr_first;

/* `cells` cells of neighbouring channels to columns of a strip, and `other` elements further again
 * where that is not 0. */
TR_INLINE void tr_first_columns(uint16_t *to, int32_t other, const int8_t *x, int32_t step,
                                const int cells, const int channels, const int column,
                                const tr_form form) {
  uint16_t value[4 * 3];
#if defined(__ARM_FEATURE_DSP)
  if (!tr_is_m7(form) && cells == 2 && channels == 3) {
    int32_t read[6]; /* side by side, for Cortex-M4 pipelines loads */
    __asm__("ldrsb %[a], [%[x]]\n\tldrsb %[b], [%[x], #1]\n\tldrsb %[c], [%[x], #2]\n\t"
            "ldrsb %[d], [%[next]]\n\tldrsb %[e], [%[next], #1]\n\tldrsb %[f], [%[next], #2]"
            : [a] "=&r"(read[0]), [b] "=&r"(read[1]), [c] "=&r"(read[2]), [d] "=&r"(read[3]),
              [e] "=&r"(read[4]), [f] "=&r"(read[5])
            : [x] "r"(x), [next] "r"(x + step)
            : "memory");
    for (int i = 0; i < 6; i++) {
      value[i] = (uint16_t)read[i];
    }
  } else
#else
  (void)form;
#endif
  {
    for (int i = 0; i < cells * channels; i++) {
      value[i] = (uint16_t)x[i / channels * step + i % channels];
    }
  }
  for (int i = 0; i < cells * channels; i++) {
    to[i / channels * column + i % channels] = value[i];
  }
  if (other != 0) {
    to += other;
    for (int i = 0; i < cells * channels; i++) {
      to[i / channels * column + i % channels] = value[i];
    }
  }
}

/* Two cells of three channels; `pairs` are those of neighbours that fill a word of the strip, of which
 * the first cell begins in the middle if `half`. */
typedef struct {
  uint32_t value[6];
  uint32_t pairs[2];
} tr_first_two;

TR_INLINE tr_first_two tr_first_read(const int8_t *x, const int8_t *next, const int half) {
  tr_first_two two;
  uint32_t *const v = two.value;
#if defined(__ARM_FEATURE_DSP)
  __asm__("ldrsb.w %[a], [%[x], %[one]]\n\tldrsb.w %[b], [%[x], %[one]+1]\n\t"
          "ldrsb.w %[c], [%[next], %[two]]\n\tldrsb.w %[d], [%[next], %[two]+1]\n\t"
          "ldrsb.w %[e], [%[x], %[left]]\n\tldrsb.w %[f], [%[next], %[right]]\n\t"
          "pkhbt %[p], %[a], %[b], lsl #16\n\tpkhbt %[q], %[c], %[d], lsl #16"
          : [a] "=&r"(v[half ? 1 : 0]), [b] "=&r"(v[half ? 2 : 1]), [c] "=&r"(v[half ? 3 : 4]),
            [d] "=&r"(v[half ? 4 : 5]), [e] "=&r"(v[half ? 0 : 2]), [f] "=&r"(v[half ? 5 : 3]),
            [p] "=&r"(two.pairs[0]), [q] "=&r"(two.pairs[1])
          : [x] "r"(x), [next] "r"(next), [one] "i"(half ? 1 : 0), [two] "i"(half ? 0 : 1),
            [left] "i"(half ? 0 : 2), [right] "i"(half ? 2 : 0)
          : "memory");
#else
  for (int i = 0; i < 3; i++) {
    v[i] = (uint32_t)x[i];
    v[3 + i] = (uint32_t)next[i];
  }
  two.pairs[0] = tr_low_halves(v[half ? 1 : 0], v[half ? 2 : 1]);
  two.pairs[1] = tr_low_halves(v[half ? 3 : 4], v[half ? 4 : 5]);
#endif
  return two;
}

/* What fills a word leaves in one store, for Cortex-M7 keeps a bank for longer where less is stored. */
TR_INLINE void tr_first_write(uint16_t *to, const tr_first_two *two, const int column,
                              const int half) {
  uint16_t *const next = to + column;
  __builtin_memcpy(__builtin_assume_aligned(to + (half ? 1 : 0), 4), &two->pairs[0], 4);
  to[half ? 0 : 2] = (uint16_t)two->value[half ? 0 : 2];
  __builtin_memcpy(__builtin_assume_aligned(next + (half ? 0 : 1), 4), &two->pairs[1], 4);
  next[half ? 2 : 0] = (uint16_t)two->value[half ? 5 : 3];
}

/* `twos` pairs of cells of three channels; in a strip an odd number of elements further, a cell begins
 * in the middle of a word where it does not in the first. */
TR_INLINE void tr_first_twos(uint16_t *to, int32_t other, const int8_t *x, int32_t step,
                             int32_t twos, const int column, const int half) {
  TR_NO_UNROLL
  for (; twos > 0; twos--) {
    tr_first_two two = tr_first_read(x, x + step, half);
    tr_first_write(to, &two, column, half);
    if (other != 0) {
      two.pairs[0] = tr_low_halves(two.value[half ? 0 : 1], two.value[half ? 1 : 2]);
      two.pairs[1] = tr_low_halves(two.value[half ? 4 : 3], two.value[half ? 5 : 4]);
      tr_first_write(to + other, &two, column, !half);
    }
    x += 2 * step;
    to += 2 * column;
  }
}

/* Four times `fours` cells of three channels, side by side, to columns of a strip and, `other` elements
 * further, of a second one where that is not 0; loads stand together, for Cortex-M4 pipelines them. */
#if defined(__ARM_FEATURE_DSP)

#define TR_FIRST_READ_TWO(at)                                                                     \
  "ldrsb.w %[a], [%[x], #" at "]\n\tldrsb.w %[b], [%[x], #" at "+1]\n\t"                          \
  "ldrsb.w %[c], [%[x], #" at "+2]\n\tldrsb.w %[d], [%[x], #" at "+3]\n\t"                        \
  "ldrsb.w %[e], [%[x], #" at "+4]\n\tldrsb.w %[f], [%[x], #" at "+5]\n\t"
#define TR_FIRST_WRITE_TWO(to, one, two)                                                          \
  "strh.w %[a], [%[" to "], %[" one "]]\n\tstrh.w %[b], [%[" to "], %[" one "]+2]\n\t"             \
  "strh.w %[c], [%[" to "], %[" one "]+4]\n\tstrh.w %[d], [%[" to "], %[" two "]]\n\t"             \
  "strh.w %[e], [%[" to "], %[" two "]+2]\n\tstrh.w %[f], [%[" to "], %[" two "]+4]\n\t"

/* `also` and `more` are what is written besides. */
#define TR_FIRST_FOURS(also, more, moved)                                                         \
  "1:\n\t" TR_FIRST_READ_TWO("0") TR_FIRST_WRITE_TWO("to", "c0", "c1") also                       \
  "subs.w %[fours], %[fours], #1\n\t" TR_FIRST_READ_TWO("6") TR_FIRST_WRITE_TWO("to", "c2", "c3") \
  more "add.w %[x], %[x], #12\n\tadd.w %[to], %[to], %[all]\n\t" moved "bne.w 1b\n\t"
#define TR_FIRST_FOURS_OPERANDS                                                                   \
  [a] "=&r"(a), [b] "=&r"(b), [c] "=&r"(c), [d] "=&r"(d), [e] "=&r"(e), [f] "=&r"(f),             \
      [to] "+&r"(to), [x] "+&r"(x), [fours] "+&r"(fours)
#define TR_FIRST_FOURS_OFFSETS                                                                    \
  [c0] "i"(0), [c1] "i"(2 * column), [c2] "i"(4 * column), [c3] "i"(6 * column),                  \
      [all] "i"(8 * column)

TR_INLINE void tr_first_fours(uint16_t *to, int32_t other, const int8_t *x, int32_t fours,
                              const int column) {
  uint32_t a;
  uint32_t b;
  uint32_t c;
  uint32_t d;
  uint32_t e;
  uint32_t f;
  if (other == 0) {
    __asm__ volatile(TR_FIRST_FOURS("", "", "")
                     : TR_FIRST_FOURS_OPERANDS
                     : TR_FIRST_FOURS_OFFSETS
                     : "cc", "memory");
  } else {
    uint16_t *second = to + other;
    __asm__ volatile(TR_FIRST_FOURS(TR_FIRST_WRITE_TWO("second", "c0", "c1"),
                                    TR_FIRST_WRITE_TWO("second", "c2", "c3"),
                                    "add.w %[second], %[second], %[all]\n\t")
                     : TR_FIRST_FOURS_OPERANDS, [second] "+&r"(second)
                     : TR_FIRST_FOURS_OFFSETS
                     : "cc", "memory");
  }
}

#else

TR_INLINE void tr_first_fours(uint16_t *to, int32_t other, const int8_t *x, int32_t fours,
                              const int column) {
  for (int32_t cell = 0; cell < 4 * fours; cell++) {
    for (int32_t i = 0; i < 3; i++) {
      to[cell * column + i] = (uint16_t)x[3 * cell + i];
      if (other != 0) {
        to[cell * column + i + other] = (uint16_t)x[3 * cell + i];
      }
    }
  }
}

#endif

/* `count` cells of a line. */
TR_INLINE void tr_first_spread(uint16_t *to, int32_t other, const int8_t *x, int32_t step,
                               int32_t count, const int channels, const int column,
                               const tr_form form) {
  const int many = channels == 1 ? 4 : 2;
  if (tr_is_m7(form) && channels == 3) {
    const int32_t twos = count / 2;
    if (((uintptr_t)to & 2) == 0) {
      tr_first_twos(to, other, x, step, twos, column, 0);
    } else {
      tr_first_twos(to, other, x, step, twos, column, 1);
    }
    x += 2 * twos * step;
    to += 2 * twos * column;
    count -= 2 * twos;
  }
  if (!tr_is_m7(form) && channels == 3 && step == 3 && count >= 4) {
    const int32_t cells = count / 4 * 4;
    tr_first_fours(to, other, x, cells / 4, column);
    x += cells < count ? cells * step : 0;
    to += cells * column;
    count -= cells;
  }
  TR_NO_UNROLL
  for (; count >= many; count -= many) {
    tr_first_columns(to, other, x, step, many, channels, column, form);
    x += many * step;
    to += many * column;
  }
  TR_NO_UNROLL
  for (; count > 0; count--) {
    tr_first_columns(to, other, x, step, 1, channels, column, form);
    x += count > 1 ? step : 0;
    to += column;
  }
}

/* A line of the image at x, from column -pad on, to one of the strip and of the second strip. */
TR_INLINE void tr_first_line(const tr_first *f, int32_t other, const int8_t *x, int32_t line,
                             uint16_t *to, const int channels, const int column,
                             const tr_form form) {
  const tr_walk *const at = &f->walk;
  const int inside = line >= 0 && line < at->in_lines;
  const int32_t begin = at->pad < f->columns ? at->pad : f->columns;
  const int32_t end = inside ? tr_clamp(at->in_length + at->pad, begin, f->columns) : begin;
  const int8_t zeros[3] = {(int8_t)f->p->x_zero_point, (int8_t)f->p->x_zero_point,
                           (int8_t)f->p->x_zero_point};
  tr_first_spread(to, other, zeros, 0, begin, channels, column, form);
  if (end > begin) {
    tr_first_spread(to + begin * column, other, x + line * at->place[1], at->place[0], end - begin,
                    channels, column, form);
  }
  tr_first_spread(to + end * column, other, zeros, 0, f->columns - end, channels, column, form);
}

/* The lines of one line of outputs' windows, from `top` on; apart, for what one strip needs is less. */
TR_NOINLINE void tr_first_one_strip(const tr_first *f, const int8_t *x, int32_t top,
                                    const int channels, const int column, const tr_form form) {
  TR_NO_UNROLL
  for (int32_t l = 0; l * channels < column; l++) {
    tr_first_line(f, 0, x, top + l, f->strip + l * channels, channels, column, form);
  }
}

TR_NOINLINE void tr_first_two_strips(const tr_first *f, const int8_t *x, int32_t top,
                                     const int channels, const int column, const tr_form form) {
  TR_NO_UNROLL
  for (int32_t l = 0; l * channels < column; l++) {
    tr_first_line(f, f->other, x, top + l, f->strip + l * channels, channels, column, form);
  }
}

#endif
