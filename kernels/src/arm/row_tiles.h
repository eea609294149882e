/* Three packed rows times rows w: the tile of three rows and two columns, whose sums start at their
 * row's value, are made and end without leaving the registers. The rows are contiguous bytes, or,
 * of a wide form, pairs of them widened as panels of two. */
#ifndef TINYRIG_ROW_TILES_H
#define TINYRIG_ROW_TILES_H

#include <stddef.h>

#include "arm/finish.h"
#include "arm/put_pair.h"
#include "arm/stream_unit.h"
#include "arm/tile_3x2.h"
#include "arm/unit_loop.h"
#include "arm/weight_stream.h"

/* Where the tiles read and write, in words, because the assembly keeps a copy on its stack. The
 * last words are for the end of a sum. */
typedef struct {
  const uint32_t *panel_end;
  const uint32_t *panel;
  int32_t start[3];
  int32_t correction; /* of bytes, after the first unit of a row: tr_first_unit(k) - TR_UNIT */
  int32_t w_next;     /* of bytes, from the end of a pair's first row to the next pair */
  const int8_t *w_end; /* tr_rows_end of what lies behind the last pair */
  int8_t *y;
  int32_t y_second; /* from the first row to the second and third */
  int32_t y_third;
  int32_t y_col;
} tr_row_frame;

/* y = lut(sat8((sum * multiplier) >> 32)). */
typedef struct {
  tr_row_frame to;
  int32_t multiplier;
  const int8_t *lut; /* its middle, for -128 to 127, or 0 */
} tr_row_narrow;

/* y = sat8((((sum * multiplier[row]) >> 32) + half[row]) >> shift[row]), [row] {multiplier, half,
 * shift}. */
typedef struct {
  tr_row_frame to;
  int32_t scale[9];
} tr_row_scaled_frame;

/* Rows of either kind: where they begin, the step to a pair's second, and to the next pair. */
typedef struct {
  const int8_t *w;
  int32_t row;
  int32_t pair;
  int32_t width; /* of a row of bytes; 0 for panels */
} tr_rows;

/* The assembly compares words before the next of a panel. */
TR_INLINE const int8_t *tr_rows_end(const int8_t *end, const tr_form form) {
#if defined(__ARM_FEATURE_DSP)
  return tr_is_wide(form) ? end - 4 : end;
#else
  (void)form;
  return end;
#endif
}

/* The frame of `count` rows, an odd last one apart, and the same for that one: done twice, to one
 * place. */
TR_INLINE tr_row_frame tr_rows_frame(const tr_rows *rows, int32_t count, const uint32_t *panel,
                                     int32_t units, const int32_t *start, int8_t *y, int32_t y_row,
                                     int32_t y_col, const tr_form form) {
  const int32_t correction = rows->width != 0 ? tr_first_unit(rows->width) - TR_UNIT : 0;
  const int32_t next = rows->width != 0 ? rows->pair - rows->width : 0;
  const int8_t *const end = rows->w + count / 2 * rows->pair;
  const tr_row_frame frame = {panel + 12 * units,
                              panel,
                              {start[0], start[1], start[2]},
                              correction,
                              next,
                              tr_rows_end(end, form),
                              y,
                              y_row,
                              2 * y_row,
                              y_col};
  return frame;
}

TR_INLINE const int8_t *tr_rows_odd(const tr_rows *rows, int32_t count, tr_row_frame *frame,
                                    const tr_form form) {
  const int8_t *const odd = rows->w + count / 2 * rows->pair;
  frame->y += (count - 1) * frame->y_col;
  frame->y_col = 0;
  frame->w_end = tr_rows_end(odd + rows->pair, form);
  return odd;
}

#if defined(__ARM_FEATURE_DSP)

_Static_assert(offsetof(tr_row_frame, start) == 8, "TR_ROWS_OPEN reads two words");
_Static_assert(offsetof(tr_row_frame, y) == 32, "six, and six, of which");
_Static_assert(offsetof(tr_row_narrow, multiplier) == 48, "and two behind the");
_Static_assert(offsetof(tr_row_narrow, lut) == 52, "frame, or");
_Static_assert(offsetof(tr_row_scaled_frame, scale) == 48, "nine");

/* Of bytes. */
#define TR_W_OPEN_BYTES ""
#define TR_W_NEXT_BYTES "ldr.w r9, [sp, #28]\n\tadd.w r1, r1, r9\n\t"
#define TR_W_START_BYTES(core) \
  TR_START_3X2(core) "ldr.w r9, [sp, #24]\n\tadd.w r1, r1, r9\n\tldr.w r10, [sp]\n\tbx r10\n\t"

#define TR_W_OPEN_M4 TR_W_OPEN_BYTES
#define TR_W_START_M4 TR_W_START_BYTES(M4)
#define TR_W_AGAIN_M4 ""
#define TR_W_UNIT_M4 TR_UNIT_3X2(M4)
#define TR_W_LAST_M4 TR_UNIT_3X2(M4)
#define TR_W_NEXT_M4 TR_W_NEXT_BYTES

#define TR_W_OPEN_M7 TR_W_OPEN_BYTES
#define TR_W_START_M7 TR_W_START_BYTES(M7)
#define TR_W_AGAIN_M7 ""
#define TR_W_UNIT_M7 TR_UNIT_3X2(M7)
#define TR_W_LAST_M7 TR_UNIT_3X2(M7)
#define TR_W_NEXT_M7 TR_W_NEXT_BYTES

/* Wide: r0 and r1 are as stream_unit.h has them. */
#define TR_W_OPEN_WIDE  \
  "subs r3, r3, #4\n\t" \
  "subs r4, r4, #4\n\t" \
  "subs r1, r1, #4\n\t"
#define TR_W_START_WIDE(form)                                               \
  TR_CHAIN_ROWS_START_##form("ldr.w " TR_CHAIN_REGISTER(form) ", [sp]\n\t") \
  "bx " TR_CHAIN_REGISTER(form) "\n\t"

#define TR_W_OPEN_M4_WIDE TR_W_OPEN_WIDE
#define TR_W_START_M4_WIDE TR_W_START_WIDE(M4_WIDE)
#define TR_W_AGAIN_M4_WIDE TR_CHAIN_AGAIN(M4_WIDE)
#define TR_W_UNIT_M4_WIDE TR_CHAIN_UNIT(M4_WIDE)
#define TR_W_LAST_M4_WIDE TR_CHAIN_LAST(M4_WIDE, "")
#define TR_W_NEXT_M4_WIDE ""

#define TR_W_OPEN_M7_WIDE TR_W_OPEN_WIDE
#define TR_W_START_M7_WIDE TR_W_START_WIDE(M7_WIDE)
#define TR_W_AGAIN_M7_WIDE TR_CHAIN_AGAIN(M7_WIDE)
#define TR_W_UNIT_M7_WIDE TR_CHAIN_UNIT(M7_WIDE)
#define TR_W_LAST_M7_WIDE TR_CHAIN_LAST(M7_WIDE, "")
#define TR_W_NEXT_M7_WIDE ""

#define TR_PUSH_SIX(at)                       \
  "add r12, r0, #" at "\n\t"                  \
  "ldm r12, {r3, r4, r5, r6, r8, r9}\n\t"     \
  "push {r3, r4, r5, r6, r8, r9}\n\t"

/* Stack: the place where the units behind a row's first begin, then the frame. r7 may be the frame
 * pointer, so it is saved here and not declared. */
#define TR_ROWS_OPEN(form)                                    \
  TR_PUSH_SIX("32")                                           \
  TR_PUSH_SIX("8")                                            \
  "ldm r0, {r3, r4}\n\t" TR_W_OPEN_##form                     \
  "push {r3, r4}\n\t"                                         \
  TR_ENTER_BEHIND_FIRST                                       \
  "ldr.w r3, [sp, #12]\n\t"                                   \
  "ldr.w r4, [sp, #16]\n\t"                                   \
  "ldr.w r5, [sp, #20]\n\t"                                   \
  "ldr.w r0, [sp, #8]\n\t" TR_W_START_##form                  \
  ".p2align 2\n\t"                                            \
  "9:\n\t" TR_W_AGAIN_##form "2:\n\t" TR_W_UNIT_##form        \
  "3:\n\t" TR_W_UNIT_##form TR_W_UNIT_##form TR_W_LAST_##form \
  "ldr.w r11, [sp, #4]\n\t"                                   \
  "cmp.w r0, r11\n\t"                                         \
  "bne.w 9b\n\t"                                              \
  "6:\n\t"

/* With y in r11, the steps to its second and third row in r12 and r10, and to the next column in lr. */
#define TR_ROWS_STORE            \
  "add.w r9, r11, r12\n\t"       \
  "add.w r10, r11, r10\n\t"      \
  TR_STORE_SIX                   \
  "add r11, r11, lr, lsl #1\n\t"

#define TR_ROWS_ASM(frame, w, w_row, text)                                                  \
  register uint32_t r0 __asm__("r0") = (uint32_t)(uintptr_t)(frame);                        \
  register uint32_t r1 __asm__("r1") = (uint32_t)(uintptr_t)(w);                            \
  register uint32_t r2 __asm__("r2") = (uint32_t)(w_row);                                   \
  __asm__ volatile("push {r7}\n\t" text "pop {r7}\n\t"                                      \
                   : "+r"(r0), "+r"(r1), "+r"(r2)                                           \
                   :                                                                        \
                   : "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "cc",   \
                     "memory")

#define TR_ROWS_NARROW(form)                          \
  TR_ROWS_ASM(f, w, w_row,                            \
              TR_ROWS_OPEN(form) TR_W_NEXT_##form     \
              "ldr.w r9, [sp, #52]\n\t"               \
              "ldr.w r0, [sp, #56]\n\t"               \
              "smmul r3, r3, r9\n\t"                  \
              "smmul r4, r4, r9\n\t"                  \
              "smmul r5, r5, r9\n\t"                  \
              "smmul r6, r6, r9\n\t"                  \
              "smmul r7, r7, r9\n\t"                  \
              "smmul r8, r8, r9\n\t"                  \
              "ssat r3, #8, r3\n\t"                   \
              "ssat r4, #8, r4\n\t"                   \
              "ssat r5, #8, r5\n\t"                   \
              "ssat r6, #8, r6\n\t"                   \
              "ssat r7, #8, r7\n\t"                   \
              "ssat r8, #8, r8\n\t"                   \
              "cbnz r0, 5f\n\t"                       \
              "7:\n\t"                                \
              "ldr r0, [sp, #32]\n\t"                 \
              "ldr.w r11, [sp, #36]\n\t"              \
              "ldr.w r12, [sp, #40]\n\t"              \
              "ldr.w r10, [sp, #44]\n\t"              \
              "ldr.w lr, [sp, #48]\n\t" TR_ROWS_STORE \
              "cmp r1, r0\n\t"                        \
              "str r11, [sp, #36]\n\t"                \
              "bne.w 4b\n\t"                          \
              "b 8f\n\t"                              \
              "5:\n\t"                                \
              TR_LOOK_UP_SIX("r0")                    \
              "b 7b\n\t"                              \
              "8:\n\t"                                \
              "add sp, sp, #60\n\t")

/* Rows w, w + w_row and so on, by pairs up to w_end. */
TR_NOINLINE void tr_rows_narrow(const tr_row_narrow *f, const int8_t *w, int32_t w_row,
                                const tr_form form) {
  TR_BY_FORM(form, TR_ROWS_NARROW);
}

#define TR_ROWS_SCALED(form)                                                        \
  TR_ROWS_ASM(f, w, w_row,                                                          \
              "ldr.w r3, [r0, #80]\n\t"                                             \
              "push {r3}\n\t" TR_PUSH_SIX("56") TR_ROWS_OPEN(form) TR_W_NEXT_##form \
              "ldr.w r9, [sp, #52]\n\t"                                             \
              "ldr.w r10, [sp, #56]\n\t"                                            \
              "ldr.w r11, [sp, #60]\n\t"                                            \
              "smmla r3, r3, r9, r10\n\t"                                           \
              "smmla r6, r6, r9, r10\n\t"                                           \
              "asr.w r3, r3, r11\n\t"                                               \
              "asr.w r6, r6, r11\n\t"                                               \
              "ldr.w r9, [sp, #64]\n\t"                                             \
              "ldr.w r10, [sp, #68]\n\t"                                            \
              "ldr.w r11, [sp, #72]\n\t"                                            \
              "ldr.w r12, [sp, #76]\n\t"                                            \
              "ldr.w lr, [sp, #80]\n\t"                                             \
              "ldr.w r0, [sp, #84]\n\t"                                             \
              "smmla r4, r4, r9, r10\n\t"                                           \
              "smmla r7, r7, r9, r10\n\t"                                           \
              "smmla r5, r5, r12, lr\n\t"                                           \
              "smmla r8, r8, r12, lr\n\t"                                           \
              "asr.w r4, r4, r11\n\t"                                               \
              "asr.w r7, r7, r11\n\t"                                               \
              "asr.w r5, r5, r0\n\t"                                                \
              "asr.w r8, r8, r0\n\t"                                                \
              "ldr.w r11, [sp, #36]\n\t"                                            \
              "ldr.w r12, [sp, #40]\n\t"                                            \
              "ldr.w r10, [sp, #44]\n\t"                                            \
              "ldr.w lr, [sp, #48]\n\t"                                             \
              "ldr.w r0, [sp, #32]\n\t"                                             \
              "ssat r3, #8, r3\n\t"                                                 \
              "ssat r4, #8, r4\n\t"                                                 \
              "ssat r5, #8, r5\n\t"                                                 \
              "ssat r6, #8, r6\n\t"                                                 \
              "ssat r7, #8, r7\n\t"                                                 \
              "ssat r8, #8, r8\n\t" TR_ROWS_STORE                                   \
              "cmp r1, r0\n\t"                                                      \
              "str r11, [sp, #36]\n\t"                                              \
              "bne.w 4b\n\t"                                                        \
              "add sp, sp, #88\n\t")

/* The same with a scale for each row. */
TR_NOINLINE void tr_rows_scaled(const tr_row_scaled_frame *f, const int8_t *w, int32_t w_row,
                                const tr_form form) {
  TR_BY_FORM(form, TR_ROWS_SCALED);
}

#else

/* The sums of a pair of columns, [column][row]. */
TR_INLINE const int8_t *tr_rows_sums(const tr_row_frame *f, const int8_t *w, int32_t w_row,
                                     int32_t *sums, const tr_form form) {
  const int32_t units = (int32_t)(f->panel_end - f->panel) / 12;
  int32_t k = TR_UNIT * units + f->correction;
  if (tr_is_wide(form)) {
    k = tr_stream_unit(form) * units;
    for (int i = 0; i < 6; i++) {
      sums[i] = 0;
      for (int32_t pair = 0; pair < 4 * units; pair++) {
        const uint32_t x = f->panel[pair / 2 * 6 + i % 3 * 2 + pair % 2];
        sums[i] = tr_dot2(x, tr_load4(w + pair / 2 * 16 + i / 3 * 8 + pair % 2 * 4), sums[i]);
      }
    }
  } else {
    tr_tiles_3x2(f->panel, w, w_row, k, 1, sums, form);
  }
  for (int i = 0; i < 6; i++) {
    sums[i] = tr_wrapping_add(f->start[i % 3], sums[i]);
  }
  return w + k + f->w_next;
}

TR_INLINE int32_t tr_rows_place(const tr_row_frame *f, int i) {
  const int32_t row = i % 3 == 0 ? 0 : (i % 3 == 1 ? f->y_second : f->y_third);
  return row + i / 3 * f->y_col;
}

TR_NOINLINE void tr_rows_narrow(const tr_row_narrow *f, const int8_t *w, int32_t w_row,
                                const tr_form form) {
  int32_t sums[6];
  for (int8_t *y = f->to.y; w < f->to.w_end; y += 2 * f->to.y_col) {
    w = tr_rows_sums(&f->to, w, w_row, sums, form);
    for (int i = 0; i < 6; i++) {
      const int32_t q = tr_finish_narrow(sums[i], f->multiplier);
      y[tr_rows_place(&f->to, i)] = (int8_t)(f->lut != 0 ? f->lut[q] : q);
    }
  }
}

TR_NOINLINE void tr_rows_scaled(const tr_row_scaled_frame *f, const int8_t *w, int32_t w_row,
                                const tr_form form) {
  int32_t sums[6];
  for (int8_t *y = f->to.y; w < f->to.w_end; y += 2 * f->to.y_col) {
    w = tr_rows_sums(&f->to, w, w_row, sums, form);
    for (int i = 0; i < 6; i++) {
      const int32_t *const scale = f->scale + i % 3 * 3;
      const int32_t q = tr_high_multiply_add(sums[i], scale[0], scale[1]) >> scale[2];
      y[tr_rows_place(&f->to, i)] = (int8_t)tr_saturate8(q);
    }
  }
}

#endif

#endif
