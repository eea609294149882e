#include "arm/mul_rows.h"

/* Eight and sixteen elements, by fours: the pairs of even and of odd bytes, four products and their
 * high multiplies, and two saturated pairs that SEL makes one word of, as the GE bits say. The
 * order is one that lets most instructions share a cycle, SIMD ones the older of two. */
#define EIGHT \
  "ldr.w r4, [r0], #4\n\tldr.w r5, [r1], #4\n\tsxtab16 r6, r9, r4, ror #8\n\t" \
  "sxtab16 r7, r10, r5, ror #8\n\tldr.w r3, [r1], #4\n\tsxtab16 r4, r9, r4\n\t" \
  "smlatt r8, r6, r7, r11\n\tsxtab16 r5, r10, r5\n\tsmlabb r6, r6, r7, r11\n\t" \
  "smmul r7, r8, r12\n\tsmlatt r8, r4, r5, r11\n\tsxtab16 lr, r10, r3\n\t" \
  "smlabb r4, r4, r5, r11\n\tsxtab16 r5, r10, r3, ror #8\n\tsmmul r6, r6, r12\n\t" \
  "ldr.w r3, [r0], #4\n\tsmmul r8, r8, r12\n\tpkhbt r6, r6, r7, lsl #16\n\t" \
  "smmul r4, r4, r12\n\tsxtab16 r7, r9, r3, ror #8\n\tpkhbt r4, r4, r8, lsl #16\n\t" \
  "smlatt r8, r7, r5, r11\n\tssat16 r6, #8, r6\n\tsmlabb r5, r7, r5, r11\n\t" \
  "sxtab16 r7, r9, r3\n\tsmmul r3, r8, r12\n\tssat16 r4, #8, r4\n\tsmmul r5, r5, r12\n\t" \
  "smlatt r8, r7, lr, r11\n\tsmlabb r7, r7, lr, r11\n\tlsl.w r6, r6, #8\n\t" \
  "sel r4, r4, r6\n\tsmmul r6, r8, r12\n\tsmmul r7, r7, r12\n\tpkhbt r5, r5, r3, lsl #16\n\t" \
  "pkhbt r6, r7, r6, lsl #16\n\tssat16 r5, #8, r5\n\tstr.w r4, [r2], #4\n\t" \
  "ssat16 r4, #8, r6\n\tlsl.w r5, r5, #8\n\tsel r4, r4, r5\n\tstr.w r4, [r2], #4\n\t"

#define SIXTEEN \
  "ldr.w r4, [r0], #4\n\tldr.w r5, [r1], #4\n\tsxtab16 r6, r9, r4\n\tsxtab16 r7, r10, r5\n\t" \
  "ldr.w r3, [r1], #4\n\tsmlatt r8, r6, r7, r11\n\tsxtab16 r4, r9, r4, ror #8\n\t" \
  "smlabb r6, r6, r7, r11\n\tsxtab16 r5, r10, r5, ror #8\n\tsmmul r7, r8, r12\n\t" \
  "sxtab16 r8, r10, r3\n\tsmlabb lr, r4, r5, r11\n\tsmlatt r4, r4, r5, r11\n\t" \
  "sxtab16 r5, r10, r3, ror #8\n\tsmmul r6, r6, r12\n\tldr.w r3, [r0], #4\n\t" \
  "smmul r4, r4, r12\n\tpkhbt r6, r6, r7, lsl #16\n\tsmmul r7, lr, r12\n\t" \
  "sxtab16 lr, r9, r3\n\tpkhbt r4, r7, r4, lsl #16\n\tsmlatt r7, lr, r8, r11\n\t" \
  "ssat16 r6, #8, r6\n\tsmlabb r8, lr, r8, r11\n\tssat16 r4, #8, r4\n\t" \
  "ldr.w lr, [r0], #4\n\tsxtab16 r3, r9, r3, ror #8\n\tsmmul r7, r7, r12\n\t" \
  "lsl.w r4, r4, #8\n\tsmmul r8, r8, r12\n\tsel r4, r6, r4\n\tsmlabb r6, r3, r5, r11\n\t" \
  "smlatt r5, r3, r5, r11\n\tpkhbt r7, r8, r7, lsl #16\n\tsmmul r6, r6, r12\n\t" \
  "smmul r5, r5, r12\n\tldr.w r3, [r1], #4\n\tsxtab16 r8, r9, lr\n\tstr.w r4, [r2], #4\n\t" \
  "sxtab16 r4, r10, r3\n\tpkhbt r5, r6, r5, lsl #16\n\tsmlatt r6, r8, r4, r11\n\t" \
  "sxtab16 lr, r9, lr, ror #8\n\tsmlabb r4, r8, r4, r11\n\tssat16 r5, #8, r5\n\t" \
  "smmul r6, r6, r12\n\tssat16 r7, #8, r7\n\tsmmul r4, r4, r12\n\t" \
  "sxtab16 r3, r10, r3, ror #8\n\tldr.w r8, [r1], #4\n\tpkhbt r4, r4, r6, lsl #16\n\t" \
  "smlatt r6, lr, r3, r11\n\tsmlabb r3, lr, r3, r11\n\tldr.w lr, [r0], #4\n\t" \
  "smmul r6, r6, r12\n\tlsl.w r5, r5, #8\n\tsel r5, r7, r5\n\tsmmul r7, r3, r12\n\t" \
  "sxtab16 r3, r9, lr\n\tpkhbt r6, r7, r6, lsl #16\n\tstr.w r5, [r2], #4\n\t" \
  "sxtab16 r5, r10, r8\n\tsxtab16 r7, r9, lr, ror #8\n\tsmlatt lr, r3, r5, r11\n\t" \
  "ssat16 r6, #8, r6\n\tsmlabb r5, r3, r5, r11\n\tsxtab16 r3, r10, r8, ror #8\n\t" \
  "smmul r8, lr, r12\n\tsmlatt lr, r7, r3, r11\n\tsmlabb r7, r7, r3, r11\n\t" \
  "ssat16 r4, #8, r4\n\tsmmul r3, lr, r12\n\tsmmul r7, r7, r12\n\tsmmul r5, r5, r12\n\t" \
  "pkhbt r7, r7, r3, lsl #16\n\tpkhbt r5, r5, r8, lsl #16\n\tlsl.w r6, r6, #8\n\t" \
  "ssat16 r7, #8, r7\n\tssat16 r5, #8, r5\n\tsel r4, r4, r6\n\tlsl.w r6, r7, #8\n\t" \
  "sel r5, r5, r6\n\tstr.w r4, [r2], #4\n\tstr.w r5, [r2], #4\n\t"

/* GE bits 0 and 2 are set; the end of y takes the place of the passes on the stack, so that r3 is
 * free. Eight elements are left over where the passes are odd. */
#define TURNS                                                                            \
  "mov.w r4, #0x00ff00ff\n\tuadd8 r4, r4, r4\n\tadd.w r4, r2, r3, lsl #3\n\t"            \
  "str r4, [sp]\n\tlsrs r3, r3, #1\n\tbcc 1f\n\t" EIGHT                                 \
  "ldr r4, [sp]\n\tcmp r2, r4\n\tbeq 2f\n\t.p2align 2\n\t"                             \
  "1:\n\t" SIXTEEN "ldr r4, [sp]\n\tcmp r2, r4\n\tbne 1b\n\t2:\n\t"

TR_MUL_RUN(eights, TURNS)

void tr_mul_s8__m7(const tr_mul_s8_params *p, const int8_t *a, const int8_t *b, int8_t *y,
                   void *scratch) {
  (void)scratch;
  tr_mul_rows(p, a, b, y, eights);
}
