/* The blocks of a row of sparse weights (arm/sparse_frame.h) on the Cortex-M4: neighbouring loads
 * of one memory pipeline, and wide instructions run best from whole words: a narrow one stands
 * beside a narrow branch. */
#ifndef TINYRIG_SPARSE_BLOCKS_M4_H
#define TINYRIG_SPARSE_BLOCKS_M4_H

#include "arm/sparse_frame.h"

#if defined(__ARM_FEATURE_DSP)

/* The last two sums of a step, and whether it was the row's last. */
#define TR_SPARSE_TO_END_M4          \
  TR_SPARSE_ADD("r9", "r12", "lr")   \
  "vmov r12, s0\n\t"          \
  TR_SPARSE_ADD("r10", "r6", "lr")   \
  "cmp.w r1, r12\n\t"

/* Four weights of one channel, six rows. Two are just short enough for CBZ to leave from both. */
#define TR_SPARSE4_M4(rest)                                                         \
  "add.w r0, r0, r7, lsl #4\n\t"                                                    \
  "sxtb16 r12, r11\n\t"                                                             \
  "sxtb16 lr, r11, ror #8\n\t"                                                      \
  TR_SPARSE_LOAD("r6", "0") TR_SPARSE_LOAD("r7", "4") TR_SPARSE_LOAD("r11", "8")    \
  TR_SPARSE_ADD("r3", "r6", "r12") TR_SPARSE_ADD("r4", "r7", "r12")                 \
  TR_SPARSE_ADD("r5", "r11", "r12")                                                 \
  TR_SPARSE_LOAD("r6", "12") TR_SPARSE_LOAD("r7", "16") TR_SPARSE_LOAD("r11", "20") \
  TR_SPARSE_ADD("r8", "r6", "r12") TR_SPARSE_ADD("r9", "r7", "r12")                 \
  TR_SPARSE_ADD("r10", "r11", "r12")                                                \
  TR_SPARSE_LOAD("r6", "24") TR_SPARSE_LOAD("r7", "28") TR_SPARSE_LOAD("r11", "32") \
  TR_SPARSE_LOAD("r12", "36")                                                       \
  TR_SPARSE_ADD("r3", "r6", "lr") TR_SPARSE_ADD("r4", "r7", "lr")                   \
  TR_SPARSE_ADD("r5", "r11", "lr") TR_SPARSE_ADD("r8", "r12", "lr")                 \
  "ldrb.w r7, [r2], #1\n\t"                                                         \
  "ldr.w r11, [r1], #4\n\t"                                                         \
  TR_SPARSE_LOAD("r12", "40") rest
#define TR_SPARSE_LEFT_M4 TR_SPARSE_ADD("r9", "r12", "lr") TR_SPARSE_ADD("r10", "r6", "lr")
#define TR_SPARSE4_UNLESS_M4 "ldr.n r6, [r0, #44]\n\tcbz r7, 5f\n\t" TR_SPARSE_LEFT_M4

#define TR_SPARSE4_ROW_M4                                                               \
  TR_SPARSE_ROW(TR_SPARSE_ONE_START, "4", "",                                           \
                TR_SPARSE4_M4(TR_SPARSE4_UNLESS_M4) TR_SPARSE4_M4(TR_SPARSE4_UNLESS_M4) \
                "b.w 2b\n\t", TR_SPARSE_LEFT_M4)

/* Eight steps a turn. The first begins where as many are left as the row has beside whole turns:
 * seven at 11, one at 17. */
#define TR_SPARSE_ENTER_EIGHT \
  "lsls.w r6, lr, #28\n\t"    \
  "bcs.w 20f\n\t"             \
  "bmi.w 18f\n\t"             \
  "beq.w 2f\n\t"              \
  "b.w 17f\n\t"               \
  "18:\n\t"                   \
  "tst.w lr, #4\n\t"          \
  "bne.w 15f\n\t"             \
  "b.w 16f\n\t"               \
  "20:\n\t"                   \
  "bmi.w 19f\n\t"             \
  "beq.w 14f\n\t"             \
  "b.w 13f\n\t"               \
  "19:\n\t"                   \
  "tst.w lr, #4\n\t"          \
  "beq.w 12f\n\t"             \
  "b.w 11f\n\t"
#define TR_SPARSE_EIGHT(step, last)                                                       \
  step "11:\n\t" step "12:\n\t" step "13:\n\t" step "14:\n\t" step "15:\n\t" step "16:\n\t" \
  step "17:\n\t" last

#define TR_SPARSE4_EQUAL_ROW_M4                                                    \
  TR_SPARSE_EQUAL_ROW(TR_SPARSE_ONE_START, "4", TR_SPARSE_ENTER_EIGHT, "",         \
      TR_SPARSE_EIGHT(TR_SPARSE4_M4(TR_SPARSE_LOAD("r6", "44") TR_SPARSE_LEFT_M4), \
                      TR_SPARSE4_M4(TR_SPARSE_LOAD("r6", "44") TR_SPARSE_TO_END_M4)))

/* Two blocks of two weights of one channel, six rows. Neighbours that are narrow share a word, so
 * that CBZ leaves from both of two. */
#define TR_SPARSE_LOAD_TWO(first, second) \
  "ldr.n r6, [r0, #" first "]\n\tldr.n r7, [r0, #" second "]\n\t"
#define TR_SPARSE2_M4(rest)                                                         \
  "add.w r0, r0, r7, lsl #3\n\t"                                                    \
  "sxtb16 r12, r11\n\t"                                                             \
  "sxtb16 lr, r11, ror #8\n\t"                                                      \
  TR_SPARSE_LOAD_TWO("0", "4") TR_SPARSE_LOAD("r11", "8")                           \
  TR_SPARSE_ADD("r3", "r6", "r12") TR_SPARSE_ADD("r4", "r7", "r12")                 \
  TR_SPARSE_ADD("r5", "r11", "r12")                                                 \
  TR_SPARSE_LOAD_TWO("12", "16") TR_SPARSE_LOAD("r11", "20")                        \
  TR_SPARSE_ADD("r8", "r6", "r12")                                                  \
  "ldrb.w r6, [r2], #1\n\t"                                                         \
  TR_SPARSE_ADD("r9", "r7", "r12")                                                  \
  "add.w r0, r0, r6, lsl #3\n\t"                                                    \
  TR_SPARSE_ADD("r10", "r11", "r12")                                                \
  TR_SPARSE_LOAD_TWO("0", "4") TR_SPARSE_LOAD("r11", "8")                           \
  TR_SPARSE_LOAD("r12", "12")                                                       \
  TR_SPARSE_ADD("r3", "r6", "lr") TR_SPARSE_ADD("r4", "r7", "lr")                   \
  TR_SPARSE_ADD("r5", "r11", "lr") TR_SPARSE_ADD("r8", "r12", "lr")                 \
  "ldrb.w r7, [r2], #1\n\t"                                                         \
  "ldr.w r11, [r1], #4\n\t"                                                         \
  TR_SPARSE_LOAD("r12", "16") rest
#define TR_SPARSE2_UNLESS_M4 "ldr.n r6, [r0, #20]\n\tcbz r7, 5f\n\t" TR_SPARSE_LEFT_M4

#define TR_SPARSE2_ROW_M4                                                               \
  TR_SPARSE_ROW(TR_SPARSE_ONE_START, "4", "",                                           \
                TR_SPARSE2_M4(TR_SPARSE2_UNLESS_M4) TR_SPARSE2_M4(TR_SPARSE2_UNLESS_M4) \
                "b.w 2b\n\t", TR_SPARSE_LEFT_M4)

#define TR_SPARSE2_EQUAL_ROW_M4                                                  \
  TR_SPARSE_EQUAL_ROW(TR_SPARSE_ONE_START, "4", TR_SPARSE_ENTER_TWO("4"), "",    \
      TR_SPARSE_TWO(TR_SPARSE2_M4(TR_SPARSE_LOAD("r6", "20") TR_SPARSE_LEFT_M4), \
                    TR_SPARSE2_M4(TR_SPARSE_LOAD("r6", "20") TR_SPARSE_TO_END_M4)))

/* Four weights of each of two channels, three rows: the first's bytes, and both as 16 bits. `first`
 * is the first load, narrow where a CBZ came before, so that few wide instructions behind it
 * straddle words. */
#define TR_SPARSE2X4_FIRST_M4 TR_SPARSE_LOAD("r6", "0")
#define TR_SPARSE2X4_NARROW_M4 "ldr.n r6, [r0]\n\t"
#define TR_SPARSE2X4_M4(first, rest)                                                      \
  "add.w r0, r0, r7, lsl #3\n\t"                                                   \
  "sxtb16 r12, r11\n\t"                                                            \
  first TR_SPARSE_LOAD("r7", "4") TR_SPARSE_LOAD("lr", "8")    \
  TR_SPARSE_ADD("r3", "r6", "r12") TR_SPARSE_ADD("r8", "r6", "r11")                \
  TR_SPARSE_ADD("r4", "r7", "r12") TR_SPARSE_ADD("r9", "r7", "r11")                \
  TR_SPARSE_ADD("r5", "lr", "r12") TR_SPARSE_ADD("r10", "lr", "r11")               \
  "ldr r11, [r1, #-4]\n\t"                                                         \
  TR_SPARSE_LOAD("r6", "12") TR_SPARSE_LOAD("r7", "16") TR_SPARSE_LOAD("lr", "20") \
  "sxtb16 r12, r11\n\t"                                                            \
  TR_SPARSE_ADD("r4", "r7", "r12") TR_SPARSE_ADD("r9", "r7", "r11")                \
  TR_SPARSE_ADD("r3", "r6", "r12") TR_SPARSE_ADD("r8", "r6", "r11")                \
  TR_SPARSE_ADD("r10", "lr", "r11")                                                \
  "ldrb.w r7, [r2], #1\n\t"                                                        \
  "ldr.w r11, [r1], #8\n\t" rest
#define TR_SPARSE2X4_LEFT_M4 TR_SPARSE_ADD("r5", "lr", "r12")

#define TR_SPARSE2X4_UNLESS_M4 "cbz r7, 5f\n\t" TR_SPARSE2X4_LEFT_M4

#define TR_SPARSE2X4_ROW_M4                                                                     \
  TR_SPARSE_ROW(TR_SPARSE_TWO_STARTS, "8", "",                                                  \
                TR_SPARSE2X4_M4(TR_SPARSE2X4_FIRST_M4, TR_SPARSE2X4_UNLESS_M4)                  \
                TR_SPARSE2X4_M4(TR_SPARSE2X4_NARROW_M4, TR_SPARSE2X4_UNLESS_M4)                 \
                "b.w 2b\n\t", TR_SPARSE2X4_LEFT_M4)

/* Four steps a turn, entered as eight are. */
#define TR_SPARSE_ENTER_FOUR \
  "lsls.w r6, lr, #28\n\t"   \
  "bcs.w 19f\n\t"            \
  "bmi.w 13f\n\t"            \
  "b.w 2f\n\t"               \
  "19:\n\t"                  \
  "bpl.w 12f\n\t"            \
  "b.w 11f\n\t"
#define TR_SPARSE_FOUR(step, last) step "11:\n\t" step "12:\n\t" step "13:\n\t" last

#define TR_SPARSE2X4_EQUAL_ROW_M4                                                      \
  TR_SPARSE_EQUAL_ROW(TR_SPARSE_TWO_STARTS, "8", TR_SPARSE_ENTER_FOUR, "",             \
      TR_SPARSE_FOUR(TR_SPARSE2X4_M4(TR_SPARSE2X4_FIRST_M4, TR_SPARSE2X4_LEFT_M4),     \
                     TR_SPARSE2X4_M4(TR_SPARSE2X4_FIRST_M4,                            \
                                     "vmov r6, s0\n\t" TR_SPARSE2X4_LEFT_M4 "cmp.w r1, r6\n\t")))

#endif

#endif
