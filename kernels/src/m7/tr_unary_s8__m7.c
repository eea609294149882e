#include "arm/unary_rows.h"

#define STEP 8

#if defined(__ARM_FEATURE_DSP)

/* Two words of x by bytes, their look-ups, and two words of y, for a byte that is stored keeps its
 * bank for longer than a word. In an order in which little waits for what came before. */
#define EIGHT \
  "ldrsb.w r4, [r0, #2]\n\tldrsb.w r5, [r0, #7]\n\tldrsb.w r6, [r0, #6]\n\t" \
  "ldrsb.w r8, [r0, #1]\n\tldrsb.w r9, [r0, #3]\n\tldrsb.w r10, [r0, #5]\n\t" \
  "ldrsb.w r11, [r0, #4]\n\tldrsb.w r12, [r0], #8\n\tldrb.w lr, [r2, r6]\n\t" \
  "ldrb.w r6, [r2, r5]\n\tldrb.w r5, [r2, r9]\n\tldrb.w r9, [r2, r10]\n\t" \
  "subs.w r3, r3, #1\n\tldrb.w r10, [r2, r11]\n\tldrb.w r11, [r2, r4]\n\t" \
  "orr.w r4, lr, r6, lsl #8\n\tldrb.w lr, [r2, r8]\n\torr.w r6, r10, r9, lsl #8\n\t" \
  "orr.w r8, r11, r5, lsl #8\n\tldrb.w r10, [r2, r12]\n\torr.w r9, r6, r4, lsl #16\n\t" \
  "orr.w r11, r10, lr, lsl #8\n\torr.w r5, r11, r8, lsl #16\n\tstr.w r9, [r1, #4]\n\t" \
  "str.w r5, [r1], #8\n\t"

TR_NOINLINE void eights(const int8_t *given_middle, const int8_t *given_x, int8_t *given_y,
                        int32_t given_passes) {
  register const int8_t *x __asm__("r0") = given_x;
  register int8_t *y __asm__("r1") = given_y;
  register const int8_t *middle __asm__("r2") = given_middle;
  register int32_t passes __asm__("r3") = given_passes;
  __asm__ volatile(".p2align 2\n\t1:\n\t" EIGHT "bne 1b\n\t"
                   : "+&r"(x), "+&r"(y), "+&r"(passes)
                   : "r"(middle)
                   : "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "cc", "memory");
}

#else

static void eights(const int8_t *middle, const int8_t *x, int8_t *y, int32_t passes) {
  tr_look_up_bytes(middle, x, y, passes * STEP);
}

#endif

static void row(const int8_t *middle, const int8_t *x, int8_t *y, int32_t count) {
  const int32_t passes = count / STEP;
  if (passes > 0) {
    eights(middle, x, y, passes);
  }
  tr_look_up_bytes(middle, x + passes * STEP, y + passes * STEP, count - passes * STEP);
}

void tr_unary_s8__m7(const tr_unary_s8_params *p, const int8_t *x, int8_t *y, void *scratch) {
  (void)scratch;
  tr_unary_rows(row, p, x, y);
}
