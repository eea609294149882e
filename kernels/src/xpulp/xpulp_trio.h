/* Tiles of three rows by four columns on an XpulpV2 core, for few rows: 7 loads and 12 SDOTSP for 48
 * products, and little code, for what is called once runs from a cold instruction cache. */
#ifndef TINYRIG_XPULP_TRIO_H
#define TINYRIG_XPULP_TRIO_H

#include "xpulp/xpulp_tile.h"

#define TR_XP_TRIO 3

/* y[i * y_row + j * y_col] = sat8(((start[j] + sum over k of row i * column j) * M_j) >> 32). What
 * the assembly reads lies on the caller's stack. The multipliers are multiplier_step bytes apart. */
typedef struct {
  const int8_t *row;
  int32_t row_step;
  int32_t row_back; /* from a word of the last row to the next word of the first */
  const int8_t *column;
  int32_t column_step;
  int32_t column_back;
  int32_t words; /* of a row, at least 1 */
  const int32_t *start;
  const int32_t *multiplier;
  int32_t multiplier_step;
  int8_t *y;
  int32_t y_row;
  int32_t y_back; /* from a column's last output to the next column's first */
} tr_xp_trio;

#if defined(TR_XPULP_INSN)

#define TR_XP_COPY2(first, second, third) "mv " second ", " first "\n\tmv " third ", " first "\n\t"
#define TR_XP_TRIO_ROUND                                                               \
  TR_XP_COLUMNS TR_XP_ROW("a4") TR_XP_ROW("a5") TR_XP_ROW_0(TR_XP_SDOTSP4, "a4")       \
  TR_XP_LAST_ROW("a4") TR_XP_ROW_1(TR_XP_SDOTSP4, "a5") TR_XP_ROW_2(TR_XP_SDOTSP4, "a4")
#define TR_XP_TRIO_COLUMN(s0, s1, s2, m)                                               \
  TR_XP_SCALE(s0, m) TR_XP_SCALE(s1, m) TR_XP_SCALE(s2, m)                             \
  TR_XP_STORE8_STEP(s0, "t0", "t1") TR_XP_STORE8_STEP(s1, "t0", "t1")                  \
  TR_XP_STORE8_STEP(s2, "t0", "t2")

#endif

TR_INLINE void tr_xp_trio_outputs(const tr_xp_trio *t) {
#if defined(TR_XPULP_INSN)
  __asm__ volatile(
      "lw a5, %[start]\n\t" TR_XP_BEGIN
      "lw t0, %[row]\n\t"
      "lw a0, 0(a5)\n\t"
      "lw s0, 4(a5)\n\t"
      "lw s4, 8(a5)\n\t"
      "lw s8, 12(a5)\n\t" TR_XP_COPY2("a0", "a1", "a2") TR_XP_COPY2("s0", "s1", "s2")
      TR_XP_COPY2("s4", "s5", "s6") TR_XP_COPY2("s8", "s9", "s10")
      "lw a5, %[words]\n\t"
      "lw t1, %[row_step]\n\t"
      "lw t2, %[row_back]\n\t"
      "lw t3, %[column]\n\t"
      "lw t4, %[column_step]\n\t"
      "lw t5, %[column_back]\n\t" TR_XP_LOOP(0, "a5", 19) TR_XP_TRIO_ROUND
      "lw t0, %[multiplier]\n\t"
      "lw t1, %[multiplier_step]\n\t"
      "lw t2, %[y_back]\n\t" TR_XP_LOAD_STEP("t3", "t0", "t1") TR_XP_LOAD_STEP("t4", "t0", "t1")
      TR_XP_LOAD_STEP("t5", "t0", "t1") TR_XP_LOAD_STEP("t6", "t0", "t1")
      "lw t0, %[y]\n\t"
      "lw t1, %[y_row]\n\t" TR_XP_TRIO_COLUMN("a0", "a1", "a2", "t3")
      TR_XP_TRIO_COLUMN("s0", "s1", "s2", "t4") TR_XP_TRIO_COLUMN("s4", "s5", "s6", "t5")
      TR_XP_TRIO_COLUMN("s8", "s9", "s10", "t6") TR_XP_END
      :
      : [row] "m"(t->row), [row_step] "m"(t->row_step), [row_back] "m"(t->row_back),
        [column] "m"(t->column), [column_step] "m"(t->column_step),
        [column_back] "m"(t->column_back), [words] "m"(t->words), [start] "m"(t->start),
        [multiplier] "m"(t->multiplier), [multiplier_step] "m"(t->multiplier_step),
        [y] "m"(t->y), [y_row] "m"(t->y_row), [y_back] "m"(t->y_back)
      : "a0", "a1", "a2", "a3", TR_XP_CLOBBERS);
#else
  const int32_t y_col = t->y_back + (TR_XP_TRIO - 1) * t->y_row;
  for (int j = 0; j < TR_XP_TILE; j++) {
    const int8_t *const column = t->column + j * t->column_step;
    for (int i = 0; i < TR_XP_TRIO; i++) {
      int32_t sum = t->start[j];
      for (int32_t at = 0; at < 4 * t->words; at += 4) {
        const uint32_t x = tr_xp_load(t->row + i * t->row_step + at);
        sum = tr_xp_sdotsp4(x, tr_xp_load(column + at), sum);
      }
      t->y[i * t->y_row + j * y_col] =
          (int8_t)tr_xp_finish_high(sum, t->multiplier[j * t->multiplier_step / 4]);
    }
  }
#endif
}

#endif
