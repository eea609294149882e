/* Three rows of halves times a stream of them (arm/half_stream.h): the tile of three rows and
 * two columns, whose sums start, are made and end without leaving the registers. */
#ifndef TINYRIG_HALF_TILES_H
#define TINYRIG_HALF_TILES_H

#include <stddef.h>

#include "arm/finish.h"
#include "arm/form.h"
#include "arm/half_stream.h"
#include "arm/half_unit.h"
#include "arm/put_pair.h"
#include "arm/unit_loop.h"

/* Where the tiles read and write, in words, because the assembly keeps a copy on its stack.
 * y = lut(sat8(((sum * multiplier) >> 32) >> 8)): sums are 256 times what they stand for. */
typedef struct {
  const uint32_t *panel_end;
  const uint32_t *panel;
  int32_t start[3]; /* of a row, beside the one that the stream has of a column */
  const int8_t *stream_end;
  int8_t *y;
  int32_t y_row;
  int32_t y_col;
  int32_t multiplier;
  const int8_t *lut; /* its middle, for -128 to 127, or 0 */
} tr_half_tiles;

#if defined(__ARM_FEATURE_DSP)

_Static_assert(offsetof(tr_half_tiles, start) == 8, "tr_half_tiles_narrow reads five words");
_Static_assert(offsetof(tr_half_tiles, stream_end) == 20, "and six behind them");
_Static_assert(sizeof(tr_half_tiles) == 44, "which are all");

#define TR_HALF_START                     \
  "ldr.w r3, [sp, #12]\n\t"               \
  "ldr.w r4, [sp, #16]\n\t"               \
  "ldr.w r5, [sp, #20]\n\t"               \
  "ldr.w r0, [sp, #8]\n\t"                \
  "ldr.w r9, [r1, #4]\n\t"                \
  "ldr.w r10, [r1, #8]\n\t"               \
  "add.w r6, r3, r10\n\t"                 \
  "add.w r3, r3, r9\n\t"                  \
  "add.w r7, r4, r10\n\t"                 \
  "add.w r4, r4, r9\n\t"                  \
  "add.w r8, r5, r10\n\t"                 \
  "add.w r5, r5, r9\n\t"

#define TR_HALF_ON(core, tail) TR_HALF_UNIT_##core("4", "8", "12", "16]!", tail)

#define TR_HALF_UNITS(core)                                                                \
  TR_HALF_UNIT_##core("12", "16", "20", "24]!", "ldr.w " TR_HALF_TAIL_##core ", [sp]\n\t") \
  "bx " TR_HALF_TAIL_##core "\n\t"                                                         \
  ".p2align 2\n\t"                                                                         \
  "2:\n\t" TR_HALF_ON(core, "")                                                            \
  "3:\n\t" TR_HALF_ON(core, "") TR_HALF_ON(core, "")                                       \
  TR_HALF_ON(core, "ldr.w " TR_HALF_TAIL_##core ", [sp, #4]\n\t")                          \
  "cmp.w r0, " TR_HALF_TAIL_##core "\n\t"                                                  \
  "bne.w 2b\n\t"                                                                           \
  "6:\n\t"

#define TR_SATURATE(sum) "ssat " sum ", #8, " sum ", asr #8\n\t"

#define TR_HALF_SCALE                        \
  "ldr.w r9, [sp, #40]\n\t"                  \
  "ldr.w r11, [sp, #28]\n\t"                 \
  "ldr.w r12, [sp, #32]\n\t"                 \
  "ldr.w lr, [sp, #36]\n\t"                  \
  "ldr.w r0, [sp, #24]\n\t"                  \
  "ldr.w r2, [sp, #44]\n\t"                  \
  "smmul r3, r3, r9\n\t"                     \
  "smmul r6, r6, r9\n\t"                     \
  "smmul r4, r4, r9\n\t"                     \
  "smmul r7, r7, r9\n\t"                     \
  "smmul r5, r5, r9\n\t"                     \
  "smmul r8, r8, r9\n\t"                     \
  "add.w r9, r11, r12\n\t"                   \
  "add.w r10, r9, r12\n\t"                   \
  TR_SATURATE("r3") TR_SATURATE("r4") TR_SATURATE("r5")  \
  TR_SATURATE("r6") TR_SATURATE("r7") TR_SATURATE("r8")

#define TR_HALF_TILES(core)                                                                   \
  __asm__ volatile(                                                                           \
      "push {r7}\n\t"                                                                         \
      "add r12, r0, #20\n\t"                                                                  \
      "ldm r12, {r3, r4, r5, r6, r8, r9}\n\t"                                                 \
      "subs r3, r3, #4\n\t"                                                                   \
      "push {r3, r4, r5, r6, r8, r9}\n\t"                                                     \
      "ldm r0, {r3, r4, r5, r6, r8}\n\t"                                                      \
      "subs r3, r3, #4\n\t"                                                                   \
      "subs r4, r4, #4\n\t"                                                                   \
      "subs r1, r1, #4\n\t"                                                                   \
      "push {r3, r4, r5, r6, r8}\n\t" TR_ENTER_BEHIND_FIRST TR_HALF_START TR_HALF_UNITS(core) \
      TR_HALF_SCALE                                                                           \
      TR_PUT_PAIR(TR_STORE_SIX, TR_LOOK_UP_SIX("r2"), "28")                                   \
      "add sp, sp, #48\n\t"                                                                   \
      "pop {r7}\n\t"                                                                          \
      : "+r"(r0), "+r"(r1)                                                                    \
      :                                                                                       \
      : "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "cc", "memory")

/* Pairs of columns from `stream` up to stream_end. Stack: the place where the units behind a
 * pair's first begin, then the frame. r7 may be the frame pointer, so it is saved here and not
 * declared. */
TR_NOINLINE void tr_half_tiles_narrow(const tr_half_tiles *f, const int8_t *stream,
                                      const tr_form form) {
  register uint32_t r0 __asm__("r0") = (uint32_t)(uintptr_t)f;
  register uint32_t r1 __asm__("r1") = (uint32_t)(uintptr_t)stream;
  TR_BY_CORE(form, TR_HALF_TILES);
}

#else

TR_NOINLINE void tr_half_tiles_narrow(const tr_half_tiles *f, const int8_t *stream,
                                      const tr_form form) {
  (void)form;
  const int32_t words = (int32_t)(f->panel_end - f->panel);
  for (int8_t *y = f->y; stream != f->stream_end; y += 2 * f->y_col) {
    for (int i = 0; i < 6; i++) {
      const int row = i % 3;
      const int column = i / 3;
      const int8_t *w = stream + 4 * column;
      int32_t sum = tr_wrapping_add(f->start[row], (int32_t)tr_load4(w));
      for (int32_t at = 2 * row; at < words; at += 6) {
        w += 8;
        sum = tr_half_product(f->panel + at, tr_load4(w), sum);
      }
      const int32_t q = tr_saturate8(tr_high_multiply(sum, f->multiplier) >> 8);
      y[row * f->y_row + column * f->y_col] = (int8_t)(f->lut != 0 ? f->lut[q] : q);
    }
    stream += 8 + words / 6 * 8;
  }
}

#endif

#endif
