/* The 3 x 2 tile with its requantisation: sums start, are made, scaled, saturated, looked up and
 * stored without leaving the registers. */
#ifndef TINYRIG_TILE_FINISH_H
#define TINYRIG_TILE_FINISH_H

#include "tinyrig/finish.h"
#include "tinyrig/tile_3x2.h"

/* What the tiles of three packed rows and `pairs` pairs of columns need, in words, because the
 * assembly keeps a copy on its stack. Column c: weights w + c * w_row; sums start at start[c], or
 * at start[row] where the start is the rows' (tr_row_starts); multiplier[c * step / 4]. */
typedef struct {
  const uint32_t *panel_end;
  const uint32_t *panel;
  const int32_t *start;
  const int32_t *multiplier;
  int32_t multiplier_step; /* bytes: 0 or 4 */
  int8_t *y;
  int32_t y_row;
  int32_t y_col;
  int32_t w_next;     /* from the end of a tile's first row of weights to the next tile */
  int32_t correction; /* after the first unit of a row */
  int32_t pairs;
  const int8_t *lut; /* its middle, for -128 to 127, or 0 */
} tr_tile_finish;

#if defined(__ARM_FEATURE_DSP)

#define TR_COLUMN_STARTS   \
  "ldr r9, [sp, #12]\n\t"  \
  "ldr r0, [sp, #8]\n\t"   \
  "ldr r3, [r9]\n\t"       \
  "ldr r6, [r9, #4]\n\t"   \
  "add r9, r9, #8\n\t"     \
  "str r9, [sp, #12]\n\t"  \
  "mov r4, r3\n\t"         \
  "mov r5, r3\n\t"         \
  "mov r7, r6\n\t"         \
  "mov r8, r6\n\t"

#define TR_ROW_STARTS     \
  "ldr r9, [sp, #12]\n\t" \
  "ldr r0, [sp, #8]\n\t"  \
  "ldr r3, [r9]\n\t"      \
  "ldr r4, [r9, #4]\n\t"  \
  "ldr r5, [r9, #8]\n\t"  \
  "mov r6, r3\n\t"        \
  "mov r7, r4\n\t"        \
  "mov r8, r5\n\t"

/* Stack: the place where the units behind a row's first begin, then the frame's twelve words.
 * Those units run four at a time; the first time round enters where a multiple of four is left.
 * r7 may be the frame pointer, so it is saved here and not declared. */
#define TR_FINISH_TILES(starts)                                              \
  "push {r7}\n\t"                                                            \
  "add r0, r0, #24\n\t"                                                      \
  "ldm r0, {r3, r4, r5, r6, r8, r9}\n\t"                                     \
  "push {r3, r4, r5, r6, r8, r9}\n\t"                                        \
  "sub r0, r0, #24\n\t"                                                      \
  "ldm r0, {r3, r4, r5, r6, r8, r9}\n\t"                                     \
  "push {r3, r4, r5, r6, r8, r9}\n\t"                                        \
  "subs r3, r3, r4\n\t"                                                      \
  "adr.w r8, 6f\n\t"                                                         \
  "subs r3, r3, #48\n\t"                                                     \
  "beq 1f\n\t"                                                               \
  "adr.w r8, 2f\n\t"                                                         \
  "adr.w r9, 3f\n\t"                                                         \
  "subs r9, r9, r8\n\t"                                                      \
  "mov r4, #48\n\t"                                                          \
  "udiv r3, r3, r4\n\t"                                                      \
  "rsb r3, r3, #0\n\t"                                                       \
  "and r3, r3, #3\n\t"                                                       \
  "mla r8, r9, r3, r8\n\t"                                                   \
  "1:\n\t"                                                                   \
  "orr r8, r8, #1\n\t"                                                       \
  "push {r8}\n\t"                                                            \
  ".p2align 2\n\t"                                                           \
  "4:\n\t" starts TR_ALIGNED TR_UNIT_3X2                                     \
  "ldr r9, [sp, #40]\n\t"                                                    \
  "ldr r10, [sp]\n\t"                                                        \
  "add r1, r1, r9\n\t"                                                       \
  "bx r10\n\t" TR_ALIGNED                                                    \
  "2:\n\t" TR_UNIT_3X2                                                       \
  "3:\n\t" TR_UNIT_3X2 TR_UNIT_3X2 TR_UNIT_3X2                               \
  "ldr r11, [sp, #4]\n\t"                                                    \
  "cmp r0, r11\n\t"                                                          \
  "bne 2b\n\t" TR_ALIGNED                                                    \
  "6:\n\t"                                                                   \
  "ldr r9, [sp, #16]\n\t"                                                    \
  "ldr r10, [sp, #20]\n\t"                                                   \
  "ldr r11, [r9]\n\t"                                                        \
  "ldr r12, [r9, r10]\n\t"                                                   \
  "add r9, r9, r10, lsl #1\n\t"                                              \
  "smmul r3, r3, r11\n\t"                                                    \
  "smmul r4, r4, r11\n\t"                                                    \
  "smmul r5, r5, r11\n\t"                                                    \
  "smmul r6, r6, r12\n\t"                                                    \
  "smmul r7, r7, r12\n\t"                                                    \
  "smmul r8, r8, r12\n\t"                                                    \
  "str r9, [sp, #16]\n\t"                                                    \
  "ssat r3, #8, r3\n\t"                                                      \
  "ssat r4, #8, r4\n\t"                                                      \
  "ldr r9, [sp, #24]\n\t"                                                    \
  "ldr r10, [sp, #28]\n\t"                                                   \
  "ldr r11, [sp, #32]\n\t"                                                   \
  "ldr r12, [sp, #48]\n\t"                                                   \
  "add r0, r9, r10\n\t"                                                      \
  "add lr, r0, r10\n\t"                                                      \
  "ssat r5, #8, r5\n\t"                                                      \
  "ssat r6, #8, r6\n\t"                                                      \
  "ssat r7, #8, r7\n\t"                                                      \
  "ssat r8, #8, r8\n\t"                                                      \
  "cmp r12, #0\n\t"                                                          \
  "beq 5f\n\t"                                                               \
  "ldrsb r3, [r12, r3]\n\t"                                                  \
  "ldrsb r4, [r12, r4]\n\t"                                                  \
  "ldrsb r5, [r12, r5]\n\t"                                                  \
  "ldrsb r6, [r12, r6]\n\t"                                                  \
  "ldrsb r7, [r12, r7]\n\t"                                                  \
  "ldrsb r8, [r12, r8]\n\t"                                                  \
  "5:\n\t"                                                                   \
  "strb r3, [r9]\n\t"                                                        \
  "strb r4, [r0]\n\t"                                                        \
  "strb r5, [lr]\n\t"                                                        \
  "strb r6, [r9, r11]\n\t"                                                   \
  "strb r7, [r0, r11]\n\t"                                                   \
  "strb r8, [lr, r11]\n\t"                                                   \
  "ldr r10, [sp, #36]\n\t"                                                   \
  "ldr r12, [sp, #44]\n\t"                                                   \
  "add r9, r9, r11, lsl #1\n\t"                                              \
  "str r9, [sp, #24]\n\t"                                                    \
  "add r1, r1, r10\n\t"                                                      \
  "subs r12, r12, #1\n\t"                                                    \
  "str r12, [sp, #44]\n\t"                                                   \
  "bne 4b\n\t"                                                               \
  "add sp, sp, #52\n\t"                                                      \
  "pop {r7}\n\t"

/* Units consist of wide instructions, which run best from whole words. */
#define TR_ALIGNED ".p2align 2\n\t"

#define TR_RUN_TILES(frame, w, w_row, starts)                                               \
  register uint32_t r0 __asm__("r0") = (uint32_t)(uintptr_t)(frame);                        \
  register uint32_t r1 __asm__("r1") = (uint32_t)(uintptr_t)(w);                            \
  register uint32_t r2 __asm__("r2") = (uint32_t)(w_row);                                   \
  __asm__ volatile(TR_FINISH_TILES(starts)                                                  \
                   : "+r"(r0), "+r"(r1), "+r"(r2)                                           \
                   :                                                                        \
                   : "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "cc",   \
                     "memory")

TR_NOINLINE void tr_column_starts(const tr_tile_finish *f, const int8_t *w, int32_t w_row) {
  TR_RUN_TILES(f, w, w_row, TR_COLUMN_STARTS);
}

TR_NOINLINE void tr_row_starts(const tr_tile_finish *f, const int8_t *w, int32_t w_row) {
  TR_RUN_TILES(f, w, w_row, TR_ROW_STARTS);
}

#else

TR_INLINE void tr_finish_tiles(const tr_tile_finish *f, const int8_t *w, int32_t w_row,
                               const int by_column) {
  const int32_t k = 2 * w_row - f->w_next;
  for (int32_t column = 0; column < 2 * f->pairs; column += 2) {
    int32_t dot[6];
    tr_tiles_3x2(f->panel, w + column * w_row, w_row, k, 1, dot);
    for (int32_t i = 0; i < 6; i++) {
      const int32_t c = column + i / 3;
      const int32_t start = f->start[by_column ? c : i % 3];
      const int32_t y = tr_finish_narrow(tr_wrapping_add(start, dot[i]),
                                         f->multiplier[c * f->multiplier_step / 4]);
      f->y[i % 3 * f->y_row + c * f->y_col] = (int8_t)(f->lut != 0 ? f->lut[y] : y);
    }
  }
}

TR_NOINLINE void tr_column_starts(const tr_tile_finish *f, const int8_t *w, int32_t w_row) {
  tr_finish_tiles(f, w, w_row, 1);
}

TR_NOINLINE void tr_row_starts(const tr_tile_finish *f, const int8_t *w, int32_t w_row) {
  tr_finish_tiles(f, w, w_row, 0);
}

#endif

#endif
