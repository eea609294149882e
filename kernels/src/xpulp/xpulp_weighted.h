/* Weighted values of attention on an XpulpV2 core: exponentials of fifteen bits as two planes of
 * bytes, so that the values stay bytes: sum of e * v = 2^8 * sum of high(e) * v + sum of
 * low(e) * v, each by SDOTUSP. */
#ifndef TINYRIG_XPULP_WEIGHTED_H
#define TINYRIG_XPULP_WEIGHTED_H

#include "xpulp/xpulp_tile.h"

/* A panel holds the exponentials of four queries: for every four keys a word of each query, the
 * plane of the high bytes, then that of the low ones; or one plane of probabilities; zeros behind
 * the last key. Columns of values are `column_step` bytes apart and as long as the panel. The sum
 * of query i starts at row_start[i]. */
typedef struct {
  const uint32_t *panel;
  const int8_t *column;
  int32_t column_step;
  int32_t column_back;
  int32_t words; /* of one query in one plane */
  int32_t planes;
  int32_t row_start[TR_XP_TILE];
  int32_t *sums;       /* room for TR_XP_SUMS */
  tr_xp_halves halves; /* of the multiplier, where words are asked for */
} tr_xp_weighted;

/* What turns a query's sums into outputs:
 * sat8((((sum * multiplier) >> 32) + offset + 2^(shift-1)) >> shift). */
typedef struct {
  int32_t multiplier;
  int32_t shift;
  int32_t offset;
} tr_xp_weighted_scale;

#if defined(TR_XPULP_INSN)

#define TR_XP_CLEAR(sum, x) "li " sum ", " x "\n\t"
#define TR_XP_UP(sum, x) "slli " sum ", " sum ", " x "\n\t"
#define TR_XP_START_ROW(sum, x, column) "add " sum ", " sum ", " x "\n\t"

#define TR_XP_WEIGHT_ROUND                                                           \
  TR_XP_COLUMNS TR_XP_LOAD_NEXT("a4", "t0", 4) TR_XP_LOAD_NEXT("a5", "t0", 4)        \
  TR_XP_ROW_0(TR_XP_SDOTUSP4, "a4") TR_XP_LOAD_NEXT("a4", "t0", 4)                   \
  TR_XP_ROW_1(TR_XP_SDOTUSP4, "a5") TR_XP_LOAD_NEXT("a5", "t0", 4)                   \
  TR_XP_ROW_2(TR_XP_SDOTUSP4, "a4") TR_XP_ROW_3(TR_XP_SDOTUSP4, "a5")

#define TR_XP_WEIGHT_HIGH                                                            \
  TR_XP_BEGIN TR_XP_LOOP(0, "a5", 24) TR_XP_WEIGHT_ROUND TR_XP_END                   \
  "lw a5, %[words]\n\t"                                                              \
  "lw t3, %[column]\n\t" TR_XP_EVERY(TR_XP_UP, "8")

#define TR_XP_WEIGHT_SUMS(high)                                                      \
  "lw a5, %[words]\n\t"                                                              \
  "lw t0, %[panel]\n\t"                                                              \
  "lw t3, %[column]\n\t"                                                             \
  "lw t4, %[column_step]\n\t"                                                        \
  "lw t5, %[column_back]\n\t" TR_XP_EVERY(TR_XP_CLEAR, "0") high                     \
  TR_XP_BEGIN TR_XP_LOOP(0, "a5", 24) TR_XP_WEIGHT_ROUND TR_XP_END                   \
  "lw t3, %[r0]\n\t"                                                                 \
  "lw t4, %[r1]\n\t"                                                                 \
  "lw t5, %[r2]\n\t"                                                                 \
  "lw t6, %[r3]\n\t" TR_XP_ROW_0(TR_XP_START_ROW, "t3")                              \
  TR_XP_ROW_1(TR_XP_START_ROW, "t4") TR_XP_ROW_2(TR_XP_START_ROW, "t5")              \
  TR_XP_ROW_3(TR_XP_START_ROW, "t6")

#define TR_XP_WEIGHT_FIELDS(t)                                                         \
  [panel] "m"((t)->panel), [column] "m"((t)->column), [column_step] "m"((t)->column_step), \
      [column_back] "m"((t)->column_back), [words] "m"((t)->words),                    \
      [r0] "m"((t)->row_start[0]), [r1] "m"((t)->row_start[1]),                        \
      [r2] "m"((t)->row_start[2]), [r3] "m"((t)->row_start[3])

/* sums[4 * column + query]. */
TR_INLINE void tr_xp_weighted_sums(const tr_xp_weighted *t) {
  if (t->planes == 1) {
    __asm__ volatile(TR_XP_WEIGHT_SUMS("") TR_XP_KEEP_SUMS
                     :
                     : TR_XP_WEIGHT_FIELDS(t), [sums] "m"(t->sums)
                     : "a0", "a1", "a2", "a3", TR_XP_CLOBBERS);
    return;
  }
  __asm__ volatile(TR_XP_WEIGHT_SUMS(TR_XP_WEIGHT_HIGH) TR_XP_KEEP_SUMS
                   :
                   : TR_XP_WEIGHT_FIELDS(t), [sums] "m"(t->sums)
                   : "a0", "a1", "a2", "a3", TR_XP_CLOBBERS);
}

/* The outputs of one plane's sums in the SHORT form, four of a query in a word. */
TR_INLINE void tr_xp_weighted_words(const tr_xp_weighted *t, uint32_t *word) {
  TR_XP_WORD_REGISTERS;
  __asm__ volatile(TR_XP_WEIGHT_SUMS("") TR_XP_SHORT_FINISH TR_XP_PACK_ROWS
                   : "=&r"(w0), "=&r"(w1), "=&r"(w2), "=&r"(w3)
                   : TR_XP_WEIGHT_FIELDS(t), [m0] "m"(t->halves.upper),
                     [m1] "m"(t->halves.lower), [m2] "m"(t->halves.bound)
                   : TR_XP_CLOBBERS);
  word[0] = w0;
  word[1] = w1;
  word[2] = w2;
  word[3] = w3;
}

/* Makes `count` outputs of a query, an even number, from every fourth sum. */
TR_INLINE void tr_xp_weighted_outputs(const tr_xp_weighted_scale *given, const int32_t *sum,
                                      int32_t count, int8_t *y, int32_t step) {
  int32_t s0;
  int32_t s1;
  __asm__ volatile(TR_XP_BEGIN TR_XP_LOOP(0, "%[count]", 10)
                   TR_XP_LOAD_NEXT("%[s0]", "%[sum]", 16) TR_XP_LOAD_NEXT("%[s1]", "%[sum]", 16)
                   "mulh %[s0], %[s0], %[m]\n\t"
                   "mulh %[s1], %[s1], %[m]\n\t"
                   TR_XP_ADD_ROUND("%[s0]", "%[offset]", "%[shift]")
                   TR_XP_ADD_ROUND("%[s1]", "%[offset]", "%[shift]")
                   TR_XP_CLIP8("%[s0]", "%[s0]") TR_XP_CLIP8("%[s1]", "%[s1]")
                   TR_XP_STORE8_STEP("%[s0]", "%[y]", "%[step]")
                   TR_XP_STORE8_STEP("%[s1]", "%[y]", "%[step]") TR_XP_END
                   : [sum] "+&r"(sum), [y] "+&r"(y), [s0] "=&r"(s0), [s1] "=&r"(s1)
                   : [count] "r"(count / 2), [m] "r"(given->multiplier),
                     [shift] "r"(given->shift), [offset] "r"(given->offset), [step] "r"(step)
                   : "memory");
}

/* sum[i] += one column of values times the plane at `panel` of four queries. */
TR_INLINE void tr_xp_weighted_plane(const uint32_t *panel, const int8_t *column, int32_t words,
                                    int32_t *sum) {
  uint32_t v;
  uint32_t e0;
  uint32_t e1;
  uint32_t e2;
  uint32_t e3;
  __asm__ volatile(TR_XP_BEGIN TR_XP_LOOP(0, "%[words]", 9)
                   TR_XP_LOAD_NEXT("%[v]", "%[column]", 4)
                   TR_XP_LOAD_NEXT("%[e0]", "%[panel]", 4)
                   TR_XP_LOAD_NEXT("%[e1]", "%[panel]", 4)
                   TR_XP_LOAD_NEXT("%[e2]", "%[panel]", 4)
                   TR_XP_LOAD_NEXT("%[e3]", "%[panel]", 4)
                   TR_XP_SDOTUSP4("%[s0]", "%[e0]", "%[v]")
                   TR_XP_SDOTUSP4("%[s1]", "%[e1]", "%[v]")
                   TR_XP_SDOTUSP4("%[s2]", "%[e2]", "%[v]")
                   TR_XP_SDOTUSP4("%[s3]", "%[e3]", "%[v]") TR_XP_END
                   : [panel] "+&r"(panel), [column] "+&r"(column), [s0] "+&r"(sum[0]),
                     [s1] "+&r"(sum[1]), [s2] "+&r"(sum[2]), [s3] "+&r"(sum[3]), [v] "=&r"(v),
                     [e0] "=&r"(e0), [e1] "=&r"(e1), [e2] "=&r"(e2), [e3] "=&r"(e3)
                   : [words] "r"(words)
                   : "memory");
}

/* sum[c] += one query's words of the plane at `panel` times four columns of values. */
TR_INLINE void tr_xp_weighted_query(const uint32_t *panel, const int8_t *column, int32_t step,
                                    int32_t words, int32_t *sum) {
  uint32_t e;
  uint32_t v0;
  uint32_t v1;
  uint32_t v2;
  uint32_t v3;
  __asm__ volatile(TR_XP_BEGIN TR_XP_LOOP(0, "%[words]", 9)
                   TR_XP_LOAD_NEXT("%[e]", "%[panel]", 16)
                   TR_XP_LOAD_STEP("%[v0]", "%[column]", "%[step]")
                   TR_XP_LOAD_STEP("%[v1]", "%[column]", "%[step]")
                   TR_XP_LOAD_STEP("%[v2]", "%[column]", "%[step]")
                   TR_XP_LOAD_STEP("%[v3]", "%[column]", "%[back]")
                   TR_XP_SDOTUSP4("%[s0]", "%[e]", "%[v0]")
                   TR_XP_SDOTUSP4("%[s1]", "%[e]", "%[v1]")
                   TR_XP_SDOTUSP4("%[s2]", "%[e]", "%[v2]")
                   TR_XP_SDOTUSP4("%[s3]", "%[e]", "%[v3]") TR_XP_END
                   : [panel] "+&r"(panel), [column] "+&r"(column), [s0] "+&r"(sum[0]),
                     [s1] "+&r"(sum[1]), [s2] "+&r"(sum[2]), [s3] "+&r"(sum[3]), [e] "=&r"(e),
                     [v0] "=&r"(v0), [v1] "=&r"(v1), [v2] "=&r"(v2), [v3] "=&r"(v3)
                   : [step] "r"(step), [back] "r"(4 - 3 * step), [words] "r"(words)
                   : "memory");
}

#else

TR_INLINE void tr_xp_weighted_query(const uint32_t *panel, const int8_t *column, int32_t step,
                                    int32_t words, int32_t *sum) {
  for (int32_t word = 0; word < words; word++) {
    for (int c = 0; c < TR_XP_TILE; c++) {
      sum[c] = tr_xp_sdotusp4(panel[TR_XP_TILE * word],
                              tr_xp_load(column + c * step + 4 * word), sum[c]);
    }
  }
}

TR_INLINE void tr_xp_weighted_plane(const uint32_t *panel, const int8_t *column, int32_t words,
                                    int32_t *sum) {
  for (int32_t word = 0; word < words; word++) {
    const uint32_t v = tr_xp_load(column + 4 * word);
    for (int i = 0; i < TR_XP_TILE; i++) {
      sum[i] = tr_xp_sdotusp4(panel[TR_XP_TILE * word + i], v, sum[i]);
    }
  }
}

TR_INLINE void tr_xp_weighted_outputs(const tr_xp_weighted_scale *given, const int32_t *sum,
                                      int32_t count, int8_t *y, int32_t step) {
  const tr_xp_weighted_scale s = *given;
  for (int32_t n = 0; n < count; n++) {
    const int32_t high = tr_xp_high(sum[TR_XP_TILE * n], s.multiplier);
    y[n * step] = (int8_t)tr_xp_clip8(tr_xp_add_round(high, s.offset, s.shift));
  }
}

#endif

/* Four sums before the plane of the high bytes, and between the planes. */
TR_INLINE void tr_xp_weighted_clear(int32_t *sum) {
  for (int i = 0; i < TR_XP_TILE; i++) {
    sum[i] = 0;
  }
}

TR_INLINE void tr_xp_weighted_up(int32_t *sum) {
  for (int i = 0; i < TR_XP_TILE; i++) {
    sum[i] = (int32_t)((uint32_t)sum[i] << 8);
  }
}

/* sum[c] = the sums of query i and four columns of values. */
TR_INLINE void tr_xp_weighted_row(const tr_xp_weighted *t, int32_t i, const int8_t *column,
                                  int32_t *sum) {
  const uint32_t *panel = t->panel + i;
  tr_xp_weighted_clear(sum);
  if (t->planes > 1) {
    tr_xp_weighted_query(panel, column, t->column_step, t->words, sum);
    tr_xp_weighted_up(sum);
    panel += TR_XP_TILE * t->words;
  }
  tr_xp_weighted_query(panel, column, t->column_step, t->words, sum);
  for (int c = 0; c < TR_XP_TILE; c++) {
    sum[c] = tr_wrapping_add(sum[c], t->row_start[i]);
  }
}

/* sum[i] = the sums of one column of values and four queries. */
TR_INLINE void tr_xp_weighted_line(const tr_xp_weighted *t, const int8_t *column, int32_t *sum) {
  const uint32_t *panel = t->panel;
  tr_xp_weighted_clear(sum);
  if (t->planes > 1) {
    tr_xp_weighted_plane(panel, column, t->words, sum);
    tr_xp_weighted_up(sum);
    panel += TR_XP_TILE * t->words;
  }
  tr_xp_weighted_plane(panel, column, t->words, sum);
  for (int i = 0; i < TR_XP_TILE; i++) {
    sum[i] = tr_wrapping_add(sum[i], t->row_start[i]);
  }
}

#if !defined(TR_XPULP_INSN)
TR_INLINE void tr_xp_weighted_sums(const tr_xp_weighted *t) {
  for (int c = 0; c < TR_XP_TILE; c++) {
    tr_xp_weighted_line(t, t->column + c * t->column_step, t->sums + TR_XP_TILE * c);
  }
}

TR_INLINE void tr_xp_weighted_words(const tr_xp_weighted *t, uint32_t *word) {
  int32_t y[TR_XP_SUMS];
  for (int c = 0; c < TR_XP_TILE; c++) {
    tr_xp_weighted_line(t, t->column + c * t->column_step, y + TR_XP_TILE * c);
  }
  for (int n = 0; n < TR_XP_SUMS; n++) {
    y[n] = tr_xp_finish_short(y[n], t->halves);
  }
  for (int i = 0; i < TR_XP_TILE; i++) {
    word[i] = tr_xp_pack4(y[i], y[4 + i], y[8 + i], y[12 + i]);
  }
}
#endif

#endif
