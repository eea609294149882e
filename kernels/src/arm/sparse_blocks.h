/* A row of sparse weights (common/sparse_stream.h) times a panel of six rows of x
 * (arm/sparse_rows.h), for the core.
 *
 * r0 is the place in the panel of the block before, r1 the word behind the next block's values, r2
 * the gap behind the next block's; r3, r4, r5, r8, r9 and r10 are the sums, r7 is the gap to the
 * next block and r11 its four weights. r6, r12 and lr are lost. TR_SPARSE_BLOCK leaves the gap
 * behind its own in r7, and TR_SPARSE_END to be done. Two blocks are just short enough for CBZ to
 * leave from both. */
#ifndef TINYRIG_SPARSE_BLOCKS_H
#define TINYRIG_SPARSE_BLOCKS_H

#if defined(__ARM_FEATURE_DSP)

#define TR_SPARSE_ADD(sum, x, w) "smlad " sum ", " x ", " w ", " sum "\n\t"
#define TR_SPARSE_LOAD(to, at) "ldr.w " to ", [r0, #" at "]\n\t"

#if defined(TR_TILE_INTERLEAVED)

/* Cortex-M7: every multiplication issues beside a load of what comes two or more cycles later. */
#define TR_SPARSE_BLOCK                                              \
  "add.w r0, r0, r7, lsl #4\n\t"                                     \
  "sxtb16 r12, r11\n\t"                                            \
  TR_SPARSE_LOAD("r6", "0")                                          \
  "sxtb16 lr, r11, ror #8\n\t"                                     \
  TR_SPARSE_LOAD("r7", "4")                                          \
  TR_SPARSE_LOAD("r11", "8") TR_SPARSE_ADD("r3", "r6", "r12")        \
  TR_SPARSE_LOAD("r6", "12") TR_SPARSE_ADD("r4", "r7", "r12")        \
  TR_SPARSE_LOAD("r7", "16") TR_SPARSE_ADD("r5", "r11", "r12")       \
  TR_SPARSE_LOAD("r11", "20") TR_SPARSE_ADD("r8", "r6", "r12")       \
  TR_SPARSE_LOAD("r6", "24") TR_SPARSE_ADD("r9", "r7", "r12")        \
  TR_SPARSE_LOAD("r7", "28") TR_SPARSE_ADD("r10", "r11", "r12")      \
  TR_SPARSE_LOAD("r11", "32") TR_SPARSE_ADD("r3", "r6", "lr")        \
  TR_SPARSE_LOAD("r6", "36") TR_SPARSE_ADD("r4", "r7", "lr")         \
  "ldrb.w r7, [r2], #1\n\t" TR_SPARSE_ADD("r5", "r11", "lr")         \
  TR_SPARSE_LOAD("r12", "40") TR_SPARSE_ADD("r8", "r6", "lr")        \
  TR_SPARSE_LOAD("r6", "44")                                         \
  "ldr.w r11, [r1], #4\n\t" TR_SPARSE_ADD("r9", "r12", "lr")         \
  TR_SPARSE_ADD("r10", "r6", "lr")                                   \
  "cbz r7, 5f\n\t"
#define TR_SPARSE_END

#else

/* Cortex-M4: neighbouring loads of one memory pipeline, and wide instructions run best from whole
 * words: one load is narrow beside the narrow branch. */
#define TR_SPARSE_BLOCK                                                                    \
  "add.w r0, r0, r7, lsl #4\n\t"                                                           \
  "sxtb16 r12, r11\n\t"                                                                  \
  "sxtb16 lr, r11, ror #8\n\t"                                                           \
  TR_SPARSE_LOAD("r6", "0") TR_SPARSE_LOAD("r7", "4") TR_SPARSE_LOAD("r11", "8")           \
  TR_SPARSE_ADD("r3", "r6", "r12") TR_SPARSE_ADD("r4", "r7", "r12")                        \
  TR_SPARSE_ADD("r5", "r11", "r12")                                                        \
  TR_SPARSE_LOAD("r6", "12") TR_SPARSE_LOAD("r7", "16") TR_SPARSE_LOAD("r11", "20")        \
  TR_SPARSE_ADD("r8", "r6", "r12") TR_SPARSE_ADD("r9", "r7", "r12")                        \
  TR_SPARSE_ADD("r10", "r11", "r12")                                                       \
  TR_SPARSE_LOAD("r6", "24") TR_SPARSE_LOAD("r7", "28") TR_SPARSE_LOAD("r11", "32")        \
  TR_SPARSE_LOAD("r12", "36")                                                              \
  TR_SPARSE_ADD("r3", "r6", "lr") TR_SPARSE_ADD("r4", "r7", "lr")                          \
  TR_SPARSE_ADD("r5", "r11", "lr") TR_SPARSE_ADD("r8", "r12", "lr")                        \
  "ldrb.w r7, [r2], #1\n\t"                                                                \
  "ldr.w r11, [r1], #4\n\t"                                                                \
  TR_SPARSE_LOAD("r12", "40")                                                              \
  "ldr.n r6, [r0, #44]\n\t"                                                                \
  "cbz r7, 5f\n\t"                                                                         \
  TR_SPARSE_END
#define TR_SPARSE_END TR_SPARSE_ADD("r9", "r12", "lr") TR_SPARSE_ADD("r10", "r6", "lr")

#endif

/* From r0, the panel, r3, the start value, and r1 and r2, the row's values and gaps; these are the
 * next row's behind it. A row may be empty. */
#define TR_SPARSE_ROW                  \
  "ldrb.w r7, [r2], #1\n\t"            \
  "ldr.w r11, [r1], #4\n\t"            \
  "subs.w r0, r0, #48\n\t"               \
  "mov r4, r3\n\t"                     \
  "mov r5, r3\n\t"                     \
  "mov r8, r3\n\t"                     \
  "mov r9, r3\n\t"                     \
  "mov r10, r3\n\t"                    \
  "cmp r7, #0\n\t"                     \
  "beq.w 6f\n\t"                       \
  ".p2align 2\n\t"                     \
  "2:\n\t" TR_SPARSE_BLOCK TR_SPARSE_BLOCK \
  "b.w 2b\n\t"                         \
  "5:\n\t" TR_SPARSE_END               \
  "6:\n\t"                             \
  "subs.w r1, r1, #4\n\t"

#endif

#endif
