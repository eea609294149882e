/* One unit of a 3 x 2 tile on a weight stream (arm/weight_stream.h), for each form. r0 and r1 are
 * the addresses of the words before the next of the panel and of the stream, so that the last load
 * of a unit can move them on: one that follows its own base's write-back waits. r3-r8 are the sums
 * [column][row], all others temporaries; r2, r9-r12 and lr are dead after the unit but for
 * TR_TAIL_REGISTER, into which `tail`, a load beside the unit's last, may bring a word.
 *
 * TR_CHAIN_START begins with r3 and r6 as the start values of a column's three sums; r1 is two
 * words behind.
 *
 * Units are chained: what begins a chain ends in TR_CHAIN_ENTRY, which says in TR_CHAIN_REGISTER
 * where it goes on, TR_CHAIN_UNIT follows, TR_CHAIN_LAST ends it, and TR_CHAIN_AGAIN takes it up
 * again. */
#ifndef TINYRIG_STREAM_UNIT_H
#define TINYRIG_STREAM_UNIT_H

#define TR_MULTIPLY(sum, x, w, from) "smlad " sum ", " x ", " w ", " from "\n\t"

#define TR_MULTIPLY_ROWS(s0, s1, s2, x0, x1, x2, w) \
  TR_MULTIPLY(s0, x0, w, s0) TR_MULTIPLY(s1, x1, w, s1) TR_MULTIPLY(s2, x2, w, s2)

/* From one start value for three sums: it is read last. */
#define TR_BEGIN_3X1(s0, s1, s2, x0, x1, x2, w) \
  TR_MULTIPLY(s1, x1, w, s0) TR_MULTIPLY(s2, x2, w, s0) TR_MULTIPLY(s0, x0, w, s0)

/* Cortex-M4: the rows' loads stand together, and so do those of two words of weights. */
#define TR_TAIL_REGISTER_M4 "r9"

#define TR_STEP_M4(multiply, w, x0, x1, x2, tail)                                     \
  "ldr r11, [r0, #" x0 "]\n\tldr r12, [r0, #" x1 "]\n\tldr lr, [r0, #" x2 "\n\t" tail \
  "sxtb16 r2, " w "\n\t"                                                              \
  "sxtb16 " w ", " w ", ror #8\n\t"                                                   \
  multiply("r3", "r4", "r5", "r11", "r12", "lr", "r2")                                \
  multiply("r6", "r7", "r8", "r11", "r12", "lr", w)

#define TR_TWO_WORDS_M4(w0, w1) "ldr r9, [r1, #" w0 "]\n\tldr r10, [r1, #" w1 "\n\t"

#define TR_UNIT_OF_GROUPS_M4(multiply, w0, w1, w2, w3, tail) \
  TR_TWO_WORDS_M4(w0, w1)                                    \
  TR_STEP_M4(multiply, "r9", "4", "12", "20]", "")           \
  TR_STEP_M4(TR_MULTIPLY_ROWS, "r10", "8", "16", "24]", "")  \
  TR_TWO_WORDS_M4(w2, w3)                                    \
  TR_STEP_M4(TR_MULTIPLY_ROWS, "r9", "28", "36", "44]", "")  \
  TR_STEP_M4(TR_MULTIPLY_ROWS, "r10", "32", "40", "48]!", tail)

#define TR_CHAIN_LAST_M4(tail) \
  TR_UNIT_OF_GROUPS_M4(TR_MULTIPLY_ROWS, "4", "8]", "12", "16]!", tail)
#define TR_CHAIN_START_M4(tail) TR_UNIT_OF_GROUPS_M4(TR_BEGIN_3X1, "12", "16]", "20", "24]!", tail)

#define TR_CHAIN_REGISTER_M4 TR_TAIL_REGISTER_M4
#define TR_CHAIN_AGAIN_M4 ""
#define TR_CHAIN_UNIT_M4 TR_CHAIN_LAST_M4("")
#define TR_CHAIN_FIRST_M4(entry) TR_CHAIN_LAST_M4(entry)

/* Nibbles: a word serves two steps, sixteen times its weights at a time. */
#define TR_TAIL_REGISTER_M4_NIBBLES "r10"

#define TR_WORD_M4_NIBBLES(multiply, w, x0, x1, x2, z0, z1, z2, tail)                  \
  "ldr r9, [r1, #" w "\n\t"                                                            \
  "ldr r11, [r0, #" x0 "]\n\tldr r12, [r0, #" x1 "]\n\tldr lr, [r0, #" x2 "]\n\t"      \
  "and r10, r9, #0xF0F0F0F0\n\t"                                                       \
  "sxtb16 r2, r10\n\t"                                                                 \
  "sxtb16 r10, r10, ror #8\n\t"                                                        \
  multiply("r3", "r4", "r5", "r11", "r12", "lr", "r2")                                 \
  multiply("r6", "r7", "r8", "r11", "r12", "lr", "r10")                                \
  "ldr r11, [r0, #" z0 "]\n\tldr r12, [r0, #" z1 "]\n\tldr lr, [r0, #" z2 "\n\t" tail  \
  "lsl r9, r9, #4\n\t"                                                                 \
  "and r9, r9, #0xF0F0F0F0\n\t"                                                        \
  "sxtb16 r2, r9\n\t"                                                                  \
  "sxtb16 r9, r9, ror #8\n\t"                                                          \
  TR_MULTIPLY_ROWS("r3", "r4", "r5", "r11", "r12", "lr", "r2")                         \
  TR_MULTIPLY_ROWS("r6", "r7", "r8", "r11", "r12", "lr", "r9")

#define TR_UNIT_M4_NIBBLES(multiply, w0, w1, tail)                                 \
  TR_WORD_M4_NIBBLES(multiply, w0, "4", "12", "20", "8", "16", "24]", "")          \
  TR_WORD_M4_NIBBLES(TR_MULTIPLY_ROWS, w1, "28", "36", "44", "32", "40", "48]!", tail)

#define TR_CHAIN_LAST_M4_NIBBLES(tail) TR_UNIT_M4_NIBBLES(TR_MULTIPLY_ROWS, "4]", "8]!", tail)
#define TR_CHAIN_START_M4_NIBBLES(tail) TR_UNIT_M4_NIBBLES(TR_BEGIN_3X1, "12]", "16]!", tail)

#define TR_CHAIN_REGISTER_M4_NIBBLES TR_TAIL_REGISTER_M4_NIBBLES
#define TR_CHAIN_AGAIN_M4_NIBBLES ""
#define TR_CHAIN_UNIT_M4_NIBBLES TR_CHAIN_LAST_M4_NIBBLES("")

/* The same for Cortex-M7: every multiplication issues beside another instruction. The registers of
 * two steps (a, b, x0, x1, x2, word) become (x1, a, x0, word, x2, b). */
#define TR_TAIL_REGISTER_M7_NIBBLES "r2"

#define TR_FIRST_STEP_M7_NIBBLES(w0, x0, x1, x2, m0, m1, m2, m3, m4, m5) \
  "ldr r9, [r1, #" w0 "\n\t"                                             \
  "ldr r11, [r0, #" x0 "]\n\t"                                           \
  "ldr r12, [r0, #" x1 "]\n\t"                                           \
  "and r10, r9, #0xF0F0F0F0\n\t"                                         \
  "ldr lr, [r0, #" x2 "]\n\t"                                            \
  "sxtb16 r2, r10\n\t"                                                   \
  "sxtb16 r10, r10, ror #8\n\t" m0                                       \
  "lsl r9, r9, #4\n\t" m1                                                \
  "ldr r11, [r0, #8]\n\t" m2                                             \
  "and r9, r9, #0xF0F0F0F0\n\t" m3                                       \
  "sxtb16 r12, r9\n\t" m4                                                \
  "sxtb16 r9, r9, ror #8\n\t" m5

#define TR_UNIT_REST_M7_NIBBLES(w1, tail)                                          \
  TR_MULTIPLY("r3", "r11", "r12", "r3") "ldr r2, [r0, #16]\n\t"                    \
  TR_MULTIPLY("r6", "r11", "r9", "r6") "ldr lr, [r0, #24]\n\t"                     \
  TR_MULTIPLY("r4", "r2", "r12", "r4") "ldr r10, [r1, #" w1 "\n\t"                 \
  TR_MULTIPLY("r7", "r2", "r9", "r7") "ldr r11, [r0, #28]\n\t"                     \
  "and r2, r10, #0xF0F0F0F0\n\t" TR_MULTIPLY("r5", "lr", "r12", "r5")              \
  "sxtb16 r12, r2\n\t" TR_MULTIPLY("r8", "lr", "r9", "r8")                         \
  "sxtb16 r2, r2, ror #8\n\t"                                                      \
  TR_MULTIPLY("r3", "r11", "r12", "r3") "ldr r9, [r0, #36]\n\t"                    \
  TR_MULTIPLY("r6", "r11", "r2", "r6") "ldr lr, [r0, #44]\n\t"                     \
  "lsl r10, r10, #4\n\t" TR_MULTIPLY("r4", "r9", "r12", "r4")                      \
  TR_MULTIPLY("r7", "r9", "r2", "r7") "ldr r11, [r0, #32]\n\t"                     \
  "and r10, r10, #0xF0F0F0F0\n\t" TR_MULTIPLY("r5", "lr", "r12", "r5")             \
  "sxtb16 r9, r10\n\t" TR_MULTIPLY("r8", "lr", "r2", "r8")                         \
  "sxtb16 r10, r10, ror #8\n\t"                                                    \
  TR_MULTIPLY("r3", "r11", "r9", "r3") "ldr r12, [r0, #40]\n\t"                    \
  TR_MULTIPLY("r6", "r11", "r10", "r6") "ldr lr, [r0, #48]!\n\t"                   \
  TR_MULTIPLY("r4", "r12", "r9", "r4") tail TR_MULTIPLY("r7", "r12", "r10", "r7")  \
  TR_MULTIPLY("r5", "lr", "r9", "r5") TR_MULTIPLY("r8", "lr", "r10", "r8")

#define TR_CHAIN_LAST_M7_NIBBLES(tail)                                         \
  TR_FIRST_STEP_M7_NIBBLES("4]", "4", "12", "20",                              \
                           TR_MULTIPLY("r3", "r11", "r2", "r3"),               \
                           TR_MULTIPLY("r6", "r11", "r10", "r6"),              \
                           TR_MULTIPLY("r4", "r12", "r2", "r4"),               \
                           TR_MULTIPLY("r7", "r12", "r10", "r7"),              \
                           TR_MULTIPLY("r5", "lr", "r2", "r5"),                \
                           TR_MULTIPLY("r8", "lr", "r10", "r8"))               \
  TR_UNIT_REST_M7_NIBBLES("8]!", tail)

#define TR_CHAIN_START_M7_NIBBLES(tail)                                        \
  TR_FIRST_STEP_M7_NIBBLES("12]", "12", "20", "4",                             \
                           TR_MULTIPLY("r4", "r11", "r2", "r3"),               \
                           TR_MULTIPLY("r7", "r11", "r10", "r6"),              \
                           TR_MULTIPLY("r5", "r12", "r2", "r3"),               \
                           TR_MULTIPLY("r8", "r12", "r10", "r6"),              \
                           TR_MULTIPLY("r3", "lr", "r2", "r3"),                \
                           TR_MULTIPLY("r6", "lr", "r10", "r6"))               \
  TR_UNIT_REST_M7_NIBBLES("16]!", tail)

#define TR_CHAIN_REGISTER_M7_NIBBLES TR_TAIL_REGISTER_M7_NIBBLES
#define TR_CHAIN_AGAIN_M7_NIBBLES ""
#define TR_CHAIN_UNIT_M7_NIBBLES TR_CHAIN_LAST_M7_NIBBLES("")

/* Cortex-M7: every multiplication issues beside a load, or, as the younger of the two, beside a
 * widening of what was loaded two cycles before. The registers of a step (a, b, x0, x1, x2, w)
 * become (x1, w, x0, a, x2, b). */
#define TR_TAIL_REGISTER_M7 "r9"

#define TR_STEP_M7(a, b, x0, x1, x2, w, this_x1, this_x2, next_w, next_x0) \
  TR_MULTIPLY("r3", x0, a, "r3") "ldr " x1 ", [r0, #" this_x1 "]\n\t"      \
  TR_MULTIPLY("r6", x0, b, "r6") "ldr " x2 ", [r0, #" this_x2 "]\n\t"      \
  TR_MULTIPLY("r4", x1, a, "r4") "ldr " w ", [r1, #" next_w "\n\t"         \
  TR_MULTIPLY("r7", x1, b, "r7") "ldr " x0 ", [r0, #" next_x0 "]\n\t"      \
  "sxtb16 " x1 ", " w "\n\t" TR_MULTIPLY("r5", x2, a, "r5")                \
  "sxtb16 " w ", " w ", ror #8\n\t" TR_MULTIPLY("r8", x2, b, "r8")

/* The first step of a unit, its words x0, x1 and x2 in the order in which they are multiplied. */
#define TR_FIRST_STEP_M7(w0, w1, x0, x1, x2, m0, m1, m2, m3, m4, m5) \
  "ldr r9, [r1, #" w0 "]\n\t"                                        \
  "ldr r11, [r0, #" x0 "]\n\t"                                       \
  "ldr r10, [r1, #" w1 "\n\t"                                        \
  "ldr r12, [r0, #" x1 "]\n\t"                                       \
  "sxtb16 r2, r9\n\t"                                                \
  "ldr lr, [r0, #" x2 "]\n\t"                                        \
  "sxtb16 r9, r9, ror #8\n\t" m0                                     \
  m1 "ldr r11, [r0, #8]\n\t"                                         \
  m2 m3                                                              \
  "sxtb16 r12, r10\n\t" m4                                           \
  "sxtb16 r10, r10, ror #8\n\t" m5

#define TR_UNIT_REST_M7(w2, w3, tail)                                            \
  TR_STEP_M7("r12", "r10", "r11", "r2", "lr", "r9", "16", "24", w2, "28")        \
  TR_STEP_M7("r2", "r9", "r11", "r12", "lr", "r10", "36", "44", w3, "32")        \
  TR_MULTIPLY("r3", "r11", "r12", "r3") "ldr r2, [r0, #40]\n\t"                  \
  TR_MULTIPLY("r6", "r11", "r10", "r6") "ldr lr, [r0, #48]!\n\t"                 \
  TR_MULTIPLY("r4", "r2", "r12", "r4") tail TR_MULTIPLY("r7", "r2", "r10", "r7") \
  TR_MULTIPLY("r5", "lr", "r12", "r5") TR_MULTIPLY("r8", "lr", "r10", "r8")

#define TR_CHAIN_LAST_M7(tail)                                                              \
  TR_FIRST_STEP_M7("4", "8]", "4", "12", "20",                                              \
                TR_MULTIPLY("r3", "r11", "r2", "r3"), TR_MULTIPLY("r6", "r11", "r9", "r6"), \
                TR_MULTIPLY("r4", "r12", "r2", "r4"), TR_MULTIPLY("r7", "r12", "r9", "r7"), \
                TR_MULTIPLY("r5", "lr", "r2", "r5"), TR_MULTIPLY("r8", "lr", "r9", "r8"))   \
  TR_UNIT_REST_M7("12]", "16]!", tail)

#define TR_CHAIN_START_M7(tail)                                                             \
  TR_FIRST_STEP_M7("12", "16]", "12", "20", "4",                                            \
                TR_MULTIPLY("r4", "r11", "r2", "r3"), TR_MULTIPLY("r7", "r11", "r9", "r6"), \
                TR_MULTIPLY("r5", "r12", "r2", "r3"), TR_MULTIPLY("r8", "r12", "r9", "r6"), \
                TR_MULTIPLY("r3", "lr", "r2", "r3"), TR_MULTIPLY("r6", "lr", "r9", "r6"))   \
  TR_UNIT_REST_M7("20]", "24]!", tail)

#define TR_CHAIN_REGISTER_M7 TR_TAIL_REGISTER_M7
#define TR_CHAIN_AGAIN_M7 ""
#define TR_CHAIN_UNIT_M7 TR_CHAIN_LAST_M7("")
#define TR_CHAIN_FIRST_M7(entry) TR_CHAIN_LAST_M7(entry)

/* Cortex-M4: neighbouring loads of one memory pipeline. */
#define TR_TAIL_REGISTER_M4_WIDE "r2"

#define TR_STEP_M4_WIDE(multiply, w0, w1, x0, x1, x2, tail)                           \
  "ldr r9, [r1, #" w0 "]\n\tldr r10, [r1, #" w1 "\n\t"                                \
  "ldr r11, [r0, #" x0 "]\n\tldr r12, [r0, #" x1 "]\n\tldr lr, [r0, #" x2 "\n\t" tail \
  multiply("r3", "r4", "r5", "r11", "r12", "lr", "r9")                                \
  multiply("r6", "r7", "r8", "r11", "r12", "lr", "r10")

#define TR_CHAIN_LAST_M4_WIDE(tail)                                     \
  TR_STEP_M4_WIDE(TR_MULTIPLY_ROWS, "4", "12]", "4", "12", "20]", "")   \
  TR_STEP_M4_WIDE(TR_MULTIPLY_ROWS, "8", "16]", "8", "16", "24]", "")   \
  TR_STEP_M4_WIDE(TR_MULTIPLY_ROWS, "20", "28]", "28", "36", "44]", "") \
  TR_STEP_M4_WIDE(TR_MULTIPLY_ROWS, "24", "32]!", "32", "40", "48]!", tail)

/* The same, from a start value for each row: r3, r4 and r5. */
#define TR_CHAIN_ROWS_START_M4_WIDE(entry)                              \
  "ldr r9, [r1, #4]\n\tldr r10, [r1, #12]\n\t"                          \
  "ldr r11, [r0, #4]\n\tldr r12, [r0, #12]\n\tldr lr, [r0, #20]\n\t"    \
  TR_MULTIPLY("r6", "r11", "r10", "r3")                                 \
  TR_MULTIPLY("r7", "r12", "r10", "r4")                                 \
  TR_MULTIPLY("r8", "lr", "r10", "r5")                                  \
  TR_MULTIPLY_ROWS("r3", "r4", "r5", "r11", "r12", "lr", "r9")          \
  TR_STEP_M4_WIDE(TR_MULTIPLY_ROWS, "8", "16]", "8", "16", "24]", "")   \
  TR_STEP_M4_WIDE(TR_MULTIPLY_ROWS, "20", "28]", "28", "36", "44]", "") \
  TR_STEP_M4_WIDE(TR_MULTIPLY_ROWS, "24", "32]!", "32", "40", "48]!", entry)

#define TR_CHAIN_START_M4_WIDE(tail)                                    \
  TR_STEP_M4_WIDE(TR_BEGIN_3X1, "12", "20]", "4", "12", "20]", "")      \
  TR_STEP_M4_WIDE(TR_MULTIPLY_ROWS, "16", "24]", "8", "16", "24]", "")  \
  TR_STEP_M4_WIDE(TR_MULTIPLY_ROWS, "28", "36]", "28", "36", "44]", "") \
  TR_STEP_M4_WIDE(TR_MULTIPLY_ROWS, "32", "40]!", "32", "40", "48]!", tail)

#define TR_CHAIN_REGISTER_M4_WIDE TR_TAIL_REGISTER_M4_WIDE
#define TR_CHAIN_AGAIN_M4_WIDE ""
#define TR_CHAIN_UNIT_M4_WIDE TR_CHAIN_LAST_M4_WIDE("")
#define TR_CHAIN_FIRST_M4_WIDE(entry) TR_CHAIN_LAST_M4_WIDE(entry)

/* Cortex-M7: every multiplication issues beside a load of what comes two or more cycles later.
 * The registers of a step (w0, w1, x0, x1, x2, free) become (free, x1, x0, w0, x2, w1). */
#define TR_TAIL_REGISTER_M7_WIDE "r9"

#define TR_STEP_M7_WIDE(w0, w1, x0, x1, x2, spare, this_x2, next_w0, next_x0, next_w1, next_x1) \
  TR_MULTIPLY("r3", x0, w0, "r3") "ldr " x2 ", [r0, #" this_x2 "]\n\t"                          \
  TR_MULTIPLY("r6", x0, w1, "r6") "ldr " spare ", [r1, #" next_w0 "]\n\t"                       \
  TR_MULTIPLY("r4", x1, w0, "r4") "ldr " x0 ", [r0, #" next_x0 "]\n\t"                          \
  TR_MULTIPLY("r7", x1, w1, "r7") "ldr " x1 ", [r1, #" next_w1 "\n\t"                           \
  TR_MULTIPLY("r5", x2, w0, "r5") "ldr " w0 ", [r0, #" next_x1 "]\n\t"                          \
  TR_MULTIPLY("r8", x2, w1, "r8")

#define TR_UNIT_LOADS_M7_WIDE(w0, w1) \
  "ldr r9, [r1, #" w0 "]\n\t"         \
  "ldr r11, [r0, #4]\n\t"             \
  "ldr r10, [r1, #" w1 "]\n\t"        \
  "ldr r12, [r0, #12]\n\t"

#define TR_UNIT_MIDDLE_M7_WIDE(w2_0, w2_1, w3_0, w3_1)                                 \
  TR_STEP_M7_WIDE("r2", "r12", "r11", "r9", "lr", "r10", "24", w2_0, "28", w2_1, "36") \
  TR_STEP_M7_WIDE("r10", "r9", "r11", "r2", "lr", "r12", "44", w3_0, "32", w3_1, "40")

#define TR_UNIT_END_M7_WIDE(tail)                                            \
  TR_MULTIPLY("r3", "r11", "r12", "r3") "ldr lr, [r0, #48]!\n\t"             \
  TR_MULTIPLY("r6", "r11", "r2", "r6") tail                                  \
  TR_MULTIPLY("r4", "r10", "r12", "r4") TR_MULTIPLY("r7", "r10", "r2", "r7") \
  TR_MULTIPLY("r5", "lr", "r12", "r5") TR_MULTIPLY("r8", "lr", "r2", "r8")

/* The same beside the first loads of the next unit. */
#define TR_UNIT_NEXT_M7_WIDE                                     \
  TR_MULTIPLY("r3", "r11", "r12", "r3") "ldr lr, [r0, #48]!\n\t" \
  TR_MULTIPLY("r6", "r11", "r2", "r6") "ldr r9, [r1, #4]\n\t"    \
  TR_MULTIPLY("r4", "r10", "r12", "r4") "ldr r11, [r0, #4]\n\t"  \
  TR_MULTIPLY("r7", "r10", "r2", "r7")                           \
  TR_MULTIPLY("r5", "lr", "r12", "r5") "ldr r10, [r1, #12]\n\t"  \
  TR_MULTIPLY("r8", "lr", "r2", "r8") "ldr r12, [r0, #12]\n\t"

#define TR_UNIT_HEAD_M7_WIDE \
  TR_STEP_M7_WIDE("r9", "r10", "r11", "r12", "lr", "r2", "20", "8", "8", "16]", "16")

#define TR_CHAIN_REGISTER_M7_WIDE "lr"
#define TR_CHAIN_AGAIN_M7_WIDE TR_UNIT_LOADS_M7_WIDE("4", "12")
#define TR_CHAIN_UNIT_M7_WIDE \
  TR_UNIT_HEAD_M7_WIDE TR_UNIT_MIDDLE_M7_WIDE("20", "28]", "24", "32]!") TR_UNIT_NEXT_M7_WIDE
#define TR_CHAIN_LAST_M7_WIDE(tail) \
  TR_UNIT_HEAD_M7_WIDE TR_UNIT_MIDDLE_M7_WIDE("20", "28]", "24", "32]!") TR_UNIT_END_M7_WIDE(tail)
#define TR_CHAIN_FIRST_M7_WIDE(entry) TR_CHAIN_AGAIN_M7_WIDE TR_CHAIN_UNIT_M7_WIDE entry

/* The same, from a start value for each row: r3, r4 and r5. */
#define TR_CHAIN_ROWS_START_M7_WIDE(entry)                      \
  TR_UNIT_LOADS_M7_WIDE("4", "12")                              \
  TR_MULTIPLY("r6", "r11", "r10", "r3") "ldr lr, [r0, #20]\n\t" \
  TR_MULTIPLY("r3", "r11", "r9", "r3") "ldr r2, [r1, #8]\n\t"   \
  TR_MULTIPLY("r7", "r12", "r10", "r4") "ldr r11, [r0, #8]\n\t" \
  TR_MULTIPLY("r4", "r12", "r9", "r4") "ldr r12, [r1, #16]\n\t" \
  TR_MULTIPLY("r8", "lr", "r10", "r5")                          \
  TR_MULTIPLY("r5", "lr", "r9", "r5") "ldr r9, [r0, #16]\n\t"   \
  TR_UNIT_MIDDLE_M7_WIDE("20", "28]", "24", "32]!") TR_UNIT_NEXT_M7_WIDE entry

#define TR_CHAIN_START_M7_WIDE(entry)                           \
  TR_UNIT_LOADS_M7_WIDE("12", "20")                             \
  TR_MULTIPLY("r4", "r12", "r9", "r3") "ldr lr, [r0, #20]\n\t"  \
  TR_MULTIPLY("r7", "r12", "r10", "r6") "ldr r2, [r1, #16]\n\t" \
  TR_MULTIPLY("r5", "lr", "r9", "r3") "ldr r12, [r1, #24]\n\t"  \
  TR_MULTIPLY("r8", "lr", "r10", "r6")                          \
  TR_MULTIPLY("r3", "r11", "r9", "r3") "ldr r9, [r0, #16]\n\t"  \
  TR_MULTIPLY("r6", "r11", "r10", "r6") "ldr r11, [r0, #8]\n\t" \
  TR_UNIT_MIDDLE_M7_WIDE("28", "36]", "32", "40]!") TR_UNIT_NEXT_M7_WIDE entry

/* Of a form (arm/form.h). */
#define TR_TAIL_REGISTER(form) TR_TAIL_REGISTER_##form
#define TR_CHAIN_REGISTER(form) TR_CHAIN_REGISTER_##form
#define TR_CHAIN_START(form, entry) TR_CHAIN_START_##form(entry)
#define TR_CHAIN_FIRST(form, entry) TR_CHAIN_FIRST_##form(entry)
#define TR_CHAIN_AGAIN(form) TR_CHAIN_AGAIN_##form
#define TR_CHAIN_UNIT(form) TR_CHAIN_UNIT_##form
#define TR_CHAIN_LAST(form, tail) TR_CHAIN_LAST_##form(tail)

#endif
