/* The text of arm/quads.h for Cortex-M7, of 16 and of 32 values a row: every multiplication issues
 * beside a load or a move of what comes two or more later. In r7 and lr are a pair of each row; at the
 * beginning of a group r0 has the first column's weights and r3 the third's. */
#ifndef TINYRIG_QUADS_M7_H
#define TINYRIG_QUADS_M7_H

#define TR_QUADS_PACK_M7(at, s0, s1, s2, s3)                                        \
  "ldr.w r4, [r0, #" at "]\n\tldr.w r5, [r1, #" at "]\n\t"                          \
  "sxtb16 r6, r4\n\tsxtb16 r4, r4, ror #8\n\tvmov s" s0 ", r6\n\tsxtb16 r8, r5\n\t" \
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
  "ldr.w r0, [sp, #24]\n\tldr.w r1, [sp, #28]\n\tldr.w r2, [sp, #32]\n\tadd.w r1, r1, r0\n\t" \
  "add.w r2, r2, r0\n\tstr.w r2, [sp, #24]\n\t" pack "ldr.w r1, [sp]\n\t"

#define TR_QUADS_BESIDE(sum, x, w, other) "smlad " sum ", " x ", " w ", " sum "\n\t" other "\n\t"
#define TR_QUADS_LOAD(to, at) "ldr.w " to ", [r1, #16+4*(" #at ")]"

/* Group `i`; s1 to s4 are the pairs behind its first, of which s4 is the next group's first. */
#define TR_QUADS_GROUP_M7(i, s1, s2, s3, s4)                         \
  TR_QUADS_BESIDE("r4", "r7", "r0", "vmov lr, s" s1)                 \
  TR_QUADS_BESIDE("r6", "r7", "r3", TR_QUADS_LOAD("r2", 8 * i + 1))  \
  TR_QUADS_BESIDE("r9", "lr", "r0", "")                              \
  TR_QUADS_BESIDE("r11", "lr", "r3", TR_QUADS_LOAD("r0", 8 * i + 3)) \
  TR_QUADS_BESIDE("r5", "r7", "r2", TR_QUADS_LOAD("r3", 8 * i + 4))  \
  TR_QUADS_BESIDE("r10", "lr", "r2", "")                             \
  TR_QUADS_BESIDE("r8", "r7", "r0", TR_QUADS_LOAD("r2", 8 * i + 5))  \
  TR_QUADS_BESIDE("r12", "lr", "r0", "vmov r7, s" s2)                \
  TR_QUADS_BESIDE("r4", "r7", "r3", "vmov lr, s" s3)                 \
  TR_QUADS_BESIDE("r9", "lr", "r3", TR_QUADS_LOAD("r0", 8 * i + 6))  \
  TR_QUADS_BESIDE("r5", "r7", "r2", TR_QUADS_LOAD("r3", 8 * i + 10)) \
  TR_QUADS_BESIDE("r10", "lr", "r2", "")                             \
  TR_QUADS_BESIDE("r6", "r7", "r0", TR_QUADS_LOAD("r2", 8 * i + 7))  \
  TR_QUADS_BESIDE("r11", "lr", "r0", "")                             \
  TR_QUADS_BESIDE("r8", "r7", "r2", TR_QUADS_LOAD("r0", 8 * i + 8))  \
  TR_QUADS_BESIDE("r12", "lr", "r2", "vmov r7, s" s4)

#define TR_QUADS_BEGIN                                                                        \
  ".p2align 2\n\t4:\n\tldrd r4, r5, [r1]\n\tldrd r6, r8, [r1, #8]\n\t" TR_QUADS_LOAD("r0", 0)  \
  "\n\tmov.w r9, r4\n\t" TR_QUADS_LOAD("r3", 2)                                               \
  "\n\tmov.w r10, r5\n\tvmov r7, s0\n\tmov.w r11, r6\n\tmov.w r12, r8\n\t"

/* The last group of each reads on to the multipliers, and moves what nothing uses. */
#define TR_QUADS_SUM_16                                                             \
  TR_QUADS_BEGIN                                                                    \
  TR_QUADS_GROUP_M7(0, "1", "2", "3", "4") TR_QUADS_GROUP_M7(1, "5", "6", "7", "8") \
  TR_QUADS_GROUP_M7(2, "9", "10", "11", "12") TR_QUADS_GROUP_M7(3, "13", "14", "15", "0")
#define TR_QUADS_SUM_32                                                                     \
  TR_QUADS_BEGIN                                                                            \
  TR_QUADS_GROUP_M7(0, "1", "2", "3", "4") TR_QUADS_GROUP_M7(1, "5", "6", "7", "8")         \
  TR_QUADS_GROUP_M7(2, "9", "10", "11", "12") TR_QUADS_GROUP_M7(3, "13", "14", "15", "16")  \
  TR_QUADS_GROUP_M7(4, "17", "18", "19", "20") TR_QUADS_GROUP_M7(5, "21", "22", "23", "24") \
  TR_QUADS_GROUP_M7(6, "25", "26", "27", "28") TR_QUADS_GROUP_M7(7, "29", "30", "31", "0")

#define TR_QUADS_OUTPUTS_M7(k)                                                                     \
  "ldr.w r2, [r1, #20+8*" #k "]\n\tldr.w r3, [r1, #24+8*" #k "]\n\t"                               \
  "smmul r4, r4, r0\n\tldr.w lr, [r1, #28+8*" #k "]\n\tsmmul r9, r9, r0\n\tldr.w r0, [sp, #8]\n\t" \
  "smmul r5, r5, r2\n\tadd.w r1, r1, #32+8*" #k "\n\tssat r4, #8, r4\n\tsmmul r10, r10, r2\n\t"    \
  "ldr.w r2, [sp, #12]\n\tsmmul r6, r6, r3\n\tssat r9, #8, r9\n\tsmmul r11, r11, r3\n\t"           \
  "ldr.w r3, [sp, #20]\n\tsmmul r8, r8, lr\n\tssat r5, #8, r5\n\tsmmul r12, r12, lr\n\t"           \
  "add.w r7, r0, r2\n\tssat r10, #8, r10\n\tldr.w lr, [sp, #4]\n\tcbnz r3, 5f\n\t"                 \
  "ssat r6, #8, r6\n\tstrb.w r4, [r0]\n\tssat r11, #8, r11\n\tstrb.w r9, [r7]\n\t"                 \
  "ssat r8, #8, r8\n\tstrb.w r5, [r0, #1]\n\tssat r12, #8, r12\n\tstrb.w r10, [r7, #1]\n\t"        \
  "7:\n\tcmp r1, lr\n\tstrb.w r6, [r0, #2]\n\tstrb.w r11, [r7, #2]\n\t"                            \
  "strb.w r8, [r0, #3]\n\tadd.w r0, r0, #4\n\tstrb.w r12, [r7, #3]\n\tstr.w r0, [sp, #8]\n\t"      \
  "bne.w 4b\n\t"                                                                                   \
  "ldr.w r2, [sp, #16]\n\tldr.w r3, [sp, #36]\n\tadd.w r0, r0, r2\n\tsubs.w r3, r3, #1\n\t"        \
  "str.w r0, [sp, #8]\n\tstr.w r3, [sp, #36]\n\tbne.w 1b\n\tb.w 8f\n\t"                            \
  "5:\n\tssat r6, #8, r6\n\tssat r11, #8, r11\n\tssat r8, #8, r8\n\tssat r12, #8, r12\n\t"         \
  "ldrsb r4, [r3, r4]\n\tldrsb r5, [r3, r5]\n\tldrsb r6, [r3, r6]\n\tldrsb r8, [r3, r8]\n\t"       \
  "ldrsb r9, [r3, r9]\n\tldrsb r10, [r3, r10]\n\tldrsb r11, [r3, r11]\n\tldrsb r12, [r3, r12]\n\t" \
  "strb.w r4, [r0]\n\tstrb.w r9, [r7]\n\tstrb.w r5, [r0, #1]\n\tstrb.w r10, [r7, #1]\n\t"          \
  "b.w 7b\n\t8:\n\t"

/* Stack: the first ten words of the frame. r7 may be the frame pointer, so it is saved here. */
#define TR_QUADS_TEXT(k)                                                      \
  "push {r7}\n\tldm.w r0, {r1, r2, r3, r4, r5, r6, r8, r9, r10, r11}\n\t"     \
  "push {r1, r2, r3, r4, r5, r6, r8, r9, r10, r11}\n\t"                       \
  TR_QUADS_ROWS_M7(TR_QUADS_PACK_##k) TR_QUADS_SUM_##k TR_QUADS_OUTPUTS_M7(k) \
  "add sp, sp, #40\n\tpop {r7}\n\t"

#endif
