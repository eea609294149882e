#include "arm/extremum_rows.h"

/* Sixteen elements, in an order that gives each SSUB8 and SEL a load or a store to share its cycle
 * with. */
#define SIXTEEN(pick)                                                                     \
  "ldr r5, [r0, #4]\n\tldr r6, [r0, #8]\n\tldr r10, [r1, #4]\n\tldr r11, [r1, #8]\n\t"    \
  "ssub8 lr, r5, r10\n\tldr r8, [r0, #12]\n\t" pick("r5", "r10")                          \
  "ldr r12, [r1, #12]\n\tssub8 lr, r6, r11\n\tldr r4, [r0], #16\n\t" pick("r6", "r11")    \
  "ldr r9, [r1], #16\n\tssub8 lr, r8, r12\n\tstr r5, [r2, #4]\n\t" pick("r8", "r12")      \
  "str r6, [r2, #8]\n\tssub8 lr, r4, r9\n\tstr r8, [r2, #12]\n\t" pick("r4", "r9")

#define LOOP(pick)                                                                         \
  ".p2align 2\n\t1:\n\t" SIXTEEN(pick) "subs r3, r3, #1\n\tstr r4, [r2], #16\n\t" SIXTEEN( \
      pick) "str r4, [r2], #16\n\tbne 1b\n\t"

TR_EXTREMUM_RUN(larger, LOOP(TR_LARGER), 0)
TR_EXTREMUM_RUN(smaller, LOOP(TR_SMALLER), 1)

void tr_extremum_s8__m7(const tr_extremum_s8_params *p, const int8_t *a, const int8_t *b, int8_t *y,
                        void *scratch) {
  (void)scratch;
  tr_extremum_rows(p, a, b, y, larger, smaller);
}
