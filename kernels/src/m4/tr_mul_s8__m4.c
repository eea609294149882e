#include "arm/mul_rows.h"

/* Outputs plus 128 of two elements whose pairs are in `a` and `b`, as a pair in `a`. */
#define TWO(a, b)                                                                     \
  "smlabb r8, " a ", " b ", r11\n\tsmlatt " a ", " a ", " b ", r11\n\t"               \
  "smmla r8, r8, r12, lr\n\tsmmla " a ", " a ", r12, lr\n\t"                          \
  "pkhbt " a ", r8, " a ", lsl #16\n\tusat16 " a ", #8, " a "\n\t"

/* Four elements, into r6. What was there is stored behind the loads, for a load behind a store
 * waits. */
#define FOUR(store)                                                                    \
  "ldr.w r4, [r0], #4\n\tldr.w r5, [r1], #4\n\t" store                                 \
  "sxtab16 r6, r9, r4\n\tsxtab16 r7, r10, r5\n\t"                                      \
  "sxtab16 r4, r9, r4, ror #8\n\tsxtab16 r5, r10, r5, ror #8\n\t" TWO("r6", "r7") TWO( \
      "r4", "r5") "orr.w r6, r6, r4, lsl #8\n\teor.w r6, r6, #0x80808080\n\t"

#define STORE "str.w r6, [r2], #4\n\t"
#define EIGHT FOUR("") FOUR(STORE) STORE

/* Two passes a turn; an odd number begins with the second, and no turn left as the flags have it.
 */
#define TURNS                                                                       \
  "mov.w lr, #128\n\tlsrs r3, r3, #1\n\tbcs 2f\n\t.p2align 2\n\t"                   \
  "1:\n\t" EIGHT "subs r3, r3, #1\n\t2:\n\t" EIGHT "bne 1b\n\t"

TR_MUL_RUN(eights, TURNS)

void tr_mul_s8__m4(const tr_mul_s8_params *p, const int8_t *a, const int8_t *b, int8_t *y,
                   void *scratch) {
  (void)scratch;
  tr_mul_rows(p, a, b, y, eights);
}
