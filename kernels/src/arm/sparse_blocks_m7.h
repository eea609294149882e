/* The blocks of a row of sparse weights (arm/sparse_frame.h) on the Cortex-M7, two instructions a
 * line: a multiplication issues beside a load of what comes two or more cycles later. r0 is the
 * place of the next block already. */
#ifndef TINYRIG_SPARSE_BLOCKS_M7_H
#define TINYRIG_SPARSE_BLOCKS_M7_H

#include "arm/sparse_frame.h"

#if defined(__ARM_FEATURE_DSP)

/* Four weights of one channel, six rows. */
#define TR_SPARSE4_M7(rest)                                      \
  "sxtb16 r12, r11\n\t" TR_SPARSE_LOAD("r6", "0")                \
  "sxtb16 lr, r11, ror #8\n\t" TR_SPARSE_LOAD("r7", "4")         \
  TR_SPARSE_ADD("r3", "r6", "r12") TR_SPARSE_LOAD("r11", "8")    \
  TR_SPARSE_ADD("r4", "r7", "r12") TR_SPARSE_LOAD("r6", "12")    \
  TR_SPARSE_ADD("r5", "r11", "r12") TR_SPARSE_LOAD("r7", "16")   \
  TR_SPARSE_ADD("r8", "r6", "r12") TR_SPARSE_LOAD("r11", "20")   \
  TR_SPARSE_ADD("r9", "r7", "r12") TR_SPARSE_LOAD("r6", "24")    \
  TR_SPARSE_ADD("r10", "r11", "r12") TR_SPARSE_LOAD("r12", "28") \
  TR_SPARSE_LOAD("r7", "32") TR_SPARSE_LOAD("r11", "36")         \
  TR_SPARSE_ADD("r3", "r6", "lr") TR_SPARSE_LOAD("r6", "40")     \
  TR_SPARSE_ADD("r4", "r12", "lr") TR_SPARSE_LOAD("r12", "44")   \
  TR_SPARSE_ADD("r5", "r7", "lr") "ldrb.w r7, [r2], #1\n\t"      \
  TR_SPARSE_ADD("r8", "r11", "lr") "ldr.w r11, [r1], #4\n\t" rest
#define TR_SPARSE4_ON_M7 "add.w r0, r0, r7, lsl #4\n\t"
#define TR_SPARSE4_LEFT_M7 \
  TR_SPARSE_ADD("r9", "r6", "lr") TR_SPARSE4_ON_M7 TR_SPARSE_ADD("r10", "r12", "lr")
#define TR_SPARSE4_UNLESS_M7 TR_SPARSE4_LEFT_M7 "cbz r7, 5f\n\t"

#define TR_SPARSE4_ROW_M7                                                               \
  TR_SPARSE_ROW(TR_SPARSE_ONE_START, "4", TR_SPARSE4_ON_M7,                             \
                TR_SPARSE4_M7(TR_SPARSE4_UNLESS_M7) TR_SPARSE4_M7(TR_SPARSE4_UNLESS_M7) \
                "b.w 2b\n\t", "")

#define TR_SPARSE4_EQUAL_ROW_M7                                                             \
  TR_SPARSE_EQUAL_ROW(TR_SPARSE_ONE_START, "4", TR_SPARSE_ENTER_TWO("4"), TR_SPARSE4_ON_M7, \
      TR_SPARSE_TWO(TR_SPARSE4_M7(TR_SPARSE4_LEFT_M7),                                      \
                    TR_SPARSE4_M7(TR_SPARSE_ADD("r9", "r6", "lr") "vmov r6, s0\n\t"         \
                                    TR_SPARSE_ADD("r10", "r12", "lr") TR_SPARSE4_ON_M7      \
                                    "cmp.w r1, r6\n\t")))

/* Two blocks of two weights of one channel, six rows. */
#define TR_SPARSE2_M7(rest)                                       \
  "sxtb16 r12, r11\n\t" TR_SPARSE_LOAD("r6", "0")                 \
  "sxtb16 lr, r11, ror #8\n\t" TR_SPARSE_LOAD("r7", "4")          \
  TR_SPARSE_ADD("r3", "r6", "r12") TR_SPARSE_LOAD("r11", "8")     \
  TR_SPARSE_ADD("r4", "r7", "r12") "ldrb.w r6, [r2], #1\n\t"      \
  TR_SPARSE_ADD("r5", "r11", "r12") TR_SPARSE_LOAD("r7", "12")    \
  TR_SPARSE_LOAD("r11", "16") "add.w r6, r0, r6, lsl #3\n\t"      \
  TR_SPARSE_ADD("r8", "r7", "r12") TR_SPARSE_LOAD("r7", "20")     \
  TR_SPARSE_ADD("r9", "r11", "r12") "ldr.w r11, [r6]\n\t"         \
  TR_SPARSE_ADD("r10", "r7", "r12") "ldr.w r7, [r6, #4]\n\t"      \
  TR_SPARSE_ADD("r3", "r11", "lr") "ldr.w r12, [r6, #8]\n\t"      \
  TR_SPARSE_ADD("r4", "r7", "lr") "ldr.w r11, [r6, #12]\n\t"      \
  TR_SPARSE_ADD("r5", "r12", "lr") "ldrb.w r7, [r2], #1\n\t"      \
  "ldr.w r12, [r6, #16]\n\t" "ldr.w r0, [r6, #20]\n\t"            \
  TR_SPARSE_ADD("r8", "r11", "lr") "ldr.w r11, [r1], #4\n\t" rest
#define TR_SPARSE2_LEFT_M7                                        \
  TR_SPARSE_ADD("r10", "r0", "lr") "add.w r0, r6, r7, lsl #3\n\t" \
  TR_SPARSE_ADD("r9", "r12", "lr")
#define TR_SPARSE2_ON_M7 "add.w r0, r0, r7, lsl #3\n\t"

#define TR_SPARSE2_ROW_M7                                                        \
  TR_SPARSE_ROW(TR_SPARSE_ONE_START, "4", TR_SPARSE2_ON_M7,                      \
                TR_SPARSE2_M7(TR_SPARSE2_LEFT_M7 "cmp.w r7, #0\n\tbeq.w 5f\n\t") \
                TR_SPARSE2_M7(TR_SPARSE2_LEFT_M7 "cbz r7, 5f\n\t") "b.w 2b\n\t", "")

#define TR_SPARSE2_EQUAL_ROW_M7                                                             \
  TR_SPARSE_EQUAL_ROW(TR_SPARSE_ONE_START, "4", TR_SPARSE_ENTER_TWO("4"), TR_SPARSE2_ON_M7, \
      TR_SPARSE_TWO(TR_SPARSE2_M7(TR_SPARSE2_LEFT_M7),                                      \
                    TR_SPARSE2_M7(TR_SPARSE_ADD("r9", "r12", "lr") "vmov r12, s0\n\t"       \
                                    TR_SPARSE_ADD("r10", "r0", "lr")                        \
                                    "add.w r0, r6, r7, lsl #3\n\tcmp.w r1, r12\n\t")))

/* Four weights of each of two channels, three rows: the first's bytes, and both as 16 bits. */
#define TR_SPARSE2X4_M7(rest)                                     \
  "sxtb16 r12, r11\n\t" TR_SPARSE_LOAD("r6", "0")                 \
  TR_SPARSE_LOAD("r7", "4") TR_SPARSE_LOAD("lr", "8")             \
  TR_SPARSE_ADD("r8", "r6", "r11")                                \
  TR_SPARSE_ADD("r9", "r7", "r11")                                \
  TR_SPARSE_ADD("r10", "lr", "r11") "ldr r11, [r1, #-4]\n\t"      \
  TR_SPARSE_ADD("r3", "r6", "r12") TR_SPARSE_LOAD("r6", "12")     \
  TR_SPARSE_ADD("r4", "r7", "r12") TR_SPARSE_LOAD("r7", "16")     \
  TR_SPARSE_ADD("r5", "lr", "r12") TR_SPARSE_LOAD("lr", "20")     \
  "sxtb16 r12, r11\n\t" TR_SPARSE_ADD("r9", "r7", "r11")          \
  TR_SPARSE_ADD("r4", "r7", "r12") "ldrb.w r7, [r2], #1\n\t"      \
  TR_SPARSE_ADD("r8", "r6", "r11")                                \
  TR_SPARSE_ADD("r10", "lr", "r11") "ldr.w r11, [r1], #8\n\t" rest
#define TR_SPARSE2X4_LEFT_M7 \
  TR_SPARSE_ADD("r3", "r6", "r12") TR_SPARSE2_ON_M7 TR_SPARSE_ADD("r5", "lr", "r12")
#define TR_SPARSE2X4_UNLESS_M7 TR_SPARSE2X4_LEFT_M7 "cbz r7, 5f\n\t"

#define TR_SPARSE2X4_ROW_M7                                                                     \
  TR_SPARSE_ROW(TR_SPARSE_TWO_STARTS, "8", TR_SPARSE2_ON_M7,                                    \
                TR_SPARSE2X4_M7(TR_SPARSE2X4_UNLESS_M7) TR_SPARSE2X4_M7(TR_SPARSE2X4_UNLESS_M7) \
                "b.w 2b\n\t", "")

#define TR_SPARSE2X4_EQUAL_ROW_M7                                                            \
  TR_SPARSE_EQUAL_ROW(TR_SPARSE_TWO_STARTS, "8", TR_SPARSE_ENTER_TWO("8"), TR_SPARSE2_ON_M7, \
      TR_SPARSE_TWO(TR_SPARSE2X4_M7(TR_SPARSE2X4_LEFT_M7),                                   \
                    TR_SPARSE2X4_M7(TR_SPARSE_ADD("r3", "r6", "r12") "vmov r6, s0\n\t"       \
                                    TR_SPARSE_ADD("r5", "lr", "r12") TR_SPARSE2_ON_M7        \
                                    "cmp.w r1, r6\n\t")))

#endif

#endif
