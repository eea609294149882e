/* Winograd's outputs on a Cortex-M7: a tile's first column becomes outputs beside the second's sums.
 * r0 is a tile's first sum, r1 the tile; s0 to s2 are start, multiplier and offset of the first
 * column, s3 and s4 start and multiplier of the second, s5 the step to it, s6 the end of the tiles.
 *
 * A column's sums are r4 to r7, then r2, r3, r6 and r7; outputs go to r8 (upper) and r9 (lower), the
 * right ones r10 further on. The output that is always inside the image is written last. The
 * order is one that a search found: 67 cycles a tile for 130 instructions. */
#ifndef TINYRIG_WINOGRAD_OUTPUT_M7_H
#define TINYRIG_WINOGRAD_OUTPUT_M7_H

#if defined(__ARM_FEATURE_DSP)

#define TR_OUTPUTS_M7                                                                   \
  "ldr.w r3, [r0, #24]\n\tldr.w r2, [r0, #0]\n\tadd.w r2, r2, r3\n\t"                   \
  "ldr.w r12, [r0, #48]\n\tldr.w lr, [r0, #72]\n\tsub.w r3, r3, r12\n\t"                \
  "sub.w r5, r3, lr\n\tldr.w r7, [r0, #120]\n\tldr.w r6, [r0, #96]\n\t"                 \
  "add.w r4, r2, r12\n\tldr.w r2, [r0, #192]\n\tvmov r11, s1\n\t"                       \
  "ldr.w r8, [r0, #144]\n\tadd.w r6, r6, r7\n\tadd.w r6, r6, r8\n\t"                    \
  "ldr.w r3, [r0, #216]\n\tldr.w r9, [r0, #168]\n\tsub.w r7, r7, r8\n\t"                \
  "ldr.w lr, [r0, #264]\n\tsub.w r7, r7, r9\n\tadd.w r2, r2, r3\n\t"                    \
  "ldr.w r12, [r0, #240]\n\tadd.w r5, r5, r7\n\tldr.w r9, [r0, #312]\n\t"               \
  "ldr.w r8, [r0, #288]\n\tadd.w r2, r2, r12\n\tsub.w r3, r3, r12\n\t"                  \
  "sub.w r3, r3, lr\n\tldr.w r12, [r0, #336]\n\tadd.w r5, r5, r3\n\t"                   \
  "sub.w r7, r7, r3\n\tadd.w r8, r8, r9\n\tvmov r10, s0\n\tadd.w r4, r4, r6\n\t"        \
  "add.w r4, r4, r2\n\tsub.w r6, r6, r2\n\tadd.w r5, r10, r5, asr #2\n\t"               \
  "ldr.w r2, [r0, #108]\n\tldr.w lr, [r0, #360]\n\tsub.w r9, r9, r12\n\t"               \
  "add.w r4, r10, r4, asr #2\n\tadd.w r8, r8, r12\n\tsub.w r9, r9, lr\n\t"              \
  "sub.w r7, r7, r9\n\tsmmul r4, r4, r11\n\tldr.w r3, [r0, #132]\n\t"                   \
  "sub.w r6, r6, r8\n\tadd.w r7, r10, r7, asr #2\n\tldr.w r12, [r0, #156]\n\t"          \
  "add.w r6, r10, r6, asr #2\n\tvmov r10, s2\n\tsmmul r5, r5, r11\n\t"                  \
  "ldr.w lr, [r0, #180]\n\tsmmul r7, r7, r11\n\tssat r4, #8, r4\n\t"                    \
  "smmul r6, r6, r11\n\tldr.w r8, [r1]\n\tldr.w r11, [r0, #204]\n\t"                    \
  "add.w r8, r8, r10\n\tssat r7, #8, r7\n\tldr.w r10, [r1, #4]\n\tssat r6, #8, r6\n\t"  \
  "ldr.w r9, [r1, #8]\n\tadd.w r9, r9, r8\n\tadd.w r2, r2, r3\n\tadd.w r2, r2, r12\n\t" \
  "sub.w r3, r3, r12\n\tldr.w r12, [r0, #228]\n\tsub.w r3, r3, lr\n\t"                  \
  "ssat r5, #8, r5\n\tadd.w r11, r11, r12\n\tstrb.w r7, [r9, r10]\n\t"                  \
  "ldr.w lr, [r0, #252]\n\tsub.w r12, r12, lr\n\tstrb.w r6, [r9]\n\t"                   \
  "strb.w r5, [r8, r10]\n\tadd.w r11, r11, lr\n\tldr.w r7, [r0, #276]\n\t"              \
  "sub.w r6, r2, r11\n\tadd.w r2, r2, r11\n\tldr.w r11, [r0, #348]\n\t"                 \
  "strb.w r4, [r8]\n\tldr.w lr, [r0, #12]\n\tldr.w r5, [r0, #324]\n\t"                  \
  "sub.w r12, r12, r7\n\tsub.w r7, r3, r12\n\tldr.w r4, [r0, #300]\n\t"                 \
  "add.w r4, r4, r5\n\tadd.w r3, r3, r12\n\tsub.w r5, r5, r11\n\t"                      \
  "ldr.w r12, [r0, #372]\n\tsub.w r5, r5, r12\n\tldr.w r12, [r0, #60]\n\t"              \
  "sub.w r7, r7, r5\n\tadd.w r4, r4, r11\n\tldr.w r11, [r0, #36]\n\t"                   \
  "sub.w r6, r6, r4\n\tadd.w lr, lr, r11\n\tsub.w r11, r11, r12\n\t"                    \
  "ldr.w r4, [r0, #84]\n\tadd.w lr, lr, r12\n\tadd.w r0, r0, #4\n\t"                    \
  "sub.w r11, r11, r4\n\tadd.w r2, r2, lr\n\tadd.w r1, r1, #12\n\tvmov r12, s3\n\t"     \
  "add.w r3, r3, r11\n\tadd.w r6, r12, r6, asr #2\n\tvmov r11, s5\n\t"                  \
  "add.w r3, r12, r3, asr #2\n\tvmov lr, s4\n\tadd.w r7, r12, r7, asr #2\n\t"           \
  "smmul r3, r3, lr\n\tsmmul r6, r6, lr\n\tvmov r4, s6\n\tadd.w r8, r8, r11\n\t"        \
  "smmul r7, r7, lr\n\tssat r3, #8, r3\n\tadd.w r2, r12, r2, asr #2\n\t"                \
  "ssat r6, #8, r6\n\tadd.w r9, r9, r11\n\tcmp.w r1, r4\n\tsmmul r2, r2, lr\n\t"        \
  "ssat r7, #8, r7\n\tstrb.w r7, [r9, r10]\n\tstrb.w r6, [r9]\n\tssat r2, #8, r2\n\t"   \
  "strb.w r3, [r8, r10]\n\tstrb.w r2, [r8]\n\tbne.w 1b\n\t"

#endif

#endif
