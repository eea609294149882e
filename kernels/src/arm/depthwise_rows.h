/* The texts of arm/depthwise_3x3.h, for the core: a column of pairs A, B is the last of one
 * output's window, whose sums are x0 (and x1, a line lower), the middle one of the next's, y0 and
 * y1, and the first of that behind, whose sums take the place of x0 and x1. r0 strip, r1 output, r2
 * temporary; r3-r7 P0, P1, P2, Q0, Q1; s0 start, s1 multiplier, s2 Q2, s3 where the outputs of the
 * loop end; s4 the strip, s5 the outputs, s6 the next constants, s7 the end of them all. */
#ifndef TINYRIG_DEPTHWISE_ROWS_H
#define TINYRIG_DEPTHWISE_ROWS_H

#include "arm/form.h"

#define TR_A_UPPER(sum, a, p, from) "smlad " sum ", " a ", " p ", " from "\n\t"
#define TR_A_LOWER(sum, a, p, from) "smlatb " sum ", " a ", " p ", " from "\n\t"
#define TR_B_UPPER(sum, b, q, from) "smlabt " sum ", " b ", " q ", " from "\n\t"
#define TR_B_LOWER(sum, b, q, from) "smlad " sum ", " b ", " q ", " from "\n\t"

#define TR_TAPS(s0, s1, a, b, p, q, from)                         \
  TR_A_UPPER(s0, a, p, from(s0)) TR_A_LOWER(s1, a, p, from(s1))   \
  TR_B_UPPER(s0, b, q, s0) TR_B_LOWER(s1, b, q, s1)
#define TR_ITSELF(sum) sum
#define TR_START(sum) "r2"

/* What becomes of sums: bytes, or, behind, the sums themselves. */
#define TR_SCALE_BYTES(s0, s1) \
  "vmov r2, s1\n\tsmmul " s0 ", " s0 ", r2\n\tsmmul " s1 ", " s1 ", r2\n\t"
#define TR_SCALE_SUMS(s0, s1)
#define TR_PUT_M4_SUMS(s0, s1) "str " s0 ", [r1], #8\n\tstr " s1 ", [r1, #-4]\n\t"
#define TR_PUT_M7_SUMS(s0, s1) TR_PUT_M4_SUMS(s0, s1)

/* One channel after the other. */
#define TR_CHANNELS(text)                                                            \
  "vmov s3, r3\n\tvmov s7, r12\n\t"                                                  \
  ".p2align 2\n\t"                                                                   \
  "5:\n\t"                                                                           \
  "vmov s4, r0\n\tvmov s5, r1\n\t"                                                   \
  "vldmia r2!, {s0-s2}\n\tldm.w r2!, {r3-r7}\n\tvmov s6, r2\n\t" text                  \
  "vmov r0, s4\n\tvmov r1, s5\n\tvmov r3, s3\n\tvmov r2, s6\n\tvmov r12, s7\n\t"       \
  "add r0, r0, #8\n\tadd r1, r1, #1\n\tadd r3, r3, #1\n\tvmov s3, r3\n\t"              \
  "cmp.w r2, r12\n\tbne 5b\n\t"

#define TR_LOOP_IS_OVER "vmov r2, s3\n\tcmp.w r1, r2\n\t"

/* With an odd number of columns the sums are changed over first. */
#define TR_CHANGE_OVER                              \
  "mov r2, r8\n\tmov r8, r10\n\tmov r10, r2\n\t"    \
  "mov r2, r9\n\tmov r9, r11\n\tmov r11, r2\n\t"

/* Cortex-M4: neighbouring loads pipeline, unless the second's address is what the first moves on.
 */
#define TR_PAIR_IN_M4_0 "r12", "lr", "ldr lr, [r0, #4]\n\tldr r12, [r0], #32\n\t"
#define TR_PAIR_IN_M4_1 "lr", "r12", "ldr lr, [r0, #4]\n\tldr r12, [r0], #32\n\t"

#define TR_PUT_M4_BYTES(s0, s1)                            \
  "ssat " s0 ", #8, " s0 "\n\tssat " s1 ", #8, " s1 "\n\t" \
  "strb " s1 ", [r1, #4]\n\tstrb " s0 ", [r1], #8\n\t"

#define TR_COLUMN_M4(kind, x0, x1, y0, y1, a, b, loads)                \
  loads "vmov r2, s2\n\t" TR_TAPS(x0, x1, a, b, "r5", "r2", TR_ITSELF) \
  TR_SCALE_##kind(x0, x1) TR_TAPS(y0, y1, a, b, "r4", "r7", TR_ITSELF) \
  TR_PUT_M4_##kind(x0, x1) "vmov r2, s0\n\t" TR_TAPS(x0, x1, a, b, "r3", "r6", TR_START)

#define TR_TWO_LINES_M4(kind, a, b, loads)                                   \
  loads "vmov r2, s0\n\t"                                                    \
  TR_TAPS("r8", "r9", a, b, "r3", "r6", TR_START) loads                      \
  TR_TAPS("r8", "r9", a, b, "r4", "r7", TR_ITSELF)                           \
  TR_TAPS("r10", "r11", a, b, "r3", "r6", TR_START)                          \
  "vmov r2, s3\n\tsubs.w r2, r2, r1\n\tbeq 7f\n\t"                           \
  "tst r2, #8\n\tbne 6f\n\ttst r2, #16\n\tbeq 1f\n\tb 3f\n\t"                \
  "6:\n\ttst r2, #16\n\t" TR_CHANGE_OVER "bne 2f\n\tb 4f\n\t"                \
  ".p2align 2\n\t"                                                           \
  "1:\n\t" TR_COLUMN_M4(kind, "r8", "r9", "r10", "r11", a, b, loads)         \
  "2:\n\t" TR_COLUMN_M4(kind, "r10", "r11", "r8", "r9", a, b, loads)         \
  "3:\n\t" TR_COLUMN_M4(kind, "r8", "r9", "r10", "r11", a, b, loads)         \
  "4:\n\t" TR_COLUMN_M4(kind, "r10", "r11", "r8", "r9", a, b, loads)         \
  TR_LOOP_IS_OVER "bne 1b\n\t"                                               \
  "7:\n\t"                                                                   \
  loads "vmov r2, s2\n\t" TR_TAPS("r8", "r9", a, b, "r5", "r2", TR_ITSELF)   \
  TR_TAPS("r10", "r11", a, b, "r4", "r7", TR_ITSELF)                         \
  TR_SCALE_##kind("r8", "r9") TR_PUT_M4_##kind("r8", "r9")                   \
  loads "vmov r2, s2\n\t" TR_TAPS("r10", "r11", a, b, "r5", "r2", TR_ITSELF) \
  TR_SCALE_##kind("r10", "r11") TR_PUT_M4_##kind("r10", "r11")

#define TR_LINE_LAG_M4 0

/* A line at stride 2: the middle column and the last of an output's window. */
#define TR_FOUR_IN_M4_0 "r11", "r12", "r2", "lr"
#define TR_FOUR_IN_M4_1 "r12", "r11", "lr", "r2"

#define TR_PUT_ONE_M4_BYTES                                  \
  "smmul r9, r9, r10\n\tvmov r11, s0\n\tssat r9, #8, r9\n\t" \
  "strb r9, [r1], #4\n\t"
#define TR_PUT_ONE_M4_SUMS "str r9, [r1], #4\n\tvmov r11, s0\n\t"

#define TR_OUTPUT_M4(kind, a, b, c, d)                            \
  "ldr r12, [r0, #4]\n\tldr r2, [r0, #32]\n\t"                    \
  "ldr lr, [r0, #36]\n\tldr r11, [r0], #64\n\t"                   \
  TR_A_UPPER("r9", a, "r4", "r9") TR_B_UPPER("r9", b, "r7", "r9") \
  TR_A_UPPER("r9", c, "r5", "r9") TR_B_UPPER("r9", d, "r8", "r9") \
  TR_PUT_ONE_M4_##kind                                            \
  TR_A_UPPER("r9", c, "r3", "r11") TR_B_UPPER("r9", d, "r6", "r9")

#define TR_ONE_LINE_M4(kind, a, b, c, d)                                          \
  "ldr r12, [r0, #4]\n\tldr r11, [r0], #32\n\t"                                   \
  "vmov r8, s2\n\tvmov r10, s1\n\tvmov r2, s0\n\t"                                \
  TR_A_UPPER("r9", a, "r3", "r2") TR_B_UPPER("r9", b, "r6", "r9")                 \
  "vmov lr, s3\n\tsub lr, lr, r1\n\t"                                             \
  "tst lr, #8\n\tbne 6f\n\ttst lr, #4\n\tbeq 1f\n\tb 4f\n\t"                      \
  "6:\n\ttst lr, #4\n\tbne 2f\n\tb 3f\n\t"                                        \
  ".p2align 2\n\t"                                                                \
  "1:\n\t" TR_OUTPUT_M4(kind, a, b, c, d) "2:\n\t" TR_OUTPUT_M4(kind, a, b, c, d) \
  "3:\n\t" TR_OUTPUT_M4(kind, a, b, c, d) "4:\n\t" TR_OUTPUT_M4(kind, a, b, c, d) \
  "vmov r11, s3\n\tcmp.w r1, r11\n\tbne 1b\n\t"

/* Cortex-M7: loads and moves issue beside multiplications, saturations beside stores, and a column
 * is loaded while the one before is multiplied. */
#define TR_PAIR_IN_M7_0 "r12", "lr", "ldr r12, [r0], #32\n\t", "ldr lr, [r0, #-28]\n\t"
#define TR_PAIR_IN_M7_1 "r12", "lr", "ldr r12, [r0, #4]\n\t", "ldr lr, [r0], #32\n\t"

#define TR_PUT_M7_BYTES(s0, s1)                          \
  "ssat " s0 ", #8, " s0 "\n\tstrb " s0 ", [r1], #8\n\t" \
  "ssat " s1 ", #8, " s1 "\n\tstrb " s1 ", [r1, #-4]\n\t"

#define TR_COLUMN_M7(kind, x0, x1, y0, y1, a, b, load_a, load_b)        \
  TR_A_UPPER(x0, a, "r5", x0) "vmov r2, s2\n\t"                         \
  TR_A_LOWER(x1, a, "r5", x1) TR_B_UPPER(x0, b, "r2", x0)               \
  TR_B_LOWER(x1, b, "r2", x1) TR_SCALE_##kind(x0, x1) "vmov r2, s3\n\t" \
  TR_A_UPPER(y0, a, "r4", y0) TR_PUT_M7_##kind(x0, x1)                  \
  TR_A_LOWER(y1, a, "r4", y1) "cmp.w r1, r2\n\t"                        \
  TR_B_UPPER(y0, b, "r7", y0) "vmov r2, s0\n\t"                         \
  TR_B_LOWER(y1, b, "r7", y1)                                           \
  TR_A_UPPER(x0, a, "r3", "r2") TR_A_LOWER(x1, a, "r3", "r2")           \
  TR_B_UPPER(x0, b, "r6", x0) load_a TR_B_LOWER(x1, b, "r6", x1) load_b

#define TR_TWO_LINES_M7(kind, a, b, load_a, load_b)                                 \
  load_a load_b                                                                     \
  "vmov r2, s0\n\t"                                                                 \
  TR_TAPS("r8", "r9", a, b, "r3", "r6", TR_START) load_a load_b                     \
  TR_A_UPPER("r8", a, "r4", "r8") TR_A_LOWER("r9", a, "r4", "r9")                   \
  TR_A_UPPER("r10", a, "r3", "r2") TR_A_LOWER("r11", a, "r3", "r2")                 \
  TR_B_UPPER("r8", b, "r7", "r8") TR_B_LOWER("r9", b, "r7", "r9")                   \
  TR_B_UPPER("r10", b, "r6", "r10") load_a TR_B_LOWER("r11", b, "r6", "r11") load_b \
  "vmov r2, s3\n\tsubs.w r2, r2, r1\n\tbeq 3f\n\ttst r2, #8\n\tbeq 1f\n\t"          \
  TR_CHANGE_OVER "b 2f\n\t"                                                         \
  ".p2align 2\n\t"                                                                  \
  "1:\n\t" TR_COLUMN_M7(kind, "r8", "r9", "r10", "r11", a, b, load_a, load_b)       \
  "2:\n\t" TR_COLUMN_M7(kind, "r10", "r11", "r8", "r9", a, b, load_a, load_b)       \
  "bne 1b\n\t"                                                                      \
  "3:\n\t"                                                                          \
  "vmov r2, s2\n\t"                                                                 \
  TR_TAPS("r8", "r9", a, b, "r5", "r2", TR_ITSELF)                                  \
  TR_TAPS("r10", "r11", a, b, "r4", "r7", TR_ITSELF) load_a load_b                  \
  TR_SCALE_##kind("r8", "r9") "vmov r2, s2\n\t"                                     \
  TR_TAPS("r10", "r11", a, b, "r5", "r2", TR_ITSELF) TR_PUT_M7_##kind("r8", "r9")   \
  TR_SCALE_##kind("r10", "r11") TR_PUT_M7_##kind("r10", "r11")

#define TR_LINE_LAG_M7 4

/* A line at stride 2: of an output's window r2, lr are the last column's pairs, r11, r12 those of
 * the middle one. An output, y, is stored while the next, x, is multiplied, which leaves it the
 * time it needs: the first store of all goes before the outputs. */
#define TR_FOUR_IN_M7_0                                \
  "ldr r11, [r0], #64\n\t", "ldr r12, [r0, #-60]\n\t", \
  "ldr r2, [r0, #32]\n\t", "ldr lr, [r0, #36]\n\t"
#define TR_FOUR_IN_M7_1                              \
  "ldr r11, [r0, #4]\n\t", "ldr r12, [r0], #64\n\t", \
  "ldr r2, [r0, #36]\n\t", "ldr lr, [r0, #32]\n\t"

#define TR_PUT_ONE_M7_BYTES(sum) "ssat " sum ", #8, " sum "\n\tstrb " sum ", [r1], #4\n\t"
#define TR_PUT_ONE_M7_SUMS(sum) "str " sum ", [r1], #4\n\t"
#define TR_SCALE_ONE_M7_BYTES(sum) "smmul " sum ", " sum ", r11\n\t"
#define TR_SCALE_ONE_M7_SUMS(sum)

#define TR_OUTPUT_M7(kind, x, y, load_a, load_b, load_c, load_d, limit, over) \
  TR_A_UPPER(x, "r2", "r5", x) load_a TR_B_UPPER(x, "lr", "r8", x) load_b     \
  TR_A_UPPER(x, "r11", "r4", x) "vmov r11, s0\n\t"                            \
  TR_B_UPPER(x, "r12", "r7", x) limit TR_PUT_ONE_M7_##kind(y) over            \
  TR_A_UPPER(y, "r2", "r3", "r11") "vmov r11, s1\n\t"                         \
  TR_B_UPPER(y, "lr", "r6", y) load_c TR_SCALE_ONE_M7_##kind(x) load_d

#define TR_ONE_LINE_M7(kind, load_a, load_b, load_c, load_d)                       \
  "vmov r12, s3\n\tsub r12, r12, r1\n\tsub r0, r0, #32\n\t"                        \
  load_c load_d "vmov r8, s2\n\tvmov r11, s0\n\t"                                  \
  "add r0, r0, #64\n\t" TR_A_UPPER("r9", "r2", "r3", "r11")                        \
  TR_B_UPPER("r9", "lr", "r6", "r9") load_c load_d                                 \
  "tst r12, #4\n\tmov r10, r9\n\tbne 2f\n\t"                                       \
  ".p2align 2\n\t"                                                                 \
  "1:\n\t" TR_OUTPUT_M7(kind, "r9", "r10", load_a, load_b, load_c, load_d, "", "") \
  "2:\n\t" TR_OUTPUT_M7(kind, "r10", "r9", load_a, load_b, load_c, load_d,         \
                     "vmov r12, s3\n\t", "cmp.w r1, r12\n\t")                      \
  "bne 1b\n\t" TR_PUT_ONE_M7_##kind("r10")

/* One line at stride 1 whose B is outside the image in every column, so that it is part of the start:
 * r6, r7, r12, lr pairs A, r8 start, r9 multiplier, r10 the sum whose window's last column comes, r11
 * the next one's; s8 the outside's value. What is no multiple of four goes first. */
#define TR_EDGE_COLUMN(a)                                                                 \
  "smlad r2, " a ", r5, r10\n\tsmlad r10, " a ", r4, r11\n\tsmlad r11, " a ", r3, r8\n\t" \
  "smmul r2, r2, r9\n\tssat r2, #8, r2\n\tstrb r2, [r1], #4\n\t"

#define TR_EDGE_LINE_TEXT                                                                    \
  "vmov r8, s0\n\tvmov r9, s8\n\tvmov r10, s2\n\t"                                         \
  "smlabt r8, r9, r6, r8\n\tsmlabt r8, r9, r7, r8\n\tsmlabt r8, r9, r10, r8\n\t"           \
  "ldr r7, [r0, #32]\n\tldr r6, [r0], #64\n\tvmov r9, s1\n\t"                              \
  "smlad r10, r6, r3, r8\n\tsmlad r10, r7, r4, r10\n\tsmlad r11, r7, r3, r8\n\t"           \
  "vmov r2, s3\n\tsub r12, r2, r1\n\tands lr, r12, #12\n\tbeq 2f\n\t"                      \
  "1:\n\tldr r6, [r0], #32\n\t" TR_EDGE_COLUMN("r6") "subs lr, lr, #4\n\tbne 1b\n\t"       \
  "vmov r2, s3\n\tcmp.w r1, r2\n\tbeq 4f\n\t"                                              \
  ".p2align 2\n\t2:\n\t"                                                                   \
  "ldr r7, [r0, #32]\n\tldr r12, [r0, #64]\n\tldr lr, [r0, #96]\n\tldr r6, [r0], #128\n\t" \
  TR_EDGE_COLUMN("r6") TR_EDGE_COLUMN("r7") TR_EDGE_COLUMN("r12") TR_EDGE_COLUMN("lr")       \
  "vmov r2, s3\n\tcmp.w r1, r2\n\tbne 2b\n\t4:\n\t"
#define TR_EDGE_LINE TR_CHANNELS(TR_EDGE_LINE_TEXT)

/* By how many bytes a line's text stores behind what it makes. */
TR_INLINE int32_t tr_line_lag(const tr_form form) {
  return tr_is_m7(form) ? TR_LINE_LAG_M7 : TR_LINE_LAG_M4;
}

/* Two lines of outputs at stride 1, one at stride 2; `slot` is that of A, `core` M4 or M7. */
#define TR_TEXT(macro, ...) macro(__VA_ARGS__)
#define TR_TWO_LINES(core, kind, slot) \
  TR_CHANNELS(TR_TEXT(TR_TWO_LINES_##core, kind, TR_PAIR_IN_##core##_##slot))
#define TR_ONE_LINE(core, kind, slot) \
  TR_CHANNELS(TR_TEXT(TR_ONE_LINE_##core, kind, TR_FOUR_IN_##core##_##slot))

#endif
