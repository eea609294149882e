/* The passes of arm/softmax_passes.h for Cortex-M4, which pipelines loads that stand together. */
#ifndef TINYRIG_SOFTMAX_M4_H
#define TINYRIG_SOFTMAX_M4_H

#include "arm/softmax_passes.h"

#define TR_LARGEST_OF_M4(x) "ssub8 r12, r4, " x "\n\tsel r4, r4, " x "\n\t"
#define TR_LARGEST_M4                                                                  \
  "ldr.w r8, [r0, #12]\n\tldr.w r6, [r0, #8]\n\tldr.w r5, [r0, #4]\n\tldr.w r2, [r0], #16\n\t" \
  TR_LARGEST_OF_M4("r2") TR_LARGEST_OF_M4("r5") TR_LARGEST_OF_M4("r6") TR_LARGEST_OF_M4("r8") \
  "subs r3, r3, #1\n\t"

/* Four scores, whose distances from the largest are the bytes of `x`. */
#define TR_LOOK_UP_FOUR_M4(x)                                                           \
  "uxtb.w r6, " x "\n\tubfx r8, " x ", #8, #8\n\tubfx r12, " x ", #16, #8\n\t"          \
  "lsr.w lr, " x ", #24\n\t"                                                            \
  "ldrh.w r6, [r2, r6, lsl #1]\n\tldrh.w r8, [r2, r8, lsl #1]\n\t"                      \
  "ldrh.w r12, [r2, r12, lsl #1]\n\tldrh.w lr, [r2, lr, lsl #1]\n\t"                    \
  "pkhbt r6, r6, r8, lsl #16\n\tpkhbt r12, r12, lr, lsl #16\n\t"                        \
  "str.w r6, [r1], #4\n\tstr.w r12, [r1], #4\n\t"                                       \
  "smlad r11, r6, r10, r11\n\tsmlad r11, r12, r10, r11\n\t"
#define TR_LOOK_UP_M4                                                                   \
  "ldr.w r5, [r0, #4]\n\tldr.w r4, [r0], #8\n\tusub8 r4, r9, r4\n\tusub8 r5, r9, r5\n\t" \
  TR_LOOK_UP_FOUR_M4("r4") TR_LOOK_UP_FOUR_M4("r5") "subs r3, r3, #1\n\t"

/* Four exponentials, of which `a` and `b` have two each: products and half, shifted; the pairs of
 * even and of odd ones saturated; bytes of both. */
#define TR_NORMALISE_FOUR_M4(a, b)                                                            \
  "smlawb r12, r9, " a ", r10\n\tsmlawb lr, r9, " b ", r10\n\tsmlawt " a ", r9, " a ", r10\n\t" \
  "smlawt " b ", r9, " b ", r10\n\tlsr.w r12, r12, r11\n\tlsr.w lr, lr, r11\n\t"              \
  "lsr.w " a ", " a ", r11\n\tlsr.w " b ", " b ", r11\n\tpkhbt r12, r12, lr, lsl #16\n\t"      \
  "pkhbt " a ", " a ", " b ", lsl #16\n\tusat16 r12, #8, r12\n\tusat16 " a ", #8, " a "\n\t"    \
  "orr.w r12, r12, " a ", lsl #8\n\teor.w r12, r12, #0x80808080\n\tstr.w r12, [r1], #4\n\t"
#define TR_NORMALISE_M4                                                                      \
  "ldr.w r6, [r0, #12]\n\tldr.w r5, [r0, #8]\n\tldr.w r4, [r0, #4]\n\tldr.w r2, [r0], #16\n\t" \
  TR_NORMALISE_FOUR_M4("r2", "r4") TR_NORMALISE_FOUR_M4("r5", "r6") "subs r3, r3, #1\n\t"

TR_LARGEST_RUN(tr_largest_m4, TR_LARGEST_M4)
TR_LOOK_UP_RUN(tr_look_up_m4, TR_LOOK_UP_M4)
TR_NORMALISE_RUN(tr_normalise_m4, TR_NORMALISE_M4)

static const tr_softmax_core tr_softmax_core_m4 = {tr_largest_m4, tr_look_up_m4, tr_normalise_m4};

#endif
