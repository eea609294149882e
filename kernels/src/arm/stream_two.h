/* Two packed rows times a weight stream: the tile of two rows and two columns, for what panels of
 * three leave over. Frames, and what they say of y, as in stream_tiles.h. */
#ifndef TINYRIG_STREAM_TWO_H
#define TINYRIG_STREAM_TWO_H

#include "arm/stream_tiles.h"

#if defined(__ARM_FEATURE_DSP)

/* r0 and r1 as in stream_unit.h. r3 and r4 are the sums of the first column, r6 and r7 those of the
 * second; all others are temporaries. */
#define TR_MULTIPLY_TWO(x0, x1, w0, w1)                             \
  TR_MULTIPLY("r3", x0, w0, "r3") TR_MULTIPLY("r4", x1, w0, "r4")   \
  TR_MULTIPLY("r6", x0, w1, "r6") TR_MULTIPLY("r7", x1, w1, "r7")

#define TR_TWO_GROUP_M4(a, b, e0, o0, e1, o1)                \
  "ldr.w r9, [r1, #" a "]\n\tldr.w r10, [r1, #" b "\n\t"     \
  "ldr.w r11, [r0, #" e0 "]\n\tldr.w r12, [r0, #" e1 "]\n\t" \
  "ldr.w r5, [r0, #" o0 "]\n\tldr.w r8, [r0, #" o1 "\n\t"    \
  "sxtb16 lr, r9\n\tsxtb16 r9, r9, ror #8\n\t"               \
  TR_MULTIPLY_TWO("r11", "r12", "lr", "r9")                  \
  "sxtb16 r2, r10\n\tsxtb16 r10, r10, ror #8\n\t"            \
  TR_MULTIPLY_TWO("r5", "r8", "r2", "r10")

#define TR_TWO_UNIT_M4                              \
  TR_TWO_GROUP_M4("4", "8]", "4", "8", "12", "16]") \
  TR_TWO_GROUP_M4("12", "16]!", "20", "24", "28", "32]!")
#define TR_TWO_AGAIN_M4 ""
#define TR_TWO_LAST_M4 TR_TWO_UNIT_M4

#define TR_TWO_UNIT_M7 TR_TWO_UNIT_M4
#define TR_TWO_AGAIN_M7 ""
#define TR_TWO_LAST_M7 TR_TWO_UNIT_M7

#define TR_TWO_GROUP_M4_WIDE(a0, a1, b0, b1)                 \
  "ldr.w r9, [r1, #" a0 "]\n\tldr.w r10, [r1, #" b0 "]\n\t"  \
  "ldr.w r5, [r1, #" a1 "]\n\tldr.w r8, [r1, #" b1 "\n\t"    \
  "ldr.w r11, [r0, #" a0 "]\n\tldr.w r12, [r0, #" b0 "]\n\t" \
  "ldr.w lr, [r0, #" a1 "]\n\tldr.w r2, [r0, #" b1 "\n\t"    \
  TR_MULTIPLY_TWO("r11", "r12", "r9", "r10") TR_MULTIPLY_TWO("lr", "r2", "r5", "r8")

#define TR_TWO_UNIT_M4_WIDE                   \
  TR_TWO_GROUP_M4_WIDE("4", "8", "12", "16]") \
  TR_TWO_GROUP_M4_WIDE("20", "24", "28", "32]!")
#define TR_TWO_AGAIN_M4_WIDE ""
#define TR_TWO_LAST_M4_WIDE TR_TWO_UNIT_M4_WIDE

#define TR_TWO_WORD_M4_NIBBLES(w, e0, o0, e1, o1)                          \
  "ldr.w r9, [r1, #" w "\n\t"                                              \
  "ldr.w r11, [r0, #" e0 "]\n\tldr.w r12, [r0, #" e1 "]\n\t"               \
  "ldr.w r5, [r0, #" o0 "]\n\tldr.w r8, [r0, #" o1 "\n\t"                  \
  "and r10, r9, #0xF0F0F0F0\n\tlsl r9, r9, #4\n\t"                         \
  "sxtb16 lr, r10\n\tsxtb16 r10, r10, ror #8\n\tand r9, r9, #0xF0F0F0F0\n\t" \
  TR_MULTIPLY_TWO("r11", "r12", "lr", "r10")                               \
  "sxtb16 r2, r9\n\tsxtb16 r9, r9, ror #8\n\t"                             \
  TR_MULTIPLY_TWO("r5", "r8", "r2", "r9")

#define TR_TWO_UNIT_M4_NIBBLES                         \
  TR_TWO_WORD_M4_NIBBLES("4]", "4", "8", "12", "16]")  \
  TR_TWO_WORD_M4_NIBBLES("8]!", "20", "24", "28", "32]!")
#define TR_TWO_AGAIN_M4_NIBBLES ""
#define TR_TWO_LAST_M4_NIBBLES TR_TWO_UNIT_M4_NIBBLES

#define TR_TWO_UNIT_M7_NIBBLES TR_TWO_UNIT_M4_NIBBLES
#define TR_TWO_AGAIN_M7_NIBBLES ""
#define TR_TWO_LAST_M7_NIBBLES TR_TWO_UNIT_M4_NIBBLES

/* What is left to do of sums. */
#define TR_TWO_SUMS_M4 ""
#define TR_TWO_SUMS_M7 ""
#define TR_TWO_SUMS_M4_WIDE ""
#define TR_TWO_SUMS_M7_WIDE ""
#define TR_TWO_SUMS_M4_NIBBLES                       \
  "asr.w r3, r3, #4\n\tasr.w r4, r4, #4\n\t"         \
  "asr.w r6, r6, #4\n\tasr.w r7, r7, #4\n\t"
#define TR_TWO_SUMS_M7_NIBBLES TR_TWO_SUMS_M4_NIBBLES

/* Multiplies a step's words, and loads the next one's beside it. */
#define TR_TWO_STEP(x0, x1, w0, w1, next_x0, next_x1, next_w0, next_w1) \
  TR_MULTIPLY("r3", x0, w0, "r3") "ldr.w " next_w0 "\n\t"               \
  TR_MULTIPLY("r6", x0, w1, "r6") "ldr.w " next_x0 "\n\t"               \
  TR_MULTIPLY("r4", x1, w0, "r4") "ldr.w " next_w1 "\n\t"               \
  TR_MULTIPLY("r7", x1, w1, "r7") "ldr.w " next_x1 "\n\t"

/* Chains as in stream_unit.h. */
#define TR_TWO_AGAIN_M7_WIDE                      \
  "ldr.w r9, [r1, #4]\n\tldr.w r11, [r0, #4]\n\t" \
  "ldr.w r10, [r1, #12]\n\tldr.w r12, [r0, #12]\n\t"

#define TR_TWO_STEPS                                                                         \
  TR_TWO_STEP("r11", "r12", "r9", "r10", "lr, [r0, #8]", "r2, [r0, #16]", "r5, [r1, #8]",    \
              "r8, [r1, #16]")                                                               \
  TR_TWO_STEP("lr", "r2", "r5", "r8", "r11, [r0, #20]", "r12, [r0, #28]", "r9, [r1, #20]",   \
              "r10, [r1, #28]")                                                              \
  TR_TWO_STEP("r11", "r12", "r9", "r10", "lr, [r0, #24]", "r2, [r0, #32]!", "r5, [r1, #24]", \
              "r8, [r1, #32]!")

#define TR_TWO_UNIT_M7_WIDE                                                           \
  TR_TWO_STEPS TR_TWO_STEP("lr", "r2", "r5", "r8", "r11, [r0, #4]", "r12, [r0, #12]", \
                           "r9, [r1, #4]", "r10, [r1, #12]")
#define TR_TWO_LAST_M7_WIDE TR_TWO_STEPS TR_MULTIPLY_TWO("lr", "r2", "r5", "r8")

#define TR_TWO_AGAIN(form) TR_TWO_AGAIN_##form
#define TR_TWO_UNIT(form) TR_TWO_UNIT_##form
#define TR_TWO_LAST(form) TR_TWO_LAST_##form

#define TR_TWO_OPEN TR_STREAM_PUSH TR_ENTER_PAIR

/* All units of a pair of columns, behind the loads of their start. */
#define TR_TWO_UNITS(form)                                       \
  "ldr.w r0, [sp, #8]\n\t"                                       \
  "ldr.w r2, [sp]\n\t" TR_TWO_AGAIN(form)                        \
  "bx r2\n\t"                                                    \
  ".p2align 2\n\t"                                               \
  "9:\n\t" TR_TWO_AGAIN(form) "2:\n\t" TR_TWO_UNIT(form)         \
  "3:\n\t" TR_TWO_UNIT(form) TR_TWO_UNIT(form) TR_TWO_LAST(form) \
  "ldr.w r2, [sp, #4]\n\t"                                       \
  "cmp.w r0, r2\n\t"                                             \
  "bne.w 9b\n\t"

#define TR_STREAM_NARROW_TWO(form)                         \
  TR_STREAM_ASM(f, stream,                                 \
                TR_TWO_OPEN                                \
                "ldr.w r3, [r1, #4]\n\t"                   \
                "ldr.w r4, [r1, #4]\n\t"                   \
                "ldr.w r6, [r1, #8]\n\t"                   \
                "ldr r7, [r1, #8]!\n\t" TR_TWO_UNITS(form) \
                TR_TWO_SUMS_##form                         \
                "ldr.w r9, [r1, #4]\n\t"                   \
                "ldr r10, [r1, #8]!\n\t"                   \
                "ldr.w r11, [sp, #16]\n\t"                 \
                "ldr.w r12, [sp, #20]\n\t"                 \
                "ldr.w lr, [sp, #24]\n\t"                  \
                "ldr.w r0, [sp, #12]\n\t"                  \
                "ldr.w r2, [sp, #28]\n\t"                  \
                "smmul r3, r3, r9\n\t"                     \
                "smmul r4, r4, r9\n\t"                     \
                "smmul r6, r6, r10\n\t"                    \
                "smmul r7, r7, r10\n\t"                    \
                "add.w r9, r11, r12\n\t"                   \
                "ssat r3, #8, r3\n\t"                      \
                "ssat r4, #8, r4\n\t"                      \
                "ssat r6, #8, r6\n\t"                      \
                "ssat r7, #8, r7\n\t"                      \
                TR_PUT_PAIR(TR_STORE_FOUR, TR_LOOK_UP_FOUR("r2"), "16") \
                TR_STREAM_CLOSE)

/* y = lut(sat8(((start + panel * weights) * multiplier) >> 32)). */
TR_NOINLINE void tr_stream_narrow_two(const tr_stream_tiles *f, const int8_t *stream,
                                      const tr_form form) {
  TR_BY_FORM_OR_NIBBLES(form, TR_STREAM_NARROW_TWO);
}

#define TR_STREAM_ADD_TWO(form)                              \
  TR_STREAM_ASM(f, stream,                                   \
                TR_TWO_OPEN                                  \
                "ldr.w r9, [sp, #16]\n\t"                    \
                "ldr.w r10, [sp, #20]\n\t"                   \
                "ldr.w r3, [r9]\n\t"                         \
                "ldr.w r6, [r9, #4]\n\t"                     \
                "add.w r11, r9, r10\n\t"                     \
                "ldr.w r4, [r11]\n\t"                        \
                "ldr.w r7, [r11, #4]\n\t" TR_TWO_UNITS(form) \
                "ldr.w r9, [sp, #16]\n\t"                    \
                "ldr.w r10, [sp, #20]\n\t"                   \
                "ldr.w r0, [sp, #12]\n\t"                    \
                "add.w r11, r9, r10\n\t"                     \
                "str r3, [r9], #8\n\t"                       \
                "str r6, [r9, #-4]\n\t"                      \
                "str.w r4, [r11]\n\t"                        \
                "str.w r7, [r11, #4]\n\t"                    \
                "cmp r1, r0\n\t"                             \
                "str r9, [sp, #16]\n\t"                      \
                "bne.w 4b\n\t" TR_STREAM_CLOSE)

/* y += panel * weights, y int32; the stream has neither start values nor multipliers. */
TR_NOINLINE void tr_stream_add_two(const tr_stream_tiles *f, const int8_t *stream,
                                   const tr_form form) {
  TR_BY_FORM(form, TR_STREAM_ADD_TWO);
}

#else

TR_NOINLINE void tr_stream_narrow_two(const tr_stream_tiles *f, const int8_t *stream,
                                      const tr_form form) {
  tr_stream_narrow_rows(f, stream, 2, form);
}

TR_NOINLINE void tr_stream_add_two(const tr_stream_tiles *f, const int8_t *stream,
                                   const tr_form form) {
  tr_stream_add_rows(f, stream, 2, form);
}

#endif

#endif
