/* Three packed rows times a weight stream: the tile of three rows and two columns, whose sums
 * start, are made and end without leaving the registers. */
#ifndef TINYRIG_STREAM_TILES_H
#define TINYRIG_STREAM_TILES_H

#include <stddef.h>

#include "arm/finish.h"
#include "arm/put_pair.h"
#include "arm/stream_unit.h"
#include "arm/unit_loop.h"
#include "arm/weight_stream.h"

/* Where the tiles read and write, in words, because the assembly keeps a copy on its stack. */
typedef struct {
  const uint32_t *panel_end;
  const uint32_t *panel;
  const int8_t *stream_end; /* behind the last pair of columns */
  int8_t *y;
  int32_t y_row; /* bytes */
  int32_t y_col; /* bytes; sums lie side by side */
  const int8_t *lut; /* its middle, for -128 to 127, or 0 */
} tr_stream_tiles;

#if defined(__ARM_FEATURE_DSP)

_Static_assert(offsetof(tr_stream_tiles, stream_end) == 8, "TR_STREAM_PUSH lowers three words");
_Static_assert(offsetof(tr_stream_tiles, lut) == 24, "and keeps seven");

/* r0 and r1 are as stream_unit.h has them, and so are the ends they are compared with. Stack:
 * the place where the units behind a row's first begin, then the frame's seven words. r7 may be the
 * frame pointer, so it is saved here and not declared. */
#define TR_STREAM_PUSH                         \
  "push {r7}\n\t"                              \
  "ldm r0, {r3, r4, r5, r6, r8, r9, r10}\n\t"  \
  "subs r1, r1, #4\n\t"                       \
  "subs r3, r3, #4\n\t"                       \
  "subs r4, r4, #4\n\t"                       \
  "subs r5, r5, #4\n\t"                       \
  "push {r3, r4, r5, r6, r8, r9, r10}\n\t"

#define TR_STREAM_OPEN TR_STREAM_PUSH TR_ENTER_BEHIND_FIRST

#define TR_STREAM_ENTRY(form) "ldr.w " TR_CHAIN_REGISTER(form) ", [sp]\n\t"

#define TR_STREAM_UNITS(form)                                           \
  "bx " TR_CHAIN_REGISTER(form) "\n\t"                                  \
  ".p2align 2\n\t"                                                      \
  "9:\n\t" TR_CHAIN_AGAIN(form)                                         \
  "2:\n\t" TR_CHAIN_UNIT(form)                                          \
  "3:\n\t" TR_CHAIN_UNIT(form) TR_CHAIN_UNIT(form)                      \
  TR_CHAIN_LAST(form, "ldr.w " TR_TAIL_REGISTER(form) ", [sp, #4]\n\t") \
  "cmp.w r0, " TR_TAIL_REGISTER(form) "\n\t"                            \
  "bne.w 9b\n\t"                                                        \
  "6:\n\t"

#define TR_STREAM_CLOSE \
  "add sp, sp, #32\n\t" \
  "pop {r7}\n\t"

#define TR_SCALE_SUMS_M4   \
  "ldr r9, [r1, #4]\n\t"   \
  "ldr r10, [r1, #8]!\n\t" \
  "ldr r11, [sp, #16]\n\t" \
  "ldr r12, [sp, #20]\n\t" \
  "ldr lr, [sp, #24]\n\t"  \
  "ldr r0, [sp, #12]\n\t"  \
  "ldr r2, [sp, #28]\n\t"  \
  "smmul r3, r3, r9\n\t"   \
  "smmul r4, r4, r9\n\t"   \
  "smmul r5, r5, r9\n\t"   \
  "smmul r6, r6, r10\n\t"  \
  "smmul r7, r7, r10\n\t"  \
  "smmul r8, r8, r10\n\t"  \
  "add.w r9, r11, r12\n\t" \
  "add.w r10, r9, r12\n\t" \
  "ssat r3, #8, r3\n\t"    \
  "ssat r4, #8, r4\n\t"    \
  "ssat r5, #8, r5\n\t"    \
  "ssat r6, #8, r6\n\t"    \
  "ssat r7, #8, r7\n\t"    \
  "ssat r8, #8, r8\n\t"

#define TR_SCALE_SUMS_M7   \
  "ldr r9, [r1, #4]\n\t"   \
  "ldr r11, [sp, #16]\n\t" \
  "ldr r10, [r1, #8]!\n\t" \
  "ldr r12, [sp, #20]\n\t" \
  "smmul r3, r3, r9\n\t"   \
  "ldr lr, [sp, #24]\n\t"  \
  "smmul r4, r4, r9\n\t"   \
  "ldr r0, [sp, #12]\n\t"  \
  "smmul r5, r5, r9\n\t"   \
  "ldr r2, [sp, #28]\n\t"  \
  "ssat r3, #8, r3\n\t"    \
  "smmul r6, r6, r10\n\t"  \
  "ssat r4, #8, r4\n\t"    \
  "smmul r7, r7, r10\n\t"  \
  "ssat r5, #8, r5\n\t"    \
  "smmul r8, r8, r10\n\t"  \
  "ssat r6, #8, r6\n\t"    \
  "add r9, r11, r12\n\t"   \
  "ssat r7, #8, r7\n\t"    \
  "add r10, r9, r12\n\t"   \
  "ssat r8, #8, r8\n\t"

#define TR_SCALE_SUMS_M4_WIDE TR_SCALE_SUMS_M4
#define TR_SCALE_SUMS_M7_WIDE TR_SCALE_SUMS_M7
#define TR_LOWER_SUMS            \
  "asr.w r3, r3, #4\n\t"         \
  "asr.w r4, r4, #4\n\t"         \
  "asr.w r5, r5, #4\n\t"         \
  "asr.w r6, r6, #4\n\t"         \
  "asr.w r7, r7, #4\n\t"         \
  "asr.w r8, r8, #4\n\t"
#define TR_SCALE_SUMS_M4_NIBBLES TR_LOWER_SUMS TR_SCALE_SUMS_M4
#define TR_SCALE_SUMS_M7_NIBBLES TR_LOWER_SUMS TR_SCALE_SUMS_M7

#define TR_STREAM_ASM(frame, stream, text)                                                  \
  register uint32_t r0 __asm__("r0") = (uint32_t)(uintptr_t)(frame);                        \
  register uint32_t r1 __asm__("r1") = (uint32_t)(uintptr_t)(stream);                       \
  __asm__ volatile(text                                                                     \
                   : "+r"(r0), "+r"(r1)                                                     \
                   :                                                                        \
                   : "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr",   \
                     "cc", "memory")

/* What begins a text, and a tile's first unit. That of 16-bit weights on a Cortex-M4 has its entry, in
 * a register that no unit changes, in the word of a narrow load: so all columns' loop is 1,024 bytes,
 * and it begins with a line. */
#define TR_STREAM_BEGIN(form)           \
  TR_STREAM_OPEN "ldr.w r0, [sp, #8]\n\t" \
  "ldr.w r3, [r1, #4]\n\t"              \
  "ldr.w r6, [r1, #8]\n\t" TR_CHAIN_START(form, TR_STREAM_ENTRY(form))
#define TR_STREAM_BEGIN_M4 TR_STREAM_BEGIN(M4)
#define TR_STREAM_BEGIN_M7 TR_STREAM_BEGIN(M7)
#define TR_STREAM_BEGIN_M7_WIDE TR_STREAM_BEGIN(M7_WIDE)
#define TR_STREAM_BEGIN_M4_NIBBLES TR_STREAM_BEGIN(M4_NIBBLES)
#define TR_STREAM_BEGIN_M7_NIBBLES TR_STREAM_BEGIN(M7_NIBBLES)
#define TR_STREAM_BEGIN_M4_WIDE                                            \
  TR_STREAM_PUSH TR_ENTER_BEHIND_FIRST_AT("4")                             \
  "ldr.n r0, [sp, #8]\n\tldr.n " TR_CHAIN_REGISTER(M4_WIDE) ", [sp]\n\t" \
  "ldr.n r3, [r1, #4]\n\tldr.n r6, [r1, #8]\n\t" TR_CHAIN_START(M4_WIDE, "")

#define TR_STREAM_NARROW(form)                                        \
  TR_STREAM_ASM(f, stream,                                            \
                TR_STREAM_BEGIN_##form                                \
                TR_STREAM_UNITS(form)                                 \
                TR_SCALE_SUMS_##form                                  \
                TR_PUT_PAIR(TR_STORE_SIX, TR_LOOK_UP_SIX("r2"), "16") \
                TR_STREAM_CLOSE)

/* y = lut(sat8(((start + panel * weights) * multiplier) >> 32)). */
TR_NOINLINE void tr_stream_narrow(const tr_stream_tiles *f, const int8_t *stream,
                                  const tr_form form) {
  TR_BY_FORM_OR_NIBBLES(form, TR_STREAM_NARROW);
}

#define TR_STREAM_ADD(form)                                                         \
  TR_STREAM_ASM(f, stream,                                                          \
                TR_STREAM_OPEN                                                      \
                "ldr r9, [sp, #16]\n\t"                                             \
                "ldr r10, [sp, #20]\n\t"                                            \
                "ldr.w r0, [sp, #8]\n\t"                                            \
                "add.w r11, r9, r10\n\t"                                            \
                "add.w r12, r11, r10\n\t"                                           \
                "ldr.w r3, [r9]\n\t"                                                \
                "ldr r6, [r9, #4]\n\t"                                              \
                "ldr r4, [r11]\n\t"                                                 \
                "ldr r7, [r11, #4]\n\t"                                             \
                "ldr r5, [r12]\n\t"                                                 \
                "ldr r8, [r12, #4]\n\t" TR_CHAIN_FIRST(form, TR_STREAM_ENTRY(form)) \
                TR_STREAM_UNITS(form)                                               \
                "ldr r9, [sp, #16]\n\t"                                             \
                "ldr r10, [sp, #20]\n\t"                                            \
                "ldr r0, [sp, #12]\n\t"                                             \
                "add.w r11, r9, r10\n\t"                                            \
                "add.w r12, r11, r10\n\t"                                           \
                "str r3, [r9], #8\n\t"                                              \
                "str r6, [r9, #-4]\n\t"                                             \
                "str r4, [r11]\n\t"                                                 \
                "str r7, [r11, #4]\n\t"                                             \
                "str r5, [r12]\n\t"                                                 \
                "str r8, [r12, #4]\n\t"                                             \
                "cmp r1, r0\n\t"                                                    \
                "str r9, [sp, #16]\n\t"                                             \
                "bne.w 4b\n\t" TR_STREAM_CLOSE)

/* y += panel * weights, y int32; the stream has neither start values nor multipliers, and no
 * nibbles. */
TR_NOINLINE void tr_stream_add(const tr_stream_tiles *f, const int8_t *stream, const tr_form form) {
  TR_BY_FORM(form, TR_STREAM_ADD);
}

#else

/* The same two, one sum after the other, for panels of any number of rows. */
TR_INLINE int32_t tr_stream_sum(const tr_stream_tiles *f, const int8_t *units, int row, int column,
                                const int rows, const tr_form form) {
  int32_t sum = 0;
  for (const uint32_t *at = f->panel + 2 * row; at < f->panel_end; at += 4 * rows) {
    for (int step = 0; step < 4; step++) {
      sum = tr_dot2(at[step / 2 * 2 * rows + step % 2],
                    tr_stream_weights(units, step / 2, column, step % 2, form), sum);
    }
    units += tr_stream_unit(form);
  }
  return sum;
}

TR_INLINE void tr_stream_narrow_rows(const tr_stream_tiles *f, const int8_t *stream, const int rows,
                                     const tr_form form) {
  const int32_t units = (int32_t)(f->panel_end - f->panel) / (4 * rows);
  for (int8_t *y = f->y; stream != f->stream_end; y += 2 * f->y_col) {
    const int8_t *const scales = stream + 8 + tr_stream_unit(form) * units;
    for (int i = 0; i < 2 * rows; i++) {
      const int row = i % rows;
      const int column = i / rows;
      const int32_t start = (int32_t)tr_load4(stream + 4 * column);
      const int32_t sum = tr_stream_sum(f, stream + 8, row, column, rows, form);
      const int32_t q = tr_finish_narrow(tr_lowered(tr_wrapping_add(start, sum), form),
                                         (int32_t)tr_load4(scales + 4 * column));
      y[row * f->y_row + column * f->y_col] = (int8_t)(f->lut != 0 ? f->lut[q] : q);
    }
    stream = scales + 8;
  }
}

TR_INLINE void tr_stream_add_rows(const tr_stream_tiles *f, const int8_t *stream, const int rows,
                                  const tr_form form) {
  const int32_t units = (int32_t)(f->panel_end - f->panel) / (4 * rows);
  for (int8_t *y = f->y; stream != f->stream_end; y += 8) {
    for (int i = 0; i < 2 * rows; i++) {
      int8_t *const sum = y + i % rows * f->y_row + i / rows * 4;
      const int32_t dot = tr_stream_sum(f, stream, i % rows, i / rows, rows, form);
      tr_store4(sum, (uint32_t)tr_wrapping_add((int32_t)tr_load4(sum), dot));
    }
    stream += tr_stream_unit(form) * units;
  }
}

TR_NOINLINE void tr_stream_narrow(const tr_stream_tiles *f, const int8_t *stream,
                                  const tr_form form) {
  tr_stream_narrow_rows(f, stream, 3, form);
}

TR_NOINLINE void tr_stream_add(const tr_stream_tiles *f, const int8_t *stream, const tr_form form) {
  tr_stream_add_rows(f, stream, 3, form);
}

#endif

#endif
