/* The texts of arm/depthwise_odd.h. Sums of four cells in r3 to r6; r0 walks along pairs, r1 along
 * weights. Stack: the words of tr_odd_row from y_end on, where to begin in place of `skip`. */
#ifndef TINYRIG_DEPTHWISE_ODD_ROWS_H
#define TINYRIG_DEPTHWISE_ODD_ROWS_H

#define TR_ODD_EVEN(a, w, sum) "smlad " sum ", " a ", " w ", " sum "\n\t"
#define TR_ODD_UPPER(a, w, sum) "smlatb " sum ", " a ", " w ", " sum "\n\t"
#define TR_ODD_LOWER(a, w, sum) "smlabt " sum ", " a ", " w ", " sum "\n\t"

/* Cortex-M4: pairs in r8, r9, r10, weights in r11, r12, lr. Loads stand together, for it pipelines
 * neighbouring loads, and compilers part them. */
#define TR_ODD_EVEN_AND_ODD(a, b, even, odd)                    \
  TR_ODD_EVEN(a, even, "r3") TR_ODD_EVEN(a, odd, "r4")          \
  TR_ODD_EVEN(b, even, "r5") TR_ODD_EVEN(b, odd, "r6")
#define TR_ODD_FIRST(a, b, even)                                \
  TR_ODD_EVEN(a, even, "r3") TR_ODD_UPPER(a, even, "r4")        \
  TR_ODD_EVEN(b, even, "r5") TR_ODD_UPPER(b, even, "r6")
#define TR_ODD_LAST(a, b, odd)                                  \
  TR_ODD_LOWER(a, odd, "r3") TR_ODD_EVEN(a, odd, "r4")          \
  TR_ODD_LOWER(b, odd, "r5") TR_ODD_EVEN(b, odd, "r6")

#define TR_ODD_THREE_PAIRS "ldr.w r8, [r0]\n\tldr.w r9, [r0, #16]\n\tldr.w r10, [r0, #32]\n\t"
#define TR_ODD_M4_3                                                                     \
  TR_ODD_THREE_PAIRS "ldr.w r12, [r1, #4]\n\tldr r11, [r1], #8\n\tadd.w r0, r0, r2\n\t" \
  TR_ODD_FIRST("r8", "r9", "r11") TR_ODD_LAST("r9", "r10", "r12")
#define TR_ODD_TWO_STEPS                                                                        \
  TR_ODD_THREE_PAIRS "ldr.w r12, [r1, #4]\n\tldr.w lr, [r1, #8]\n\tldr r11, [r1], #12\n\t"      \
  TR_ODD_FIRST("r8", "r9", "r11") TR_ODD_EVEN_AND_ODD("r9", "r10", "lr", "r12")
#define TR_ODD_M4_5                                                                         \
  TR_ODD_TWO_STEPS "ldr.w r8, [r0, #48]\n\tldr r11, [r1], #4\n\tadd.w r0, r0, r2\n\t"       \
  TR_ODD_LAST("r10", "r8", "r11")
#define TR_ODD_M4_7                                                                             \
  TR_ODD_TWO_STEPS "ldr.w r8, [r0, #48]\n\tldr.w r9, [r0, #64]\n\tldr.w lr, [r1, #4]\n\t"       \
  "ldr.w r12, [r1, #8]\n\tldr r11, [r1], #12\n\tadd.w r0, r0, r2\n\t"                           \
  TR_ODD_EVEN_AND_ODD("r10", "r8", "lr", "r11") TR_ODD_LAST("r8", "r9", "r12")

/* Rows run five at a time, on Cortex-M7 three; the first time round enters where a multiple of them
 * is left. A channel's words stand below r0 and r1 on the stack. */
#define TR_ODD_PUSH                                                                                 \
  "push {r7}\n\t.p2align 2\n\t8:\n\tpush {r0, r1}\n\tadd.w r8, r0, #12\n\t"                           \
  "ldm r8, {r3, r4, r5, r6, r8, r9, r10, r11}\n\t"                                                  \
  "adr.w r1, 2f\n\tadr.w r2, 3f\n\tsubs r2, r2, r1\n\tmla r9, r2, r9, r1\n\torr r9, r9, #1\n\t"
#define TR_ODD_OPEN "push {r3, r4, r5, r6, r8, r9, r10, r11}\n\tldm r0, {r0, r2, r7}\n\t"
#define TR_ODD_CLOSE                                                                       \
  "6:\n\tstr r3, [r7], #4\n\tstr r4, [r7], #4\n\tstr r5, [r7], #4\n\tstr r6, [r7], #4\n\t" \
  "cmp r7, r8\n\tbne.w 4b\n\t7:\n\tadd sp, sp, #32\n\tpop {r0, r1}\n\tadds r0, #44\n\t"       \
  "cmp r0, r1\n\tbne.w 8b\n\tpop {r7}\n\t"

#define TR_ODD_TEXT_M4(width)                                                                \
  TR_ODD_PUSH TR_ODD_OPEN                                                                    \
  "movs r3, #0\n\tmov.w r8, r3\n\tb 5f\n\t"                                                  \
  ".p2align 2\n\t4:\n\tldr.w r8, [sp, #12]\n\t"                                              \
  "5:\n\tldr.w r3, [sp, #4]\n\tldr.w r1, [sp, #8]\n\tldr.w r9, [sp, #20]\n\t"                \
  "add.w r0, r0, r8\n\tmov.w r4, r3\n\tmov.w r5, r3\n\tmov.w r6, r3\n\tbx r9\n\t"            \
  ".p2align 2\n\t2:\n\t" TR_ODD_M4_##width "3:\n\t" TR_ODD_M4_##width TR_ODD_M4_##width      \
  TR_ODD_M4_##width TR_ODD_M4_##width                                                        \
  "ldr.w r8, [sp, #16]\n\tcmp r1, r8\n\tbne.w 2b\n\t"                                        \
  "ldr.w r8, [sp]\n\tldr.w r9, [sp, #24]\n\tldr.w r1, [sp, #28]\n\tcbz r1, 6f\n\t"           \
  "smmul r3, r3, r9\n\tsmmul r4, r4, r9\n\tsmmul r5, r5, r9\n\tsmmul r6, r6, r9\n\t"         \
  "add.w r9, r7, r1, lsl #1\n\t"                                                             \
  "ssat r3, #8, r3\n\tssat r4, #8, r4\n\tssat r5, #8, r5\n\tssat r6, #8, r6\n\t"             \
  "strb.w r3, [r7]\n\tstrb.w r4, [r7, r1]\n\tstrb.w r5, [r9]\n\tstrb.w r6, [r9, r1]\n\t"     \
  "add.w r7, r9, r1, lsl #1\n\tcmp r7, r8\n\tbne.w 4b\n\tb 7f\n\t" TR_ODD_CLOSE

/* Cortex-M7: every load issues beside a multiplication, two or more before its use. A row begins
 * with its first two pairs in r8 and r9 and its first weights in r11; `next` loads those of the row
 * behind, which the last row has not. */
#define TR_ODD_AND(text) text "\n\t"
#define TR_ODD_NOTHING(text)
#define TR_ODD_M7_3(next)                                                                   \
  TR_ODD_EVEN("r8", "r11", "r3") "ldr.w r12, [r1, #4]\n\t"                                  \
  TR_ODD_UPPER("r8", "r11", "r4") "ldr.w r10, [r0, #32]\n\t"                                \
  TR_ODD_EVEN("r9", "r11", "r5") "add.w r0, r0, r2\n\t"                                     \
  TR_ODD_UPPER("r9", "r11", "r6") next("ldr.w r11, [r1, #8]")                               \
  TR_ODD_LOWER("r9", "r12", "r3") next("ldr.w r8, [r0]") TR_ODD_EVEN("r9", "r12", "r4")     \
  next("ldr.w r9, [r0, #16]") TR_ODD_LOWER("r10", "r12", "r5") "add.w r1, r1, #8\n\t"       \
  TR_ODD_EVEN("r10", "r12", "r6")
#define TR_ODD_M7_5(next)                                                                   \
  TR_ODD_EVEN("r8", "r11", "r3") "ldr.w r10, [r0, #32]\n\t"                                 \
  TR_ODD_UPPER("r8", "r11", "r4") "ldr.w lr, [r1, #12]\n\t"                                 \
  TR_ODD_EVEN("r9", "r11", "r5") "ldr.w r8, [r0, #48]\n\t"                                  \
  TR_ODD_UPPER("r9", "r11", "r6") "ldr.w r12, [r1, #8]\n\t"                                 \
  TR_ODD_LOWER("r10", "lr", "r3") next("ldr.w r11, [r1, #16]")                              \
  TR_ODD_EVEN("r10", "lr", "r4") "add.w r0, r0, r2\n\t"                                     \
  TR_ODD_LOWER("r8", "lr", "r5") TR_ODD_EVEN("r8", "lr", "r6") "ldr.w lr, [r1, #4]\n\t"     \
  TR_ODD_EVEN("r9", "r12", "r3") next("ldr.w r8, [r0]")                                     \
  TR_ODD_EVEN("r9", "lr", "r4") next("ldr.w r9, [r0, #16]")                                 \
  TR_ODD_EVEN("r10", "r12", "r5") "add.w r1, r1, #16\n\t" TR_ODD_EVEN("r10", "lr", "r6")
#define TR_ODD_M7_7(next)                                                                   \
  TR_ODD_EVEN("r8", "r11", "r3") "ldr.w lr, [r1, #20]\n\t"                                  \
  TR_ODD_UPPER("r8", "r11", "r4") "ldr.w r8, [r0, #48]\n\t"                                 \
  TR_ODD_EVEN("r9", "r11", "r5") "ldr.w r10, [r0, #64]\n\t"                                 \
  TR_ODD_UPPER("r9", "r11", "r6") "ldr.w r12, [r1, #16]\n\t"                                \
  TR_ODD_LOWER("r8", "lr", "r3") "ldr.w r11, [r1, #12]\n\t" TR_ODD_EVEN("r8", "lr", "r4")   \
  TR_ODD_LOWER("r10", "lr", "r5") TR_ODD_EVEN("r10", "lr", "r6") "ldr.w r10, [r0, #32]\n\t" \
  TR_ODD_EVEN("r8", "r12", "r5") "ldr.w lr, [r1, #8]\n\t"                                   \
  TR_ODD_EVEN("r8", "r11", "r6") "add.w r0, r0, r2\n\t"                                     \
  TR_ODD_EVEN("r10", "r12", "r3") "ldr.w r12, [r1, #4]\n\t"                                 \
  TR_ODD_EVEN("r10", "r11", "r4") next("ldr.w r11, [r1, #24]")                              \
  TR_ODD_EVEN("r9", "lr", "r3") next("ldr.w r8, [r0]")                                      \
  TR_ODD_EVEN("r9", "r12", "r4") next("ldr.w r9, [r0, #16]")                                \
  TR_ODD_EVEN("r10", "lr", "r5") "add.w r1, r1, #24\n\t" TR_ODD_EVEN("r10", "r12", "r6")

/* The loop ends before the last row. */
#define TR_ODD_TEXT_M7(width)                                                                     \
  TR_ODD_PUSH "sub.w r8, r8, #4*(" #width "-1)\n\t" TR_ODD_OPEN                                   \
  "b 5f\n\t.p2align 2\n\t4:\n\tldr.w r8, [sp, #12]\n\tadd.w r0, r0, r8\n\t"                       \
  "5:\n\tldr.w r3, [sp, #4]\n\tldr.w r1, [sp, #8]\n\tldr.w r10, [sp, #20]\n\tldr.w r8, [r0]\n\t"  \
  "mov.w r4, r3\n\tldr.w r11, [r1]\n\tmov.w r5, r3\n\tldr.w r9, [r0, #16]\n\tmov.w r6, r3\n\t"    \
  "bx r10\n\t.p2align 2\n\t2:\n\t" TR_ODD_M7_##width(TR_ODD_AND) "3:\n\t"                         \
  TR_ODD_M7_##width(TR_ODD_AND) TR_ODD_M7_##width(TR_ODD_AND)                                     \
  "ldr.w r12, [sp, #16]\n\tcmp.w r1, r12\n\tbne.w 2b\n\t" TR_ODD_M7_##width(TR_ODD_NOTHING)       \
  "ldr.w r9, [sp, #24]\n\tldr.w r1, [sp, #28]\n\tldr.w r8, [sp]\n\tcbz r1, 6f\n\t"                \
  "smmul r3, r3, r9\n\tadd.w r10, r7, r1, lsl #1\n\tsmmul r4, r4, r9\n\tsmmul r5, r5, r9\n\t"     \
  "ssat r3, #8, r3\n\tsmmul r6, r6, r9\n\tssat r4, #8, r4\n\tstrb.w r3, [r7]\n\t"                 \
  "ssat r5, #8, r5\n\tstrb.w r4, [r7, r1]\n\tssat r6, #8, r6\n\tstrb.w r5, [r10]\n\t"             \
  "add.w r7, r10, r1, lsl #1\n\tstrb.w r6, [r10, r1]\n\tcmp r7, r8\n\tbne.w 4b\n\tb 7f\n\t"       \
  TR_ODD_CLOSE

#endif
