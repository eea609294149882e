/* The texts of arm/quads.h for Cortex-M7: of 16 and of 32 values a row, which lie in the FPU's
 * registers, and of any number, which lie in a panel (arm/quads_panel.h). Every multiplication issues
 * beside a load or a move of what comes two or more later. r0 and r2 have the weights of two columns in
 * turn, r7 and lr a pair of each row. Outputs leave as words, for a byte keeps its bank for longer. */
#ifndef TINYRIG_QUADS_M7_H
#define TINYRIG_QUADS_M7_H

#define TR_QUADS_PACK_M7(at, s0, s1, s2, s3)                                             \
  "ldr.w r4, [r0, #" at "]\n\tldr.w r5, [r1, #" at "]\n\t"                               \
  "sxtb16 r6, r4\n\tsxtb16 r4, r4, ror #8\n\tvmov s" s0 ", r6\n\tsxtb16 r8, r5\n\t"      \
  "vmov s" s2 ", r4\n\tsxtb16 r5, r5, ror #8\n\tvmov s" s1 ", r8\n\tvmov s" s3 ", r5\n\t"

#define TR_QUADS_PACK_16                                                              \
  TR_QUADS_PACK_M7("0", "0", "1", "2", "3") TR_QUADS_PACK_M7("4", "4", "5", "6", "7") \
  TR_QUADS_PACK_M7("8", "8", "9", "10", "11") TR_QUADS_PACK_M7("12", "12", "13", "14", "15")
#define TR_QUADS_PACK_32                                                                        \
  TR_QUADS_PACK_16                                                                              \
  TR_QUADS_PACK_M7("16", "16", "17", "18", "19") TR_QUADS_PACK_M7("20", "20", "21", "22", "23") \
  TR_QUADS_PACK_M7("24", "24", "25", "26", "27") TR_QUADS_PACK_M7("28", "28", "29", "30", "31")

#define TR_QUADS_ROWS_M7(pack)                                                                \
  ".p2align 2\n\t1:\n\t"                                                                      \
  "ldr.w r0, [sp, #24]\n\tldr.w r1, [sp, #28]\n\tadd.w r2, r0, r1, lsl #1\n\t"               \
  "add.w r1, r1, r0\n\tstr.w r2, [sp, #24]\n\t" pack "ldr.w r1, [sp]\n\tvmov lr, s1\n\t"

#define TR_QUADS_BESIDE(sum, x, w, from, other) \
  "smlad " sum ", " x ", " w ", " from "\n\t" other "\n\t"
#define TR_QUADS_LOAD(to, at) "ldr.w " to ", [r1, #4*(" #at ")]"

/* The first pair of each row and, of the others, pair `i`: `s1` is of the second row and the next
 * pair, or `next` what stands in its place. Start values are the first row's sums until they are the
 * second's. */
#define TR_QUADS_FIRST_M7                                                                          \
  ".p2align 2\n\t4:\n\t" TR_QUADS_LOAD("r0", 4) "\n\t" TR_QUADS_LOAD("r5", 1) "\n\t"               \
  TR_QUADS_LOAD("r4", 0) "\n\t" TR_QUADS_LOAD("r2", 5) "\n\t"                                      \
  TR_QUADS_BESIDE("r9", "lr", "r0", "r4", "vmov r7, s0")                                           \
  TR_QUADS_BESIDE("r4", "r7", "r0", "r4", TR_QUADS_LOAD("r6", 2))                                  \
  TR_QUADS_BESIDE("r10", "lr", "r2", "r5", TR_QUADS_LOAD("r0", 6))                                 \
  TR_QUADS_BESIDE("r5", "r7", "r2", "r5", TR_QUADS_LOAD("r2", 7))                                  \
  TR_QUADS_BESIDE("r11", "lr", "r0", "r6", TR_QUADS_LOAD("r8", 3))                                 \
  TR_QUADS_BESIDE("r6", "r7", "r0", "r6", TR_QUADS_LOAD("r0", 8))                                  \
  TR_QUADS_BESIDE("r12", "lr", "r2", "r8", "vmov lr, s3")                                          \
  TR_QUADS_BESIDE("r8", "r7", "r2", "r8", TR_QUADS_LOAD("r2", 9))
#define TR_QUADS_PAIR_M7(i, s0, next)                                   \
  TR_QUADS_BESIDE("r9", "lr", "r0", "r9", "vmov r7, s" s0)              \
  TR_QUADS_BESIDE("r4", "r7", "r0", "r4", TR_QUADS_LOAD("r0", 4 * i + 6)) \
  TR_QUADS_BESIDE("r10", "lr", "r2", "r10", "")                         \
  TR_QUADS_BESIDE("r5", "r7", "r2", "r5", TR_QUADS_LOAD("r2", 4 * i + 7)) \
  TR_QUADS_BESIDE("r11", "lr", "r0", "r11", "")                         \
  TR_QUADS_BESIDE("r6", "r7", "r0", "r6", TR_QUADS_LOAD("r0", 4 * i + 8)) \
  TR_QUADS_BESIDE("r12", "lr", "r2", "r12", next)                       \
  TR_QUADS_BESIDE("r8", "r7", "r2", "r8", TR_QUADS_LOAD("r2", 4 * i + 9))
#define TR_QUADS_INNER_M7(i, s0, s1) TR_QUADS_PAIR_M7(i, s0, "vmov lr, s" s1)
/* The last leaves two multipliers in r0 and r2, and in lr what outputs are raised by. */
#define TR_QUADS_LAST_M7(i, s0) TR_QUADS_PAIR_M7(i, s0, "mov.w lr, #128")

#define TR_QUADS_SUM_14                                                                  \
  TR_QUADS_FIRST_M7 TR_QUADS_INNER_M7(1, "2", "5") TR_QUADS_INNER_M7(2, "4", "7")        \
  TR_QUADS_INNER_M7(3, "6", "9") TR_QUADS_INNER_M7(4, "8", "11")                         \
  TR_QUADS_INNER_M7(5, "10", "13") TR_QUADS_INNER_M7(6, "12", "15")
#define TR_QUADS_SUM_16 TR_QUADS_SUM_14 TR_QUADS_LAST_M7(7, "14")
#define TR_QUADS_SUM_32                                                                  \
  TR_QUADS_SUM_14 TR_QUADS_INNER_M7(7, "14", "17") TR_QUADS_INNER_M7(8, "16", "19")      \
  TR_QUADS_INNER_M7(9, "18", "21") TR_QUADS_INNER_M7(10, "20", "23")                     \
  TR_QUADS_INNER_M7(11, "22", "25") TR_QUADS_INNER_M7(12, "24", "27")                    \
  TR_QUADS_INNER_M7(13, "26", "29") TR_QUADS_INNER_M7(14, "28", "31") TR_QUADS_LAST_M7(15, "30")

/* Outputs as bytes 128 higher, which leave no sign in a word's other bytes. The third multiplier is
 * `at` bytes behind r1; `again` is what the next four columns begin with, `ends` what comes behind all,
 * and `over` where that goes to where columns are left over. */
#define TR_QUADS_OUTPUTS_M7(at, again, ends, over)                                                         \
  "smmla r4, r4, r0, lr\n\tldr.w r3, [r1, #" at "]\n\t"                                              \
  "smmla r9, r9, r0, lr\n\tldr.w r7, [r1, #4+" at "]\n\t"                                            \
  "smmla r5, r5, r2, lr\n\tldr.w r0, [sp, #20]\n\t"                                                  \
  "usat r4, #8, r4\n\tsmmla r6, r6, r3, lr\n\tusat r9, #8, r9\n\tsmmla r8, r8, r7, lr\n\t"           \
  "usat r5, #8, r5\n\tsmmla r10, r10, r2, lr\n\tusat r6, #8, r6\n\tsmmla r11, r11, r3, lr\n\t"       \
  "usat r8, #8, r8\n\tsmmla r12, r12, r7, lr\n\tusat r10, #8, r10\n\tcbnz r0, 5f\n\t"                \
  "usat r11, #8, r11\n\torr.w r4, r4, r5, lsl #8\n\t"                                                \
  "usat r12, #8, r12\n\torr.w r4, r4, r6, lsl #16\n\t"                                               \
  "orr.w r9, r9, r10, lsl #8\n\tldr.w r7, [sp, #8]\n\t"                                              \
  "orr.w r9, r9, r11, lsl #16\n\teor.w r4, r4, #0x80808080\n\t"                                      \
  "eor.w r4, r4, r8, lsl #24\n\tldr.w r3, [sp, #12]\n\t"                                             \
  "eor.w r9, r9, r12, lsl #24\n\tldr.w r2, [sp, #4]\n\t"                                             \
  "eor.w r9, r9, #0x80808080\n\tadd.w r1, r1, #8+" at "\n\t"                                         \
  "7:\n\tstr.w r9, [r7, r3]\n\tcmp r1, r2\n\tstr r4, [r7], #4\n\t" again "\n\t"                      \
  "str.w r7, [sp, #8]\n\tbne.w 4b\n\t" ends "b.w 8f\n\t"                                             \
  "5:\n\tusat r11, #8, r11\n\tusat r12, #8, r12\n\tsub.w r0, r0, #128\n\tldr.w r7, [sp, #8]\n\t"     \
  "ldrb.w r5, [r0, r5]\n\tldrb.w r10, [r0, r10]\n\tldrb.w r4, [r0, r4]\n\tldrb.w r9, [r0, r9]\n\t"   \
  "ldrb.w r6, [r0, r6]\n\tldrb.w r11, [r0, r11]\n\tldrb.w r8, [r0, r8]\n\tldrb.w r12, [r0, r12]\n\t" \
  "orr.w r4, r4, r5, lsl #8\n\tldr.w r2, [sp, #4]\n\torr.w r9, r9, r10, lsl #8\n\t"                  \
  "ldr.w r3, [sp, #12]\n\torr.w r4, r4, r6, lsl #16\n\tadd.w r1, r1, #8+" at "\n\t"                  \
  "orr.w r9, r9, r11, lsl #16\n\torr.w r4, r4, r8, lsl #24\n\torr.w r9, r9, r12, lsl #24\n\t"        \
  "b.w 7b\n\t" over "8:\n\t"

#define TR_QUADS_NEXT_ROWS_M7                                                               \
  "ldr.w r5, [sp, #36]\n\tldr.w r3, [sp, #32]\n\tcmp.w r5, #0\n\tbne.w 9f\n\t"              \
  "12:\n\tldr.w r2, [sp, #16]\n\tsubs.w r3, r3, #1\n\tadd.w r7, r7, r2\n\t"                 \
  "str.w r3, [sp, #32]\n\tstr.w r7, [sp, #8]\n\tbne.w 1b\n\t"

/* The last four columns of all, as in arm/quads_m4.h; a panel has one pair, and `last` in s0. */
#define TR_QUADS_OVER_M7                                                                      \
  "9:\n\trsbs.w r4, r5, #0\n\tstr.w r4, [sp, #36]\n\tbmi.w 13f\n\t"                           \
  "bic.w r4, r4, #3\n\tsub.w r2, r2, r4\n\tstr.w r2, [sp, #4]\n\tb.w 12b\n\t"                 \
  "13:\n\tbic.w r4, r5, #3\n\tand.w r5, r5, #3\n\tadd.w r2, r2, r4\n\tsub.w r7, r7, r5\n\t"   \
  "str.w r2, [sp, #4]\n\tstr.w r7, [sp, #8]\n\tb.w 4b\n\t"
#define TR_QUADS_PANEL_ENDS "vmov r5, s0\n\tcmp.w r5, #0\n\tbne.w 9f\n\t"
#define TR_QUADS_PANEL_OVER                                                                     \
  "9:\n\tmov.w r4, #0\n\tvmov s0, r4\n\tbic.w r4, r5, #3\n\tand.w r5, r5, #3\n\t"               \
  "add.w r2, r2, r4\n\tsub.w r7, r7, r5\n\tstr.w r2, [sp, #4]\n\tstr.w r7, [sp, #8]\n\tb.w 4b\n\t"

/* Stack: the first ten words of the frame. r7 may be the frame pointer, so it is saved here. */
#define TR_QUADS_TEXT(k)                                                                   \
  "push {r7}\n\tldm.w r0, {r1, r2, r3, r4, r5, r6, r8, r9, r10, r11}\n\t"                  \
  "push {r1, r2, r3, r4, r5, r6, r8, r9, r10, r11}\n\t"                                    \
  TR_QUADS_ROWS_M7(TR_QUADS_PACK_##k) TR_QUADS_SUM_##k                                     \
  TR_QUADS_OUTPUTS_M7("24+8*" #k, "vmov lr, s1", TR_QUADS_NEXT_ROWS_M7, TR_QUADS_OVER_M7) \
  "add sp, sp, #40\n\tpop {r7}\n\t"

/* A pair of each row from the panel, which r3 walks along as r1 does along the stream: each points at
 * what was read last. r0 has the first column's weights at the beginning, and the next pair's at the end. */
#define TR_QUADS_AFTER(to, along) "ldr " to ", [" along ", #4]!"
#define TR_QUADS_COLUMNS_M7                                          \
  TR_QUADS_BESIDE("r9", "lr", "r0", "r9", TR_QUADS_AFTER("r2", "r1")) \
  TR_QUADS_BESIDE("r4", "r7", "r0", "r4", TR_QUADS_AFTER("r0", "r1")) \
  TR_QUADS_BESIDE("r10", "lr", "r2", "r10", "")
#define TR_QUADS_STEP_M7                                               \
  TR_QUADS_COLUMNS_M7                                                  \
  TR_QUADS_BESIDE("r5", "r7", "r2", "r5", TR_QUADS_AFTER("r2", "r1"))   \
  TR_QUADS_BESIDE("r11", "lr", "r0", "r11", "")                        \
  TR_QUADS_BESIDE("r6", "r7", "r0", "r6", TR_QUADS_AFTER("r0", "r1"))   \
  TR_QUADS_BESIDE("r12", "lr", "r2", "r12", TR_QUADS_AFTER("lr", "r3")) \
  TR_QUADS_BESIDE("r8", "r7", "r2", "r8", TR_QUADS_AFTER("r7", "r3"))
#define TR_QUADS_GROUP_M7 TR_QUADS_STEP_M7 TR_QUADS_STEP_M7
#define TR_QUADS_SEVEN_M7                                                               \
  TR_QUADS_GROUP_M7 TR_QUADS_GROUP_M7 TR_QUADS_GROUP_M7 TR_QUADS_GROUP_M7 TR_QUADS_GROUP_M7 \
  TR_QUADS_GROUP_M7 TR_QUADS_GROUP_M7

/* The last pair of a block tells early whether the panel is at its end, and reads on behind it. */
#define TR_QUADS_LAST_STEP_M7                                        \
  TR_QUADS_COLUMNS_M7                                                \
  TR_QUADS_BESIDE("r5", "r7", "r2", "r5", "ldr.w r2, [sp, #24]")     \
  TR_QUADS_BESIDE("r11", "lr", "r0", "r11", "cmp.w r3, r2")          \
  TR_QUADS_BESIDE("r6", "r7", "r0", "r6", TR_QUADS_AFTER("r2", "r1")) \
  TR_QUADS_BESIDE("r12", "lr", "r2", "r12", TR_QUADS_AFTER("r0", "r1")) \
  TR_QUADS_BESIDE("r8", "r7", "r2", "r8", TR_QUADS_AFTER("lr", "r3")) \
  "bne.w 19b\n\tldr.w r2, [r1, #4]\n\tmov.w lr, #128\n\t"

/* The first pair starts the second row's sums from the first's; behind the first group is a jump over
 * what the first block has less than 17 groups: up to 68 values take no branch back, which a core would
 * mispredict. Stack: where to, the end of the stream, y, its row, the panel, the table, the panel's last
 * word. r1 is `last`. */
#define TR_QUADS_PANEL_TEXT                                                                        \
  "push {r7}\n\tvmov s0, r1\n\tldm.w r0, {r1, r2, r3, r4, r5, r6, r8, r9}\n\t"                      \
  "push {r2, r3, r4, r5, r6, r8}\n\t"                                                              \
  "adr.w r10, 20f\n\tadr.w r11, 21f\n\tsub.w r11, r11, r10\n\t"                                    \
  "mla r10, r11, r9, r10\n\torr.w r10, r10, #1\n\tpush.w {r10}\n\tmov.w r3, r5\n\t"                \
  ".p2align 2\n\t4:\n\tldr.w lr, [r3]\n\tldr.w r7, [r3, #4]\n\t"                                   \
  TR_QUADS_LOAD("r0", 4) "\n\t" TR_QUADS_LOAD("r5", 1) "\n\t"                                      \
  TR_QUADS_LOAD("r4", 0) "\n\t" TR_QUADS_LOAD("r2", 5) "\n\t"                                      \
  TR_QUADS_BESIDE("r9", "lr", "r0", "r4", TR_QUADS_LOAD("r6", 2))                                  \
  TR_QUADS_BESIDE("r4", "r7", "r0", "r4", TR_QUADS_LOAD("r0", 6))                                  \
  TR_QUADS_BESIDE("r10", "lr", "r2", "r5", TR_QUADS_LOAD("r8", 3))                                 \
  TR_QUADS_BESIDE("r5", "r7", "r2", "r5", TR_QUADS_LOAD("r2", 7))                                  \
  TR_QUADS_BESIDE("r11", "lr", "r0", "r6", "")                                                     \
  TR_QUADS_BESIDE("r6", "r7", "r0", "r6", "ldr r0, [r1, #32]!")                                    \
  TR_QUADS_BESIDE("r12", "lr", "r2", "r8", "ldr lr, [r3, #8]!")                                    \
  TR_QUADS_BESIDE("r8", "r7", "r2", "r8", TR_QUADS_AFTER("r7", "r3"))                               \
  TR_QUADS_STEP_M7 "ldr.w pc, [sp]\n\t"                                                            \
  ".p2align 2\n\t19:\n\t" TR_QUADS_AFTER("r7", "r3") "\n\t20:\n\t"                                \
  TR_QUADS_GROUP_M7 "21:\n\t" TR_QUADS_SEVEN_M7 TR_QUADS_SEVEN_M7 TR_QUADS_STEP_M7                 \
  TR_QUADS_LAST_STEP_M7                                                                            \
  TR_QUADS_OUTPUTS_M7("8", "ldr.w r3, [sp, #16]", TR_QUADS_PANEL_ENDS, TR_QUADS_PANEL_OVER)        \
  "add sp, sp, #28\n\tpop {r7}\n\t"

#endif
