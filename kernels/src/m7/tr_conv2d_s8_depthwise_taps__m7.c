#include "arm/depthwise_taps.h"

/* What a pair of taps has is loaded while the one before is multiplied: r8 and r9 are its words. */
#define AHEAD "ldr r8, [r2]\n\tldr.w r9, [r2, #4]\n\tldr.w r8, [r0, r8]\n\tldr.w r9, [r0, r9]\n\t"

#define PAIR                                                                     \
  "pkhbt r10, r8, r9, lsl #16\n\tldr.w r12, [r1]\n\t"                            \
  "pkhtb r11, r9, r8, asr #16\n\tldr.w lr, [r1, #4]\n\t"                         \
  "sxtb16 r3, r10\n\tldr.w r8, [r2, #8]!\n\t"                                    \
  "sxtb16 r10, r10, ror #8\n\tldr.w r9, [r2, #4]\n\t"                            \
  "smlad r4, r3, r12, r4\n\tldr.w r12, [r1, #8]\n\t"                             \
  "smlad r5, r10, lr, r5\n\tldr.w lr, [r1, #12]\n\t"                             \
  "sxtb16 r3, r11\n\tldr.w r8, [r0, r8]\n\t"                                     \
  "sxtb16 r11, r11, ror #8\n\tldr.w r9, [r0, r9]\n\t"                            \
  "smlad r6, r3, r12, r6\n\tadd.w r1, r1, #16\n\t"                               \
  "smlad r7, r11, lr, r7\n\t"

TR_TAPS_RUN(run, AHEAD, PAIR)

void tr_conv2d_s8_depthwise_taps__m7(const tr_conv2d_s8_params *p, const int8_t *x, int8_t *y,
                                     void *scratch) {
  tr_depthwise_taps(p, x, y, scratch, run);
}
