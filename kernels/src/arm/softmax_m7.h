/* The passes of arm/softmax_passes.h for Cortex-M7, in orders that let most instructions share a
 * cycle: SIMD ones the older of two, and nothing soon behind what it waits for. */
#ifndef TINYRIG_SOFTMAX_M7_H
#define TINYRIG_SOFTMAX_M7_H

#include "arm/softmax_passes.h"

#define TR_LARGEST_M7 \
  "ldr.w r2, [r0, #4]\n\tldr.w r5, [r0, #8]\n\tssub8 r6, r5, r4\n\tsel r4, r5, r4\n\t" \
  "ldr.w r8, [r0, #12]\n\tssub8 lr, r2, r4\n\tldr.w r12, [r0], #16\n\tsel r4, r2, r4\n\t" \
  "subs.w r3, r3, #1\n\tssub8 r6, r8, r4\n\tsel r4, r8, r4\n\tssub8 r5, r12, r4\n\t" \
  "sel r4, r12, r4\n\t"

/* Two words of scores: what they are below the largest, by bytes; eight look-ups by halves; four
 * pairs stored and summed. */
#define TR_LOOK_UP_M7 \
  "ldr.w r4, [r0, #4]\n\tldr.w r5, [r0], #8\n\tusub8 r6, r9, r5\n\tusub8 r8, r9, r4\n\t" \
  "lsr.w lr, r6, #24\n\tubfx r12, r6, #16, #8\n\tsubs.w r3, r3, #1\n\t" \
  "ubfx r5, r6, #8, #8\n\tldrh.w r4, [r2, lr, lsl #1]\n\tuxtb.w lr, r6\n\t" \
  "ldrh.w r6, [r2, r12, lsl #1]\n\tubfx r12, r8, #8, #8\n\tldrh.w r5, [r2, r5, lsl #1]\n\t" \
  "pkhbt r6, r6, r4, lsl #16\n\tldrh.w r4, [r2, lr, lsl #1]\n\tuxtb.w lr, r8\n\t" \
  "ldrh.w r12, [r2, r12, lsl #1]\n\tpkhbt r4, r4, r5, lsl #16\n\tlsr.w r5, r8, #24\n\t" \
  "ubfx r8, r8, #16, #8\n\tsmlad r11, r4, r10, r11\n\tstr.w r4, [r1]\n\t" \
  "ldrh.w r4, [r2, r5, lsl #1]\n\tldrh.w r5, [r2, r8, lsl #1]\n\tstr.w r6, [r1, #4]\n\t" \
  "ldrh.w r8, [r2, lr, lsl #1]\n\tsmlad r11, r6, r10, r11\n\tpkhbt lr, r5, r4, lsl #16\n\t" \
  "str.w lr, [r1, #12]\n\tpkhbt r6, r8, r12, lsl #16\n\tstr.w r6, [r1, #8]\n\t" \
  "add.w r1, r1, #16\n\tsmlad r11, r6, r10, r11\n\tsmlad r11, lr, r10, r11\n\t"

/* Products and half, shifted; pairs of even and of odd ones saturated; bytes of both. */
#define TR_NORMALISE_M7 \
  "ldr.w r4, [r0]\n\tsubs.w r3, r3, #1\n\tldr.w r5, [r0, #4]\n\tldr.w r6, [r0, #8]\n\t" \
  "ldr.w r8, [r0, #12]\n\tsmlawt lr, r9, r4, r10\n\tsmlawt r12, r9, r5, r10\n\t" \
  "lsr.w r2, lr, r11\n\tsmlawt lr, r9, r6, r10\n\tsmlawb r5, r9, r5, r10\n\t" \
  "lsr.w r12, r12, r11\n\tsmlawb r4, r9, r4, r10\n\tlsr.w lr, lr, r11\n\t" \
  "smlawb r6, r9, r6, r10\n\tlsr.w r5, r5, r11\n\tpkhbt r2, r2, r12, lsl #16\n\t" \
  "smlawt r12, r9, r8, r10\n\tlsr.w r4, r4, r11\n\tsmlawb r8, r9, r8, r10\n\t" \
  "pkhbt r4, r4, r5, lsl #16\n\tlsr.w r5, r12, r11\n\tusat16 r12, #8, r2\n\t" \
  "lsr.w r2, r6, r11\n\tpkhbt r6, lr, r5, lsl #16\n\tusat16 lr, #8, r4\n\t" \
  "lsr.w r5, r8, r11\n\tpkhbt r4, r2, r5, lsl #16\n\tusat16 r8, #8, r6\n\t" \
  "usat16 r2, #8, r4\n\tadd.w r0, r0, #16\n\torr.w r5, lr, r12, lsl #8\n\t" \
  "orr.w r6, r2, r8, lsl #8\n\teor.w r4, r5, #0x80808080\n\teor.w lr, r6, #0x80808080\n\t" \
  "str.w lr, [r1, #4]\n\tstr.w r4, [r1], #8\n\t"

TR_LARGEST_RUN(tr_largest_m7, TR_LARGEST_M7)
TR_LOOK_UP_RUN(tr_look_up_m7, TR_LOOK_UP_M7)
TR_NORMALISE_RUN(tr_normalise_m7, TR_NORMALISE_M7)

static const tr_softmax_core tr_softmax_core_m7 = {tr_largest_m7, tr_look_up_m7, tr_normalise_m7};

#endif
