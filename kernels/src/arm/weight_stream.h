/* Weight streams: the weights of a dense layer in the order in which a panel (arm/panel.h) is
 * multiplied with them, so that one address walks through everything a pair of columns needs.
 *
 * For each pair of columns (a, b): two words of start values, the units of eight, two words of
 * multipliers. A stream of sums (linear_s8_s32) has the units alone. A group of four columns of
 * k is, in bytes, a0 b0 a2 b2 a1 b1 a3 b3: SXTB16 makes a word a pair of a and, rotated, one of b,
 * which the same words of a panel are multiplied with. Wide (arm/form.h) it is a panel of the
 * two. Of nibbles it is one word: the first four weights, as bytes, have the upper halves of its
 * bytes and the others the lower ones, and start values are sixteen times as much, for a byte less
 * its lower half is sixteen times a weight. The first unit is padded with zeros behind column tr_first_unit(k), as a
 * panel's is. When n is odd the last pair is (n - 2, n - 1) once more, or twice the only column; a
 * stream of sums has zeros in place of column n - 2. */
#ifndef TINYRIG_WEIGHT_STREAM_H
#define TINYRIG_WEIGHT_STREAM_H

#include "arm/form.h"
#include "arm/panel.h"

TR_INLINE int32_t tr_stream_unit(const tr_form form) {
  return tr_is_wide(form) ? 32 : tr_is_nibbles(form) ? 8 : 16;
}

/* Bytes of a pair of columns without start values and multipliers. */
TR_INLINE int32_t tr_stream_pair(int32_t k, const tr_form form) {
  return tr_stream_unit(form) * tr_units(k);
}

/* Bytes of the stream of a layer of n columns. */
TR_INLINE int32_t tr_stream_bytes(int32_t k, int32_t n, const tr_form form) {
  return (n + 1) / 2 * (16 + tr_stream_pair(k, form));
}

/* One unit of a 2 x 2 or a 1 x 2 tile: sums [column][row]. Written out because compilers spill.
 * Loads stand together where registers allow: Cortex-M4 pipelines neighbouring loads. */
#if defined(__ARM_FEATURE_DSP)

#define TR_MULTIPLY_2X2(x0, x1, w0, w1)             \
  "smlad %[a0], %[" x0 "], %[" w0 "], %[a0]\n\t"    \
  "smlad %[a1], %[" x1 "], %[" w0 "], %[a1]\n\t"    \
  "smlad %[a2], %[" x0 "], %[" w1 "], %[a2]\n\t"    \
  "smlad %[a3], %[" x1 "], %[" w1 "], %[a3]\n\t"

#define TR_MULTIPLY_1X2(x0, w0, w1)                 \
  "smlad %[a0], %[" x0 "], %[" w0 "], %[a0]\n\t"    \
  "smlad %[a1], %[" x0 "], %[" w1 "], %[a1]\n\t"

#define TR_WIDEN_PAIR                               \
  "sxtb16 %[e0], %[b0]\n\t"                         \
  "sxtb16 %[e1], %[b1]\n\t"                         \
  "sxtb16 %[b0], %[b0], ror #8\n\t"                 \
  "sxtb16 %[b1], %[b1], ror #8\n\t"

#define TR_BYTES_STEP_2X2(w0, w1, x0, x1, z0, z1)     \
  "ldr %[b0], [%[w], #" w0 "]\n\t"                    \
  "ldr %[b1], [%[w], #" w1 "\n\t"                     \
  "ldr %[x], [%[panel], #" x0 "]\n\t"                 \
  "ldr %[z], [%[panel], #" x1 "]\n\t"                 \
  TR_WIDEN_PAIR TR_MULTIPLY_2X2("x", "z", "e0", "b0") \
  "ldr %[x], [%[panel], #" z0 "]\n\t"                 \
  "ldr %[z], [%[panel], #" z1 "\n\t" TR_MULTIPLY_2X2("x", "z", "e1", "b1")

#define TR_BYTES_UNIT_2X2                             \
  TR_BYTES_STEP_2X2("4", "8]", "4", "12", "8", "16]") \
  TR_BYTES_STEP_2X2("12", "16]!", "20", "28", "24", "32]!")

#define TR_BYTES_STEP_1X2(w0, w1, x0, x1) \
  "ldr %[b0], [%[w], #" w0 "]\n\t"        \
  "ldr %[b1], [%[w], #" w1 "\n\t"         \
  "ldr %[x], [%[panel], #" x0 "]\n\t"     \
  "ldr %[z], [%[panel], #" x1 "\n\t"      \
  TR_WIDEN_PAIR TR_MULTIPLY_1X2("x", "e0", "b0") TR_MULTIPLY_1X2("z", "e1", "b1")

#define TR_BYTES_UNIT_1X2                 \
  TR_BYTES_STEP_1X2("4", "8]", "4", "8]") \
  TR_BYTES_STEP_1X2("12", "16]!", "12", "16]!")

#define TR_WIDE_STEP_2X2(w0, w1, x0, x1) \
  "ldr %[b0], [%[w], #" w0 "]\n\t"       \
  "ldr %[b1], [%[w], #" w1 "\n\t"        \
  "ldr %[e0], [%[panel], #" x0 "]\n\t"   \
  "ldr %[e1], [%[panel], #" x1 "\n\t" TR_MULTIPLY_2X2("e0", "e1", "b0", "b1")

#define TR_WIDE_UNIT_2X2                     \
  TR_WIDE_STEP_2X2("4", "12]", "4", "12]")   \
  TR_WIDE_STEP_2X2("8", "16]", "8", "16]")   \
  TR_WIDE_STEP_2X2("20", "28]", "20", "28]") \
  TR_WIDE_STEP_2X2("24", "32]!", "24", "32]!")

#define TR_WIDE_STEP_1X2(w0, w1, w2, w3, x0, x1) \
  "ldr %[b0], [%[w], #" w0 "]\n\t"               \
  "ldr %[b1], [%[w], #" w1 "]\n\t"               \
  "ldr %[e0], [%[w], #" w2 "]\n\t"               \
  "ldr %[e1], [%[w], #" w3 "\n\t"                \
  "ldr %[x], [%[panel], #" x0 "]\n\t"            \
  "ldr %[z], [%[panel], #" x1 "\n\t"             \
  TR_MULTIPLY_1X2("x", "b0", "b1") TR_MULTIPLY_1X2("z", "e0", "e1")

#define TR_WIDE_UNIT_1X2                             \
  TR_WIDE_STEP_1X2("4", "12", "8", "16]", "4", "8]") \
  TR_WIDE_STEP_1X2("20", "28", "24", "32]!", "12", "16]!")

/* A word of nibbles, of which the upper ones are multiplied first. */
#define TR_WIDEN_UPPER                 \
  "and %[b1], %[b0], #0xF0F0F0F0\n\t"  \
  "sxtb16 %[e0], %[b1]\n\t"            \
  "sxtb16 %[b1], %[b1], ror #8\n\t"

#define TR_WIDEN_LOWER                 \
  "lsl %[b0], %[b0], #4\n\t"           \
  "and %[b0], %[b0], #0xF0F0F0F0\n\t"  \
  "sxtb16 %[e1], %[b0]\n\t"            \
  "sxtb16 %[b0], %[b0], ror #8\n\t"

#define TR_NIBBLES_STEP_2X2(w0, x0, x1, z0, z1)        \
  "ldr %[b0], [%[w], #" w0 "\n\t"                      \
  "ldr %[x], [%[panel], #" x0 "]\n\t"                  \
  "ldr %[z], [%[panel], #" x1 "]\n\t"                  \
  TR_WIDEN_UPPER TR_MULTIPLY_2X2("x", "z", "e0", "b1") \
  "ldr %[x], [%[panel], #" z0 "]\n\t"                  \
  "ldr %[z], [%[panel], #" z1 "\n\t"                   \
  TR_WIDEN_LOWER TR_MULTIPLY_2X2("x", "z", "e1", "b0")

#define TR_NIBBLES_UNIT_2X2                         \
  TR_NIBBLES_STEP_2X2("4]", "4", "12", "8", "16]")  \
  TR_NIBBLES_STEP_2X2("8]!", "20", "28", "24", "32]!")

#define TR_NIBBLES_STEP_1X2(w0, x0, x1)           \
  "ldr %[b0], [%[w], #" w0 "\n\t"                 \
  "ldr %[x], [%[panel], #" x0 "]\n\t"             \
  "ldr %[z], [%[panel], #" x1 "\n\t"              \
  TR_WIDEN_UPPER TR_MULTIPLY_1X2("x", "e0", "b1") \
  TR_WIDEN_LOWER TR_MULTIPLY_1X2("z", "e1", "b0")

#define TR_NIBBLES_UNIT_1X2             \
  TR_NIBBLES_STEP_1X2("4]", "4", "8]")  \
  TR_NIBBLES_STEP_1X2("8]!", "12", "16]!")

#define TR_STREAM_TEMPORARIES                                                                  \
  [panel] "+&r"(at), [w] "+&r"(from), [b0] "=&r"(b0), [b1] "=&r"(b1), [e0] "=&r"(e0),            \
      [e1] "=&r"(e1), [x] "=&r"(x), [z] "=&r"(z)

#define TR_STREAM_TWO_ROWS(unit)                                                     \
  TR_NO_UNROLL                                                                       \
  do {                                                                               \
    __asm__(unit                                                                     \
            : TR_STREAM_TEMPORARIES, [a0] "+&r"(s0), [a1] "+&r"(s1), [a2] "+&r"(s2), \
              [a3] "+&r"(s3)                                                         \
            :                                                                        \
            : "memory");                                                             \
  } while (at != end)

#define TR_STREAM_ONE_ROW(unit)                                     \
  TR_NO_UNROLL                                                      \
  do {                                                              \
    __asm__(unit                                                    \
            : TR_STREAM_TEMPORARIES, [a0] "+&r"(s0), [a1] "+&r"(s1) \
            :                                                       \
            : "memory");                                            \
  } while (at != end)

/* acc [2][rows] = a panel of one or two rows times a pair of columns, sixteen times that where
 * weights are nibbles. */
TR_INLINE void tr_stream_tile(const uint32_t *panel, const int8_t *w, int32_t k, int32_t *acc,
                              const int rows, const tr_form form) {
  /* The words before the next: the last load of a unit moves them on. */
  uint32_t at = (uint32_t)(uintptr_t)panel - 4;
  uint32_t from = (uint32_t)(uintptr_t)w - 4;
  const uint32_t end = at + 4 * (uint32_t)tr_panel_words(rows, k);
  uint32_t b0;
  uint32_t b1;
  uint32_t e0;
  uint32_t e1;
  uint32_t x;
  uint32_t z;
  int32_t s0 = 0;
  int32_t s1 = 0;
  int32_t s2 = 0;
  int32_t s3 = 0;
  if (rows == 2) {
    if (tr_is_wide(form)) {
      TR_STREAM_TWO_ROWS(TR_WIDE_UNIT_2X2);
    } else if (tr_is_nibbles(form)) {
      TR_STREAM_TWO_ROWS(TR_NIBBLES_UNIT_2X2);
    } else {
      TR_STREAM_TWO_ROWS(TR_BYTES_UNIT_2X2);
    }
    acc[2] = s2;
    acc[3] = s3;
  } else if (tr_is_wide(form)) {
    TR_STREAM_ONE_ROW(TR_WIDE_UNIT_1X2);
  } else if (tr_is_nibbles(form)) {
    TR_STREAM_ONE_ROW(TR_NIBBLES_UNIT_1X2);
  } else {
    TR_STREAM_ONE_ROW(TR_BYTES_UNIT_1X2);
  }
  acc[0] = s0;
  acc[1] = s1;
}

#else

/* The pair `odd` (0 or 1) of group `group` of column `column` of a unit. */
TR_INLINE uint32_t tr_stream_weights(const int8_t *unit, int group, int column, int odd,
                                     const tr_form form) {
  if (tr_is_wide(form)) {
    return tr_load4(unit + 16 * group + 8 * column + 4 * odd);
  }
  uint32_t bytes;
  if (tr_is_nibbles(form)) {
    bytes = (tr_load4(unit + 4 * group) << 4 * odd) & 0xF0F0F0F0U;
  } else {
    bytes = tr_load4(unit + 8 * group + 4 * odd);
  }
  return column ? tr_odd_bytes(bytes) : tr_even_bytes(bytes);
}

TR_INLINE void tr_stream_tile(const uint32_t *panel, const int8_t *w, int32_t k, int32_t *acc,
                              const int rows, const tr_form form) {
  for (int i = 0; i < 2 * rows; i++) {
    acc[i] = 0;
  }
  for (int32_t unit = 0; unit < tr_units(k); unit++) {
    for (int step = 0; step < 4; step++) {
      for (int i = 0; i < 2 * rows; i++) {
        const uint32_t x = panel[step / 2 * 2 * rows + 2 * (i % rows) + step % 2];
        acc[i] = tr_dot2(x, tr_stream_weights(w, step / 2, i / rows, step % 2, form), acc[i]);
      }
    }
    panel += 4 * rows;
    w += tr_stream_unit(form);
  }
}

#endif

#endif
