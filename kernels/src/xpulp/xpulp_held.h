/* Two columns of 32 bytes held in registers while rows stream past them: 8 loads and 16 SDOTSP for
 * 64 products as in a tile, but the whole loop over rows is one hardware loop. */
#ifndef TINYRIG_XPULP_HELD_H
#define TINYRIG_XPULP_HELD_H

#include "xpulp/xpulp_finish.h"

/* Bytes of a held column. */
#define TR_XP_HELD 32

/* What both loops need; the assembly reads it from the caller's stack. Rows are row_step bytes
 * apart, count >= 1 of them. */
typedef struct {
  const int8_t *column0;
  const int8_t *column1;
  const int8_t *row;
  int32_t row_step;
  int32_t count;
} tr_xp_held;

#if defined(TR_XPULP_INSN)

/* Registers: a0 to a7 and s0 to s7 hold the columns, t0 and t1 words of a row, t2 and t3 the sums;
 * t4 walks the rows, t5 steps from a row's last word to the next row. */
#define TR_XP_HELD_LOADS                                                          \
  "lw t0, %[column0]\n\t"                                                         \
  "lw t1, %[column1]\n\t"                                                         \
  "lw t4, %[row]\n\t"                                                             \
  "lw t5, %[row_step]\n\t"                                                        \
  "lw a0, 0(t0)\n\tlw a1, 4(t0)\n\tlw a2, 8(t0)\n\tlw a3, 12(t0)\n\t"             \
  "lw a4, 16(t0)\n\tlw a5, 20(t0)\n\tlw a6, 24(t0)\n\tlw a7, 28(t0)\n\t"          \
  "lw s0, 0(t1)\n\tlw s1, 4(t1)\n\tlw s2, 8(t1)\n\tlw s3, 12(t1)\n\t"             \
  "lw s4, 16(t1)\n\tlw s5, 20(t1)\n\tlw s6, 24(t1)\n\tlw s7, 28(t1)\n\t"          \
  "lw t0, %[count]\n\t"                                                           \
  "addi t5, t5, -28\n\t"

#define TR_XP_HELD_DOTS(x, w, v) TR_XP_SDOTSP4("t2", x, w) TR_XP_SDOTSP4("t3", x, v)
#define TR_XP_HELD_NEXT(x) TR_XP_LOAD_NEXT(x, "t4", 4)

/* All products of a row whose first two words are loaded; `last` loads the eighth into t1. */
#define TR_XP_HELD_ROW(last)                                                                      \
  TR_XP_HELD_DOTS("t0", "a0", "s0") TR_XP_HELD_NEXT("t0") TR_XP_HELD_DOTS("t1", "a1", "s1")   \
  TR_XP_HELD_NEXT("t1") TR_XP_HELD_DOTS("t0", "a2", "s2") TR_XP_HELD_NEXT("t0")               \
  TR_XP_HELD_DOTS("t1", "a3", "s3") TR_XP_HELD_NEXT("t1") TR_XP_HELD_DOTS("t0", "a4", "s4")   \
  TR_XP_HELD_NEXT("t0") TR_XP_HELD_DOTS("t1", "a5", "s5") last   \
  TR_XP_HELD_DOTS("t0", "a6", "s6") TR_XP_HELD_DOTS("t1", "a7", "s7")

#define TR_XP_HELD_LAST TR_XP_LOAD_STEP("t1", "t4", "t5")

#define TR_XP_HELD_FIELDS(h)                                                         \
  [column0] "m"((h)->column0), [column1] "m"((h)->column1), [row] "m"((h)->row),     \
      [row_step] "m"((h)->row_step), [count] "m"((h)->count)

#define TR_XP_HELD_CLOBBERS                                                                   \
  "t0", "t1", "t2", "t3", "t4", "t5", "t6", "ra", "a0", "a1", "a2", "a3", "a4", "a5", "a6",   \
      "a7", "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "memory"

#else

/* sum[c] += row times column c. */
TR_INLINE void tr_xp_held_row(const tr_xp_held *h, const int8_t *row, int32_t *sum) {
  for (int32_t at = 0; at < TR_XP_HELD; at += 4) {
    const uint32_t x = tr_xp_load(row + at);
    sum[0] = tr_xp_sdotsp4(x, tr_xp_load(h->column0 + at), sum[0]);
    sum[1] = tr_xp_sdotsp4(x, tr_xp_load(h->column1 + at), sum[1]);
  }
}

#endif

/* Outputs in the HIGH form of `count` rows, row_step bytes apart, and `pairs` pairs of columns, which
 * lie dense. Those of a column start at its `start`, and are y_row apart, or y_col a column apart;
 * one of both is 1. Columns' multipliers are multiplier_step bytes apart. Moves what it counts. */
typedef struct {
  const int8_t *row;
  int32_t row_step;
  int32_t count;
  const int8_t *column;
  int32_t pairs;
  const int32_t *start;
  const int32_t *multiplier;
  int32_t multiplier_step;
  int8_t *y;
  int32_t y_row;
  int32_t y_col;
} tr_xp_held_outputs;

#if defined(TR_XPULP_INSN)

/* Of one pair: its columns, starts (s8, s9), multipliers (s10, s11) and first output (t6); 31
 * instructions. */
#define TR_XP_HELD_PAIR                                                                   \
  "lw t0, %[column]\n\t"                                                                  \
  "lw t4, %[row]\n\t" TR_XP_LOAD_NEXT("a0", "t0", 4) TR_XP_LOAD_NEXT("a1", "t0", 4)       \
  TR_XP_LOAD_NEXT("a2", "t0", 4) TR_XP_LOAD_NEXT("a3", "t0", 4)                           \
  TR_XP_LOAD_NEXT("a4", "t0", 4) TR_XP_LOAD_NEXT("a5", "t0", 4)                           \
  TR_XP_LOAD_NEXT("a6", "t0", 4) TR_XP_LOAD_NEXT("a7", "t0", 4)                           \
  TR_XP_LOAD_NEXT("s0", "t0", 4) TR_XP_LOAD_NEXT("s1", "t0", 4)                           \
  TR_XP_LOAD_NEXT("s2", "t0", 4) TR_XP_LOAD_NEXT("s3", "t0", 4)                           \
  TR_XP_LOAD_NEXT("s4", "t0", 4) TR_XP_LOAD_NEXT("s5", "t0", 4)                           \
  TR_XP_LOAD_NEXT("s6", "t0", 4) TR_XP_LOAD_NEXT("s7", "t0", 4)                           \
  "sw t0, %[column]\n\t"                                                                  \
  "lw t0, %[start]\n\t"                                                                   \
  "lw t1, %[multiplier]\n\t"                                                              \
  "lw t2, %[multiplier_step]\n\t" TR_XP_LOAD_NEXT("s8", "t0", 4)                          \
  TR_XP_LOAD_NEXT("s9", "t0", 4) TR_XP_LOAD_STEP("s10", "t1", "t2")                       \
  TR_XP_LOAD_STEP("s11", "t1", "t2")                                                      \
  "sw t0, %[start]\n\t"                                                                   \
  "sw t1, %[multiplier]\n\t"                                                              \
  "lw t6, %[y]\n\t"                                                                       \
  "lw t0, %[count]\n\t"                                                                   \
  "lw ra, %[second]\n\t"

/* The rows of a pair, and the step to the next: 37 instructions. */
#define TR_XP_HELD_ROWS(store)                                                            \
  TR_XP_LOOP(0, "t0", 32) TR_XP_HELD_NEXT("t0") TR_XP_HELD_NEXT("t1")                     \
  "mv t2, s8\n\t"                                                                         \
  "mv t3, s9\n\t" TR_XP_HELD_ROW(TR_XP_HELD_LAST)                                         \
  "mulh t2, t2, s10\n\t"                                                                  \
  "mulh t3, t3, s11\n\t" TR_XP_CLIP8("t2", "t2") TR_XP_CLIP8("t3", "t3") store            \
  "lw t0, %[y]\n\t"                                                                       \
  "lw t1, %[pair]\n\t"                                                                    \
  "add t0, t0, t1\n\t"                                                                    \
  "sw t0, %[y]\n\t"

#endif

/* Where y_row is 1 the outputs of a row are stored through two pointers, else one goes from row to
 * row. */
TR_INLINE void tr_xp_held_finish(tr_xp_held_outputs *o) {
#if defined(TR_XPULP_INSN)
  const int32_t second = o->y_row == 1 ? o->y_col : o->y_row - 1;
  const int32_t pair = 2 * o->y_col;
#define TR_XP_RUN(words, point, store)                                                            \
  __asm__ volatile("lw t5, %[row_step]\n\t"                                                       \
                   "lw t0, %[pairs]\n\t"                                                          \
                   "addi t5, t5, -28\n\t" TR_XP_BEGIN TR_XP_LOOP(1, "t0", words)                  \
                   TR_XP_HELD_PAIR point TR_XP_HELD_ROWS(store) TR_XP_END                         \
                   : [column] "+m"(o->column), [start] "+m"(o->start),                            \
                     [multiplier] "+m"(o->multiplier), [y] "+m"(o->y)                             \
                   : [row] "m"(o->row), [row_step] "m"(o->row_step), [count] "m"(o->count),       \
                     [pairs] "m"(o->pairs), [multiplier_step] "m"(o->multiplier_step),            \
                     [second] "m"(second), [pair] "m"(pair)                                       \
                   : TR_XP_HELD_CLOBBERS)
  if (o->y_row == 1) {
    TR_XP_RUN(69, "add ra, ra, t6\n\t",
              TR_XP_STORE8_NEXT("t2", "t6", 1) TR_XP_STORE8_NEXT("t3", "ra", 1));
  } else {
    TR_XP_RUN(68, "", TR_XP_STORE8_NEXT("t2", "t6", 1) TR_XP_STORE8_STEP("t3", "t6", "ra"));
  }
#undef TR_XP_RUN
#else
  for (; o->pairs > 0; o->pairs--) {
    const tr_xp_held h = {o->column, o->column + TR_XP_HELD, o->row, o->row_step, o->count};
    const int32_t other = o->multiplier_step / 4;
    for (int32_t i = 0; i < o->count; i++) {
      int32_t sum[2] = {o->start[0], o->start[1]};
      int8_t *const y = o->y + i * o->y_row;
      tr_xp_held_row(&h, o->row + i * o->row_step, sum);
      y[0] = (int8_t)tr_xp_finish_high(sum[0], o->multiplier[0]);
      y[o->y_col] = (int8_t)tr_xp_finish_high(sum[1], o->multiplier[other]);
    }
    o->column += 2 * TR_XP_HELD;
    o->start += 2;
    o->multiplier += 2 * other;
    o->y += 2 * o->y_col;
  }
#endif
}

/* Scores of two queries: those of row i at to[2 * i] and to[2 * i + 1], its sums starting at
 * row_start[i] + start0 and + start1. m holds the halves of the SHORT form, which needs dense rows;
 * the HIGH form takes m.upper for its whole multiplier. */
typedef struct {
  tr_xp_held h;
  const int32_t *row_start;
  int32_t start0;
  int32_t start1;
  tr_xp_halves m;
  int8_t *to;
} tr_xp_held_scores;

/* form is a constant. */
TR_INLINE void tr_xp_held_score(const tr_xp_held_scores *o, const tr_xp_form form) {
#if defined(TR_XPULP_INSN)
#define TR_XP_RUN(count, prepare, last, finish)                                                  \
  __asm__ volatile(TR_XP_HELD_LOADS                                                              \
                   "lw s8, %[start0]\n\t"                                                        \
                   "lw s9, %[start1]\n\t"                                                        \
                   "lw s10, %[upper]\n\t"                                                        \
                   "lw s11, %[lower]\n\t"                                                        \
                   "lw t6, %[to]\n\t"                                                            \
                   "lw ra, %[row_start]\n\t" prepare TR_XP_BEGIN TR_XP_LOOP(0, "t0", count)      \
                   TR_XP_LOAD_NEXT("t2", "ra", 4) TR_XP_HELD_NEXT("t0") TR_XP_HELD_NEXT("t1")    \
                   "add t3, t2, s9\n\t"                                                          \
                   "add t2, t2, s8\n\t" TR_XP_HELD_ROW(last) finish                              \
                   TR_XP_STORE8_NEXT("t0", "t6", 1) TR_XP_STORE8_NEXT("t1", "t6", 1) TR_XP_END   \
                   :                                                                             \
                   : TR_XP_HELD_FIELDS(&o->h), [start0] "m"(o->start0), [start1] "m"(o->start1), \
                     [upper] "m"(o->m.upper), [lower] "m"(o->m.lower), [bound] "m"(o->m.bound),  \
                     [to] "m"(o->to), [row_start] "m"(o->row_start)                              \
                   : TR_XP_HELD_CLOBBERS)
  if (form == TR_XP_SHORT) {
    TR_XP_RUN(35, "lw t5, %[bound]\n\t", TR_XP_HELD_NEXT("t1"),
              TR_XP_CLIP("t2", "t2", "t5") TR_XP_CLIP("t3", "t3", "t5")
                  TR_XP_MULS16("t0", "t2", "s11") TR_XP_MULS16("t1", "t3", "s11")
                      TR_XP_MACS16("t0", "t2", "s10") TR_XP_MACS16("t1", "t3", "s10"));
  } else {
    TR_XP_RUN(33, "", TR_XP_HELD_LAST,
              "mulh t0, t2, s10\n\t"
              "mulh t1, t3, s10\n\t" TR_XP_CLIP8("t0", "t0") TR_XP_CLIP8("t1", "t1"));
  }
#undef TR_XP_RUN
#else
  for (int32_t i = 0; i < o->h.count; i++) {
    int32_t sum[2] = {tr_wrapping_add(o->row_start[i], o->start0),
                      tr_wrapping_add(o->row_start[i], o->start1)};
    tr_xp_held_row(&o->h, o->h.row + i * o->h.row_step, sum);
    for (int c = 0; c < 2; c++) {
      o->to[2 * i + c] = (int8_t)(form == TR_XP_SHORT ? tr_xp_finish_short(sum[c], o->m)
                                                      : tr_xp_finish_high(sum[c], o->m.upper));
    }
  }
#endif
}

#endif
