#include "arm/depthwise_taps.h"

/* Loads of one memory stand together, which Cortex-M4 pipelines. */
#define PAIR                                                                     \
  "ldr.w r9, [r2, #4]\n\tldr r8, [r2], #8\n\t"                                   \
  "ldr.w r9, [r0, r9]\n\tldr.w r8, [r0, r8]\n\t"                                 \
  "pkhbt r10, r8, r9, lsl #16\n\tpkhtb r11, r9, r8, asr #16\n\t"                 \
  "ldmia.w r1!, {r8, r9, r12, lr}\n\t"                                           \
  "sxtb16 r3, r10\n\tsmlad r4, r3, r8, r4\n\t"                                   \
  "sxtb16 r10, r10, ror #8\n\tsmlad r5, r10, r9, r5\n\t"                         \
  "sxtb16 r3, r11\n\tsmlad r6, r3, r12, r6\n\t"                                  \
  "sxtb16 r11, r11, ror #8\n\tsmlad r7, r11, lr, r7\n\t"

TR_TAPS_RUN(run, "", PAIR)

void tr_conv2d_s8_depthwise_taps__m4(const tr_conv2d_s8_params *p, const int8_t *x, int8_t *y,
                                     void *scratch) {
  tr_depthwise_taps(p, x, y, scratch, run);
}
