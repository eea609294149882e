/* The 3 x 2 tile of a panel (arm/panel.h): three panel rows times two rows of w. Written out
 * for the core, because its six sums, three addresses and five temporaries are all fourteen
 * registers and compilers spill. */
#ifndef TINYRIG_TILE_3X2_H
#define TINYRIG_TILE_3X2_H

#include "arm/form.h"
#include "arm/panel.h"

#if defined(__ARM_FEATURE_DSP)

/* Two sums of a row go on, or begin at the first one's value. */
#define TR_ROW_GOES_ON(s0, s1, x, w0, w1) \
  "smlad " s0 ", " x ", " w0 ", " s0 "\n\tsmlad " s1 ", " x ", " w1 ", " s1 "\n\t"
#define TR_ROW_BEGINS(s0, s1, x, w0, w1) \
  "smlad " s1 ", " x ", " w1 ", " s0 "\n\tsmlad " s0 ", " x ", " w0 ", " s0 "\n\t"

/* r0 panel, r1 w, r2 w_row, r3-r8 sums [column][row], r9-r12 and lr temporaries.
 *
 * Cortex-M7: a load issues beside a multiplication, so loads stand between them. */
#define TR_GROUP_3X2_M7(row, even0, even1, even2, odd0, odd1, odd2) \
  "ldr r10, [r1, r2]\n\t"                                           \
  "ldr lr, [r0" even0 "\n\t"                                        \
  "ldr r9, [r1], #4\n\t"                                            \
  "sxtb16 r11, r9\n\t"                                              \
  "sxtb16 r12, r10\n\t"                                             \
  "sxtb16 r9, r9, ror #8\n\t"                                       \
  row("r3", "r6", "lr", "r11", "r12")                               \
  "ldr lr, [r0, #" even1 "]\n\t"                                    \
  "sxtb16 r10, r10, ror #8\n\t"                                     \
  row("r4", "r7", "lr", "r11", "r12")                               \
  "ldr lr, [r0, #" even2 "]\n\t"                                    \
  row("r5", "r8", "lr", "r11", "r12")                               \
  "ldr r11, [r0, #" odd0 "]\n\t"                                    \
  "ldr r12, [r0, #" odd1 "]\n\t"                                    \
  "smlad r3, r11, r9, r3\n\t"                                       \
  "ldr lr, [r0, #" odd2 "]\n\t"                                     \
  "smlad r6, r11, r10, r6\n\t"                                      \
  "smlad r4, r12, r9, r4\n\t"                                       \
  "smlad r7, r12, r10, r7\n\t"                                      \
  "smlad r5, lr, r9, r5\n\t"                                        \
  "smlad r8, lr, r10, r8\n\t"

#define TR_MULTIPLY_3X1(sum0, sum1, sum2, x0, x1, x2, b)                     \
  "smlad " sum0 ", " x0 ", " b ", " sum0 "\n\tsmlad " sum1 ", " x1 ", " b    \
  ", " sum1 "\n\tsmlad " sum2 ", " x2 ", " b ", " sum2 "\n\t"

/* Cortex-M4: neighbouring loads pipeline, so they stand together as far as registers allow. */
#define TR_GROUP_3X2_M4(row, even0, even1, even2, odd0, odd1, odd2) \
  "ldr r10, [r1, r2]\n\t"                                           \
  "ldr r9, [r1], #4\n\t"                                            \
  "ldr lr, [r0" even0 "\n\t"                                        \
  "sxtb16 r12, r10\n\t"                                             \
  "sxtb16 r11, r9\n\t"                                              \
  "sxtb16 r10, r10, ror #8\n\t"                                     \
  "sxtb16 r9, r9, ror #8\n\t"                                       \
  row("r3", "r6", "lr", "r11", "r12")                               \
  "ldr lr, [r0, #" even1 "]\n\t"                                    \
  row("r4", "r7", "lr", "r11", "r12")                               \
  "ldr lr, [r0, #" even2 "]\n\t"                                    \
  row("r5", "r8", "lr", "r11", "r12")                               \
  "ldr r11, [r0, #" odd0 "]\n\t"                                    \
  "ldr r12, [r0, #" odd1 "]\n\t"                                    \
  "ldr lr, [r0, #" odd2 "]\n\t"                                     \
  TR_MULTIPLY_3X1("r3", "r4", "r5", "r11", "r12", "lr", "r9")       \
  TR_MULTIPLY_3X1("r6", "r7", "r8", "r11", "r12", "lr", "r10")

#define TR_UNIT_FROM_3X2(core, row)                                     \
  TR_GROUP_3X2_##core(row, "], #48", "-40", "-32", "-44", "-36", "-28") \
  TR_GROUP_3X2_##core(TR_ROW_GOES_ON, ", #-24]", "-16", "-8", "-20", "-12", "-4")

#define TR_UNIT_3X2(core) TR_UNIT_FROM_3X2(core, TR_ROW_GOES_ON)
#define TR_START_3X2(core) TR_UNIT_FROM_3X2(core, TR_ROW_BEGINS)

#define TR_TILES_3X2(core)                                                                  \
  __asm__ volatile(/* r7 may be the frame pointer, so it is saved here and not declared. */ \
                   "push {r7}\n\t"                                                          \
                   "ldm r0, {r3, r4, r5, r6, r8, r9}\n\t"                                   \
                   "push {r3, r4, r5, r6, r8, r9}\n\t"                                      \
                   "1:\n\t"                                                                 \
                   "ldr r0, [sp, #4]\n\t"                                                   \
                   "movs r3, #0\n\t"                                                        \
                   "movs r4, #0\n\t"                                                        \
                   "movs r5, #0\n\t"                                                        \
                   "movs r6, #0\n\t"                                                        \
                   "movs r7, #0\n\t"                                                        \
                   "mov r8, r7\n\t" TR_UNIT_3X2(core)                                       \
                   "ldrd r10, r9, [sp, #8]\n\t"                                             \
                   "ldr r11, [sp]\n\t"                                                      \
                   "add r1, r1, r9\n\t"                                                     \
                   "cmp r0, r11\n\t"                                                        \
                   "beq 3f\n\t"                                                             \
                   "2:\n\t" TR_UNIT_3X2(core)                                               \
                   "ldr r11, [sp]\n\t"                                                      \
                   "cmp r0, r11\n\t"                                                        \
                   "bne 2b\n\t"                                                             \
                   "ldr r10, [sp, #8]\n\t"                                                  \
                   "3:\n\t"                                                                 \
                   "stmia r10!, {r3, r4, r5, r6, r7, r8}\n\t"                               \
                   "ldrd r9, r11, [sp, #16]\n\t"                                            \
                   "str r10, [sp, #8]\n\t"                                                  \
                   "add r1, r1, r9\n\t"                                                     \
                   "subs r11, r11, #1\n\t"                                                  \
                   "str r11, [sp, #20]\n\t"                                                 \
                   "bne 1b\n\t"                                                             \
                   "add sp, sp, #24\n\t"                                                    \
                   "pop {r7}\n\t"                                                           \
                   : "+r"(r0), "+r"(r1), "+r"(r2)                                           \
                   :                                                                        \
                   : "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr",         \
                     "cc", "memory")

#endif

#if !defined(__ARM_FEATURE_DSP)
/* The sum of products of one row of a panel of three with one of w. */
TR_INLINE int32_t tr_row_product(const uint32_t *x, const int8_t *w, int32_t k) {
  int32_t sum = 0;
  int32_t step = tr_first_unit(k);
  for (int32_t left = k; left > 0; left -= step) {
    step = left == k ? step : TR_UNIT;
    for (int group = 0; group < 2; group++) {
      const uint32_t bytes = tr_load4(w + 4 * group);
      sum = tr_dot2(x[6 * group], tr_even_bytes(bytes), sum);
      sum = tr_dot2(x[6 * group + 1], tr_odd_bytes(bytes), sum);
    }
    x += 12;
    w += step;
  }
  return sum;
}
#endif

/* dot [column][row] = the panel's three rows times w's rows, for `pairs` pairs of rows of w. */
TR_NOINLINE void tr_tiles_3x2(const uint32_t *panel, const int8_t *w, int32_t w_row, int32_t k,
                              int32_t pairs, int32_t *dot, const tr_form form) {
#if defined(__ARM_FEATURE_DSP)
  const int32_t frame[6] = {
      (int32_t)(uintptr_t)(panel + tr_panel_words(3, k)), /* 0: the panel's end */
      (int32_t)(uintptr_t)panel,                          /* 4: its start */
      (int32_t)(uintptr_t)dot,                            /* 8: where the next sums go */
      tr_first_unit(k) - TR_UNIT,                         /* 12: correction after the first unit */
      2 * w_row - k,                                      /* 16: from a tile's end to the next */
      pairs,                                              /* 20 */
  };
  register uint32_t r0 __asm__("r0") = (uint32_t)(uintptr_t)frame;
  register uint32_t r1 __asm__("r1") = (uint32_t)(uintptr_t)w;
  register uint32_t r2 __asm__("r2") = (uint32_t)w_row;
  TR_BY_CORE(form, TR_TILES_3X2);
#else
  (void)form;
  for (int32_t column = 0; column < 2 * pairs; column++) {
    for (int row = 0; row < 3; row++) {
      *dot++ = tr_row_product(panel + 2 * row, w, k);
    }
    w += w_row;
  }
#endif
}

/* dot [column][row] for any number of columns; an odd last one is multiplied twice, so dot has
 * room for an even number. */
TR_INLINE void tr_products_3x2(const uint32_t *panel, const int8_t *w, int32_t w_row, int32_t k,
                               int32_t columns, int32_t *dot, const tr_form form) {
  if (columns >= 2) {
    tr_tiles_3x2(panel, w, w_row, k, columns / 2, dot, form);
  }
  if (columns % 2 != 0) {
    tr_tiles_3x2(panel, w + (columns - 1) * w_row, 0, k, 1, dot + (columns - 1) * 3, form);
  }
}

#endif
