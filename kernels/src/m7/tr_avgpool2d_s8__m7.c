#include "arm/avgpool_cells.h"

/* Four channels of a window of two by two, and of three by three: pairs of even and of odd bytes
 * summed, four products whose upper halves are the means plus 128, two saturated pairs, one word. The
 * order is one that gives most loads and multiplications a SIMD instruction to share a cycle with. */
#define TWO \
  "ldr.w r2, [r0, r3]\n\tldr.w r4, [r0], #4\n\tsxtab16 r5, r9, r2, ror #8\n\t" \
  "ldr.w r6, [r1, r3]\n\tsxtab16 r8, r5, r4, ror #8\n\tsxtab16 r5, r9, r2\n\t" \
  "sxtab16 r2, r8, r6, ror #8\n\tldr.w r8, [r1], #4\n\tsxtab16 r5, r5, r4\n\t" \
  "sxtab16 r4, r2, r8, ror #8\n\tsxtab16 r2, r5, r6\n\tsmlawb r5, r10, r4, r11\n\t" \
  "sxtab16 r6, r2, r8\n\tsmlawt r2, r10, r4, r11\n\tsubs.w lr, lr, #1\n\t" \
  "smlawb r8, r10, r6, r11\n\tsmlawt r4, r10, r6, r11\n\tpkhtb r6, r2, r5, asr #16\n\t" \
  "pkhtb r5, r4, r8, asr #16\n\tusat16 r2, #8, r6\n\tusat16 r8, #8, r5\n\t" \
  "orr.w r4, r8, r2, lsl #8\n\teor.w r6, r4, #0x80808080\n\tstr.w r6, [r12], #4\n\t"

#define THREE \
  "ldr.w r4, [r0, r3]\n\tldr.w r5, [r0, r3, lsl #1]\n\tsxtab16 r6, r9, r4\n\t" \
  "sxtab16 r8, r9, r4, ror #8\n\tsxtab16 r4, r6, r5\n\tldr.w r6, [r0], #4\n\t" \
  "sxtab16 r8, r8, r5, ror #8\n\tldr.w r5, [r1, r3]\n\tsxtab16 r8, r8, r6, ror #8\n\t" \
  "sxtab16 r4, r4, r6\n\tldr.w r6, [r1, r3, lsl #1]\n\tsxtab16 r4, r4, r5\n\t" \
  "subs.w lr, lr, #1\n\tsxtab16 r4, r4, r6\n\tsxtab16 r8, r8, r5, ror #8\n\t" \
  "ldr.w r5, [r1], #4\n\tsxtab16 r8, r8, r6, ror #8\n\tsxtab16 r6, r4, r5\n\t" \
  "ldr.w r4, [r2, r3]\n\tsxtab16 r8, r8, r5, ror #8\n\tsxtab16 r5, r8, r4, ror #8\n\t" \
  "ldr.w r8, [r2, r3, lsl #1]\n\tsxtab16 r6, r6, r4\n\tldr.w r4, [r2], #4\n\t" \
  "sxtab16 r5, r5, r8, ror #8\n\tsxtab16 r5, r5, r4, ror #8\n\tsxtab16 r6, r6, r8\n\t" \
  "smlawb r8, r10, r5, r11\n\tsxtab16 r6, r6, r4\n\tsmlawt r4, r10, r5, r11\n\t" \
  "smlawb r5, r10, r6, r11\n\tsmlawt r6, r10, r6, r11\n\tpkhtb r8, r4, r8, asr #16\n\t" \
  "pkhtb r4, r6, r5, asr #16\n\tusat16 r5, #8, r8\n\tusat16 r6, #8, r4\n\t" \
  "orr.w r8, r6, r5, lsl #8\n\teor.w r4, r8, #0x80808080\n\tstr.w r4, [r12], #4\n\t"

TR_MEAN_RUN(two, TWO, 2)
TR_MEAN_RUN(three, THREE, 3)

void tr_avgpool2d_s8__m7(const tr_avgpool2d_s8_params *p, const int8_t *x, int8_t *y,
                         void *scratch) {
  (void)scratch;
  const tr_avgpool_core core = {two, three};
  tr_avgpool_cells(&core, p, x, y);
}
