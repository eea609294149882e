/* The texts for Cortex-M4: of arm/quads.h, any number of groups, the first by itself and as many of
 * the others as there are, and blocks one after the other; and of arm/quads_panel.h. */
#ifndef TINYRIG_QUADS_M4_H
#define TINYRIG_QUADS_M4_H

/* Stack: where a block's groups behind the first begin in the text, where their packing does, the
 * frame. r7 may be the frame pointer, so it is saved here and not declared. */
#define TR_QUADS_PUSH                                                                                \
  "push {r7}\n\tadd.w r12, r0, #52\n\tldm.w r12, {r1, r2, r3}\n\tpush {r1, r2, r3}\n\t"            \
  "lsr.w r1, r1, #2\n\t"                                                                           \
  "adr.w r2, 20f\n\tadr.w r3, 21f\n\tsub.w r3, r3, r2\n\tmla r2, r3, r1, r2\n\t"                   \
  "adr.w r10, 30f\n\tadr.w r9, 31f\n\tsub.w r9, r9, r10\n\tmla r10, r9, r1, r10\n\t"               \
  "orr r9, r2, #1\n\torr r10, r10, #1\n\tadd.w r12, r0, #24\n\t"                                   \
  "ldm.w r12, {r1, r2, r3, r4, r5, r6, r8}\n\tpush.w {r1, r2, r3, r4, r5, r6, r8}\n\t"             \
  "ldm.w r0, {r1, r2, r3, r4, r5, r6}\n\tpush {r1, r2, r3, r4, r5, r6}\n\t"                        \
  "push.w {r9, r10}\n\t"
#define TR_QUADS_POP "add sp, sp, #72\n\tpop {r7}\n\t"

/* Narrow instructions come in twos, so that no wide one straddles two words.
 *
 * Four values of both rows: s of a pair of the first, of the second, and of the other pairs. */
#define TR_QUADS_PACK_M4(at, s0, s1, s2, s3)                                             \
  "ldr.n r4, [r0, #" at "]\n\tldr.n r5, [r1, #" at "]\n\t"                               \
  "sxtb16 r6, r4\n\tsxtb16 r4, r4, ror #8\n\tsxtb16 r8, r5\n\tsxtb16 r5, r5, ror #8\n\t" \
  "vmov s" s0 ", r6\n\tvmov s" s1 ", r8\n\tvmov s" s2 ", r4\n\tvmov s" s3 ", r5\n\t"
#define TR_QUADS_ROWS_M4                                                                        \
  ".p2align 2\n\t1:\n\t"                                                                        \
  "ldr.n r0, [sp, #32]\n\tldr.n r1, [sp, #36]\n\tldr.n r2, [sp, #48]\n\tldr.n r3, [sp, #4]\n\t" \
  "ldr.w r9, [sp, #60]\n\tadds.n r1, r1, r0\n\tadds.n r2, r2, r0\n\tstr.w r2, [sp, #32]\n\t"    \
  TR_QUADS_PACK_M4("0", "0", "1", "2", "3")                                                     \
  "sub.w r0, r0, r9\n\tsub.w r1, r1, r9\n\tbx r3\n\t"                           \
  ".p2align 2\n\t"                                                                              \
  "30:\n\t" TR_QUADS_PACK_M4("4", "4", "5", "6", "7")                                           \
  "31:\n\t" TR_QUADS_PACK_M4("8", "8", "9", "10", "11")                                         \
  TR_QUADS_PACK_M4("12", "12", "13", "14", "15") TR_QUADS_PACK_M4("16", "16", "17", "18", "19") \
  TR_QUADS_PACK_M4("20", "20", "21", "22", "23") TR_QUADS_PACK_M4("24", "24", "25", "26", "27") \
  TR_QUADS_PACK_M4("28", "28", "29", "30", "31") "ldr.w r1, [sp, #8]\n\t"

/* Sums r4, r5, r6, r8 of the first row, r9 to r12 of the second; r1 walks along the stream. */
#define TR_QUADS_SUMS "{r4, r5, r6, r8, r9, r10, r11, r12}"
#define TR_QUADS_FOUR "{r0, r2, r3, lr}"
#define TR_QUADS_LOWER(s1, a, b, c, d)                                            \
  "vmov r7, s" s1 "\n\tsmlad r9, r7, r0, " a "\n\tsmlad r10, r7, r2, " b "\n\t"    \
  "smlad r11, r7, r3, " c "\n\tsmlad r12, r7, lr, " d "\n\t"
#define TR_QUADS_UPPER(s0)                                                        \
  "vmov r7, s" s0 "\n\tsmlad r4, r7, r0, r4\n\tsmlad r5, r7, r2, r5\n\t"          \
  "smlad r6, r7, r3, r6\n\tsmlad r8, r7, lr, r8\n\t"
#define TR_QUADS_STEP(s0, s1)                                                     \
  "ldmia.w r1!, " TR_QUADS_FOUR "\n\t" TR_QUADS_UPPER(s0)                         \
  TR_QUADS_LOWER(s1, "r9", "r10", "r11", "r12")
#define TR_QUADS_GROUP_M4(s0, s1, s2, s3) TR_QUADS_STEP(s0, s1) TR_QUADS_STEP(s2, s3)
#define TR_QUADS_SECOND_M4 TR_QUADS_GROUP_M4("4", "5", "6", "7")
#define TR_QUADS_OTHERS_M4                                                            \
  TR_QUADS_GROUP_M4("8", "9", "10", "11") TR_QUADS_GROUP_M4("12", "13", "14", "15")   \
  TR_QUADS_GROUP_M4("16", "17", "18", "19") TR_QUADS_GROUP_M4("20", "21", "22", "23") \
  TR_QUADS_GROUP_M4("24", "25", "26", "27") TR_QUADS_GROUP_M4("28", "29", "30", "31")
#define TR_QUADS_REST ".p2align 2\n\t20:\n\t" TR_QUADS_SECOND_M4 "21:\n\t" TR_QUADS_OTHERS_M4

/* How four columns of one block begin: with start values of the stream and their first group. */
#define TR_QUADS_START                                                            \
  "ldmia.w r1!, {r4, r5, r6, r8}\n\tldmia.w r1!, " TR_QUADS_FOUR "\n\t"           \
  TR_QUADS_LOWER("1", "r4", "r5", "r6", "r8") TR_QUADS_UPPER("0")                 \
  TR_QUADS_STEP("2", "3") "ldr.w pc, [sp]\n\t"

/* The first of several blocks where it is not whole. */
#define TR_QUADS_FIRST_BLOCK                                                         \
  "ldr.w r2, [sp, #60]\n\tcmp r2, #0\n\tbeq.w 4f\n\t"                                \
  ".p2align 2\n\t40:\n\t"                                                            \
  "ldr.w r7, [sp, #56]\n\tldmia.w r7!, " TR_QUADS_SUMS "\n\tstr.w r7, [sp, #56]\n\t" \
  TR_QUADS_GROUP_M4("0", "1", "2", "3") "ldr.w pc, [sp]\n\t" TR_QUADS_REST           \
  "ldr.w r0, [sp, #52]\n\tldr.w lr, [sp, #12]\n\t"                                   \
  "stmia.w r0!, " TR_QUADS_SUMS "\n\tstr.w r0, [sp, #52]\n\t"                        \
  "cmp.w r1, lr\n\tbne.w 40b\n\tb.w 15f\n\t"

/* A whole one, whose sums r7 walks along to where they are kept, or made outputs of: then C is clear,
 * which nothing in the loop changes. */
#define TR_QUADS_WHOLE_BLOCK                                                            \
  ".p2align 2\n\t4:\n\tldr.w r7, [sp, #56]\n\tldr.n r0, [sp, #52]\n\tcmp.n r0, #1\n\t" \
  "14:\n\tldmia.w r7!, " TR_QUADS_SUMS "\n\t"                                           \
  "ldmia.w r1!, " TR_QUADS_FOUR "\n\tstr.w r7, [sp, #56]\n\t"                           \
  TR_QUADS_UPPER("0") TR_QUADS_LOWER("1", "r9", "r10", "r11", "r12")                    \
  TR_QUADS_STEP("2", "3") TR_QUADS_SECOND_M4 TR_QUADS_OTHERS_M4                         \
  "bcc.w 6f\n\t"                                                                        \
  "ldr.w r0, [sp, #52]\n\tldr.w lr, [sp, #12]\n\tldr.w r7, [sp, #56]\n\t"              \
  "teq.w r1, lr\n\tstmia.w r0!, " TR_QUADS_SUMS "\n\tstr.w r0, [sp, #52]\n\t"          \
  "bne.w 14b\n\t15:\n\t"

/* The next block, which is whole: all of its groups, from and to where sums wait but for the last,
 * which has multipliers too, and ends before what `last` says. */
#define TR_QUADS_NEXT                                                                            \
  "ldr.n r2, [sp, #40]\n\tldr.n r3, [sp, #64]\n\tldr.n r4, [sp, #44]\n\tldr.n r5, [sp, #68]\n\t" \
  "adr.w r8, 30b\n\torr.w r8, r8, #1\n\tstr.w r8, [sp, #4]\n\t"                                 \
  "bic.w r4, r4, #3\n\trsb.w r4, r4, r3, lsr #4\n\tadd.w r3, r3, r1\n\t"                        \
  "mov.w r6, r5\n\tmovs.w r0, #0\n\tmov.w r8, #32\n\tstr.w r8, [sp, #48]\n\t"                  \
  "str.w r0, [sp, #60]\n\tsub.w r2, r2, #1\n\tcmp.w r2, #1\n\t"                                \
  "itt eq\n\taddeq.w r3, r3, r4\n\tmoveq.w r6, #0\n\t"                                          \
  "strd r1, r3, [sp, #8]\n\tstrd r6, r5, [sp, #52]\n\tstr.w r2, [sp, #40]\n\tb.w 1b\n\t"

/* Where columns are left over, the last four of all come once a pair, from before where they would
 * be on; while they do, the stream ends behind them and `last` is below 0. */
#define TR_QUADS_OUTPUTS_M4(rest, again)                                                           \
  ".p2align 2\n\t6:\n\tldmia.w r1!, " TR_QUADS_FOUR "\n\t"                                         \
  "smmul r4, r4, r0\n\tsmmul r9, r9, r0\n\tsmmul r5, r5, r2\n\tsmmul r10, r10, r2\n\t"             \
  "smmul r6, r6, r3\n\tsmmul r11, r11, r3\n\tsmmul r8, r8, lr\n\tsmmul r12, r12, lr\n\t"           \
  "ldr.w lr, [sp, #12]\n\tldr.n r0, [sp, #16]\n\tldr.n r2, [sp, #20]\n\tldr.n r3, [sp, #28]\n\t"   \
  rest                                                                                             \
  "ssat r4, #8, r4\n\tssat r5, #8, r5\n\tssat r6, #8, r6\n\tssat r8, #8, r8\n\t"                   \
  "ssat r9, #8, r9\n\tssat r10, #8, r10\n\tssat r11, #8, r11\n\tssat r12, #8, r12\n\t"             \
  "cbnz r3, 5f\n\t7:\n\tstrb.n r5, [r0, #1]\n\tteq.w r1, lr\n\t"                                   \
  "strb.w r6, [r0, #2]\n\tstrb.w r8, [r0, #3]\n\tstrb r4, [r0], #4\n\t"                       \
  "strb.w r9, [r2]\n\tstrb.w r10, [r2, #1]\n\tstrb.w r11, [r2, #2]\n\tstrb.w r12, [r2, #3]\n\t"    \
  "str.w r0, [sp, #16]\n\tbne.w " again "\n\t"                                                     \
  "ldr.n r2, [sp, #24]\n\tldr.n r3, [sp, #40]\n\tldr.n r4, [sp, #44]\n\tcbnz r4, 9f\n\t"          \
  "12:\n\tadds.n r0, r0, r2\n\tsubs.n r3, r3, #1\n\t"                                            \
  "str.n r0, [sp, #16]\n\tstr.n r3, [sp, #40]\n\tbne.w 1b\n\tb.w 8f\n\t"                           \
  "5:\n\t"                                                                                         \
  "ldrsb r4, [r3, r4]\n\tldrsb r5, [r3, r5]\n\tldrsb r6, [r3, r6]\n\tldrsb r8, [r3, r8]\n\t"       \
  "ldrsb r9, [r3, r9]\n\tldrsb r10, [r3, r10]\n\tldrsb r11, [r3, r11]\n\tldrsb r12, [r3, r12]\n\t" \
  "b.w 7b\n\t"                                                                                     \
  "9:\n\trsbs.w r5, r4, #0\n\tstr.w r5, [sp, #44]\n\tbmi.w 13f\n\t"                                \
  "bic.w r5, r5, #3\n\tsub.w lr, lr, r5\n\tstr.w lr, [sp, #12]\n\tb.w 12b\n\t"                     \
  "13:\n\tbic.w r5, r4, #3\n\tand.w r4, r4, #3\n\tadd.w lr, lr, r5\n\tsub.w r0, r0, r4\n\t"        \
  "str.w lr, [sp, #12]\n\tstr.w r0, [sp, #16]\n\t"                                                 \
  "b.w 4b\n\t8:\n\t"
/* Of one block, and of the last of several: where its sums lie, and nothing that changes C. */
#define TR_QUADS_OUTPUTS TR_QUADS_OUTPUTS_M4("adds.n r2, r0, r2\n\t", "4b")
#define TR_QUADS_LAST_OUTPUTS \
  TR_QUADS_OUTPUTS_M4("ldr.n r7, [sp, #56]\n\tadd.w r2, r0, r2\n\t", "14b")

/* Two pairs of each row from the panel, which r0 walks along as r1 does along the stream: each
 * points at what was read last. Narrow instructions come in twos, so that no wide one straddles two
 * words; with them all columns' loop fits a code cache of 1 KB. */
#define TR_QUADS_PANEL_STEP_M4                                                                     \
  "ldr.n r2, [r1, #4]\n\tldr.n r3, [r1, #8]\n\tldr.w lr, [r0, #4]\n\tldr r7, [r0, #8]!\n\t"       \
  "smlad r4, r7, r2, r4\n\tsmlad r5, r7, r3, r5\n\tsmlad r9, lr, r2, r9\n\tsmlad r10, lr, r3, r10\n\t" \
  "ldr.w r2, [r1, #12]\n\tldr r3, [r1, #16]!\n\t"                                                \
  "smlad r6, r7, r2, r6\n\tsmlad r8, r7, r3, r8\n\tsmlad r11, lr, r2, r11\n\tsmlad r12, lr, r3, r12\n\t"
#define TR_QUADS_PANEL_GROUP_M4 TR_QUADS_PANEL_STEP_M4 TR_QUADS_PANEL_STEP_M4

/* Stack: what the stream ends behind, y and its row, what the panel begins behind and ends with,
 * where the first block begins in the text. */
#define TR_QUADS_PANEL_TEXT_M4                                                                     \
  "push {r7}\n\tldm.w r0, {r1, r2, r3, r4, r5, r6, r8, r9}\n\t"                                   \
  "adr.w r10, 50f\n\tadr.w r11, 51f\n\tsub.w r11, r11, r10\n\tmla r10, r11, r9, r10\n\t"         \
  "orr r10, r10, #1\n\tsub.w r1, r1, #4\n\tsub.w r2, r2, #4\n\tsub.w r5, r5, #4\n\t"             \
  "push.w {r2, r3, r4, r5, r8, r10}\n\t"                                                          \
  ".p2align 2\n\t4:\n\t"                                                                          \
  "ldr.n r4, [r1, #4]\n\tldr.n r5, [r1, #8]\n\tldr.n r6, [r1, #12]\n\tldr.n r0, [sp, #12]\n\t"   \
  "ldr.w r8, [r1, #16]!\n\tmov.n r9, r4\n\tmov.n r10, r5\n\tmov.n r11, r6\n\tmov.n r12, r8\n\t"  \
  "ldr.w pc, [sp, #20]\n\t"                                                                       \
  ".p2align 2\n\t50:\n\t" TR_QUADS_PANEL_GROUP_M4 "51:\n\t" TR_QUADS_PANEL_GROUP_M4              \
  TR_QUADS_PANEL_GROUP_M4 TR_QUADS_PANEL_GROUP_M4 TR_QUADS_PANEL_GROUP_M4                          \
  TR_QUADS_PANEL_GROUP_M4 TR_QUADS_PANEL_GROUP_M4 TR_QUADS_PANEL_GROUP_M4                          \
  "ldr.n r2, [sp, #16]\n\tcmp.n r0, r2\n\tbne.w 50b\n\t"                                         \
  "ldr.n r0, [r1, #4]\n\tldr.n r2, [r1, #8]\n\tldr.w r3, [r1, #12]\n\tldr.w lr, [r1, #16]!\n\t"  \
  "smmul r4, r4, r0\n\tsmmul r9, r9, r0\n\tsmmul r5, r5, r2\n\tsmmul r10, r10, r2\n\t"           \
  "smmul r6, r6, r3\n\tsmmul r11, r11, r3\n\tsmmul r8, r8, lr\n\tsmmul r12, r12, lr\n\t"         \
  "ldr.n r0, [sp, #4]\n\tldr.n r2, [sp, #8]\n\tldr.n r3, [sp]\n\tadds.n r7, r0, r2\n\t"          \
  "ssat r4, #8, r4\n\tssat r5, #8, r5\n\tssat r6, #8, r6\n\tssat r8, #8, r8\n\t"                 \
  "ssat r9, #8, r9\n\tssat r10, #8, r10\n\tssat r11, #8, r11\n\tssat r12, #8, r12\n\tcmp.n r1, r3\n\t" \
  "strb.n r4, [r0]\n\tstrb.n r5, [r0, #1]\n\tstrb.n r6, [r0, #2]\n\tstrb.w r8, [r0, #3]\n\t"     \
  "strb.w r9, [r7]\n\tstrb.w r10, [r7, #1]\n\tstrb.w r11, [r7, #2]\n\tstrb.w r12, [r7, #3]\n\t"  \
  "add.w r0, r0, #4\n\tstr.w r0, [sp, #4]\n\tbne.w 4b\n\t"                                       \
  "add sp, sp, #24\n\tpop {r7}\n\t"

#endif
