#include "arm/mul_rows.h"

/* Eight elements, by fours, in an order that lets most instructions share a cycle. */
#define PRODUCTS                                                                            \
  "smlabb r8, r6, r7, r11\n\tsxtab16 r4, r9, r4, ror #8\n\tsmlatt r6, r6, r7, r11\n\t"       \
  "smlabb r7, r4, r5, r11\n\tsmlatt r4, r4, r5, r11\n\tsmmla r7, r7, r12, lr\n\t"            \
  "smmla r4, r4, r12, lr\n\tsmmla r6, r6, r12, lr\n\tsmmla r8, r8, r12, lr\n\t"              \
  "pkhbt r4, r7, r4, lsl #16\n\tpkhbt r6, r8, r6, lsl #16\n\tusat16 r4, #8, r4\n\t"

#define EIGHT                                                                               \
  "ldr.w r4, [r0], #4\n\tldr.w r5, [r1], #4\n\tsxtab16 r6, r9, r4\n\t"                       \
  "sxtab16 r7, r10, r5\n\tsxtab16 r5, r10, r5, ror #8\n\t" PRODUCTS                          \
  "ldr.w r5, [r1], #4\n\tusat16 r6, #8, r6\n\tsxtab16 r7, r10, r5\n\t"                       \
  "orr.w r6, r6, r4, lsl #8\n\tldr.w r4, [r0], #4\n\teor.w r6, r6, #0x80808080\n\t"          \
  "str.w r6, [r2], #4\n\tsxtab16 r6, r9, r4\n\tsxtab16 r5, r10, r5, ror #8\n\t" PRODUCTS     \
  "usat16 r6, #8, r6\n\torr.w r6, r6, r4, lsl #8\n\teor.w r6, r6, #0x80808080\n\t"           \
  "str.w r6, [r2], #4\n\t"

TR_MUL_RUN(eights, EIGHT)

void tr_mul_s8__m7(const tr_mul_s8_params *p, const int8_t *a, const int8_t *b, int8_t *y,
                   void *scratch) {
  (void)scratch;
  tr_mul_rows(p, a, b, y, eights);
}
