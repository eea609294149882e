/* Winograd's form of a tile's input on a Cortex-M7: a SIMD instruction issues beside a load, a store
 * or a sum behind it, so a line's loads and an earlier line's stores stand between those of a line.
 * The registers are those of winograd_input.h. Lines go 0, 2, 1 and 3 for even channels and back for
 * odd ones, and cells of a line to and fro, so no address is set back. */
#ifndef TINYRIG_WINOGRAD_INPUT_M7_H
#define TINYRIG_WINOGRAD_INPUT_M7_H

#if defined(__ARM_FEATURE_DSP)

/* r0 is the first cell of line 0, and in the end that of line 3; r1 is place 0, and 13. The last loads
 * are of the odd channels, whose text stores the last two places. */
#define TR_PATCH_EVEN_M7                                                                   \
  "ldr r5, [r0, r2]\n\tldr r6, [r0, r2, lsl #1]\n\tldr r4, [r0]\n\tadd r0, r0, r2\n\t"     \
  "sxtb16 r5, r5\n\tldr r7, [r0, r2, lsl #1]\n\t"                                          \
  "sxtb16 r6, r6\n\tadd.w r0, r0, lr, lsl #1\n\t"                                          \
  "sadd16 r12, r5, r6\n\tsxtb16 r4, r4\n\tldr r9, [r0]\n\t"                                \
  "ssub16 r4, r4, r6\n\tldr r10, [r0, r2]\n\t"                                             \
  "ssub16 r6, r6, r5\n\tldr r11, [r0, r2, lsl #1]\n\t"                                     \
  "sxtb16 r7, r7\n\tsub.w r0, r0, r2\n\t"                                                  \
  "ssub16 r7, r5, r7\n\tsxtb16 r9, r9\n\tldr r8, [r0]\n\t"                                 \
  "sxtb16 r10, r10\n\tsub.w r0, r0, lr\n\t"                                                \
  "sadd16 r5, r9, r10\n\tssub16 r12, r12, r5\n\tstr r12, [r1, r3]\n\t"                     \
  "sxtb16 r8, r8\n\tldr r12, [r0, r2]\n\t"                                                 \
  "ssub16 r8, r8, r10\n\tssub16 r4, r4, r8\n\tstr r4, [r1]\n\t"                            \
  "ssub16 r10, r10, r9\n\tldr r4, [r0, r2, lsl #1]\n\t"                                    \
  "ssub16 r6, r6, r10\n\tstr r6, [r1, r3, lsl #1]\n\t"                                     \
  "sxtb16 r11, r11\n\tldr r6, [r0]\n\t"                                                    \
  "ssub16 r11, r9, r11\n\tadd r0, r0, r2\n\t"                                              \
  "ssub16 r7, r7, r11\n\tadd r1, r1, r3\n\t"                                               \
  "sxtb16 r12, r12\n\tldr r9, [r0, r2, lsl #1]\n\t"                                        \
  "sxtb16 r4, r4\n\tstr r7, [r1, r3, lsl #1]\n\t"                                          \
  "sadd16 r7, r12, r4\n\tadd.w r0, r0, lr, lsl #1\n\t"                                     \
  "sxtb16 r6, r6\n\tssub16 r6, r6, r4\n\tssub16 r4, r4, r12\n\tsxtb16 r9, r9\n\t"          \
  "ssub16 r9, r12, r9\n\tsadd16 r12, r7, r5\n\tstr r12, [r1, r3, lsl #2]\n\t"              \
  "ssub16 r5, r5, r7\n\tstr r5, [r1, r3, lsl #3]\n\t"                                      \
  "sadd16 r12, r6, r8\n\tsub.w r1, r1, r3\n\t"                                             \
  "ssub16 r8, r8, r6\n\tldr r5, [r0]\n\t"                                                  \
  "sxtb16 r5, r5\n\tstr r12, [r1, r3, lsl #2]\n\t"                                         \
  "sadd16 r12, r4, r10\n\tstr r8, [r1, r3, lsl #3]\n\t"                                    \
  "ssub16 r10, r10, r4\n\tadd.w r1, r1, r3, lsl #1\n\t"                                    \
  "sadd16 r8, r9, r11\n\t"                                                                 \
  "ssub16 r11, r11, r9\n\tstr r12, [r1, r3, lsl #2]\n\tldr r12, [r0, r2, lsl #1]\n\t"      \
  "str r10, [r1, r3, lsl #3]\n\tldr r10, [r0, r2]\n\tadd r1, r1, r3\n\t"                   \
  "sxtb16 r12, r12\n\tsub.w r0, r0, r2\n\tsxtb16 r10, r10\n\tstr r8, [r1, r3, lsl #2]\n\t" \
  "sadd16 r8, r5, r10\n\tstr r11, [r1, r3, lsl #3]\n\t"                                    \
  "ssub16 r7, r7, r8\n\tldr r11, [r0]\n\t"                                                 \
  "ssub16 r12, r5, r12\n\tadd.w r1, r1, r3, lsl #3\n\t"                                    \
  "sxtb16 r11, r11\n\tldr r8, [r0, r2]\n\t"                                                \
  "ssub16 r11, r11, r10\n\tstr r7, [r1, r3, lsl #1]\n\t"                                   \
  "ssub16 r10, r10, r5\n\tldr r7, [r0, r2, lsl #1]\n\t"                                    \
  "ssub16 r6, r6, r11\n\tstr r6, [r1, r3]\n\t"                                             \
  "ssub16 r4, r4, r10\n\tadd.w r1, r1, r3, lsl #1\n\t"                                     \
  "ssub16 r9, r9, r12\n\tldr r5, [r0]\n\t"

/* From there back to the next four channels: r4 is the step to their words, r7 the end of r0. */
#define TR_PATCH_ODD_M7                                                                 \
  "sxtb16 r8, r8, ror #8\n\tstr r4, [r1, r3]\n\t"                                       \
  "sxtb16 r7, r7, ror #8\n\tstr r9, [r1, r3, lsl #1]\n\t"                               \
  "sadd16 r4, r8, r7\n\tadd r0, r0, r2\n\t"                                             \
  "sxtb16 r5, r5, ror #8\n\tadd.w r1, r1, #4\n\t"                                       \
  "ssub16 r5, r5, r7\n\tldr r6, [r0, r2, lsl #1]\n\t"                                   \
  "ssub16 r7, r7, r8\n\tsub.w r0, r0, lr, lsl #1\n\tldr r9, [r0]\n\t"                   \
  "sxtb16 r6, r6, ror #8\n\tldr r10, [r0, r2]\n\t"                                      \
  "ssub16 r6, r8, r6\n\tldr r11, [r0, r2, lsl #1]\n\t"                                  \
  "sxtb16 r9, r9, ror #8\n\tsub.w r0, r0, r2\n\t"                                       \
  "sxtb16 r10, r10, ror #8\n\tsadd16 r12, r9, r10\n\tldr r8, [r0]\n\t"                  \
  "ssub16 r4, r12, r4\n\tadd r0, r0, lr\n\t"                                            \
  "sxtb16 r11, r11, ror #8\n\tstr r4, [r1]\n\t"                                         \
  "ssub16 r11, r9, r11\n\tldr r4, [r0, r2]\n\t"                                         \
  "ssub16 r6, r11, r6\n\tstr r6, [r1, r3, lsl #1]\n\t"                                  \
  "sxtb16 r8, r8, ror #8\n\tldr r6, [r0, r2, lsl #1]\n\t"                               \
  "ssub16 r8, r8, r10\n\tssub16 r10, r10, r9\n\tldr r9, [r0]\n\t"                       \
  "ssub16 r7, r10, r7\n\tstr r7, [r1, r3]\n\t"                                          \
  "ssub16 r5, r8, r5\n\tsub.w r1, r1, r3, lsl #1\n\t"                                   \
  "sxtb16 r4, r4, ror #8\n\tadd r0, r0, r2\n\t"                                         \
  "sxtb16 r6, r6, ror #8\n\tstr r5, [r1, r3]\n\t"                                       \
  "sadd16 r5, r4, r6\n\tldr r7, [r0, r2, lsl #1]\n\t"                                   \
  "sxtb16 r9, r9, ror #8\n\tsub.w r1, r1, r3, lsl #3\n\t"                               \
  "ssub16 r9, r9, r6\n\tsub.w r0, r0, lr, lsl #1\n\t"                                   \
  "sxtb16 r7, r7, ror #8\n\tssub16 r6, r6, r4\n\tssub16 r7, r4, r7\n\t"                 \
  "sadd16 r4, r11, r7\n\tstr r4, [r1, r3, lsl #2]\n\t"                                  \
  "ssub16 r11, r7, r11\n\tstr r11, [r1, r3, lsl #3]\n\t"                                \
  "sadd16 r4, r10, r6\n\tsub.w r1, r1, r3\n\t"                                          \
  "ssub16 r10, r6, r10\n\tldr r11, [r0]\n\tstr r4, [r1, r3, lsl #2]\n\t"                \
  "sadd16 r4, r8, r9\n\tstr r10, [r1, r3, lsl #3]\n\t"                                  \
  "ssub16 r8, r9, r8\n\tsub.w r1, r1, r3, lsl #1\n\t"                                   \
  "sxtb16 r11, r11, ror #8\n\tldr r10, [r0, r2]\n\tstr r4, [r1, r3, lsl #2]\n\t"        \
  "sadd16 r4, r12, r5\n\tstr r8, [r1, r3, lsl #3]\n\t"                                  \
  "ssub16 r12, r5, r12\n\tadd r1, r1, r3\n\t"                                           \
  "sxtb16 r10, r10, ror #8\n\tldr r8, [r0, r2, lsl #1]\n\tstr r4, [r1, r3, lsl #2]\n\t" \
  "sub.w r0, r0, r2\n\tsadd16 r4, r11, r10\n\tstr r12, [r1, r3, lsl #3]\n\t"            \
  "ssub16 r4, r4, r5\n\tstr r4, [r1]\n\t"                                               \
  "sxtb16 r8, r8, ror #8\n\tldr r12, [r0]\n\t"                                          \
  "ssub16 r8, r11, r8\n\tvmov r4, s1\n\t"                                               \
  "ssub16 r8, r8, r7\n\tstr r8, [r1, r3, lsl #1]\n\t"                                   \
  "sxtb16 r12, r12, ror #8\n\tsub.w r5, r1, r3\n\t"                                     \
  "ssub16 r12, r12, r10\n\tadd.w r0, r0, #4\n\t"                                        \
  "ssub16 r10, r10, r11\n\tvmov r7, s0\n\t"                                             \
  "ssub16 r10, r10, r6\n\tstr r10, [r1, r3]\n\t"                                        \
  "ssub16 r12, r12, r9\n\tstr.w r12, [r5]\n\tadd.w r1, r5, r4\n\tcmp.w r0, r7\n\t"

#endif

#endif
