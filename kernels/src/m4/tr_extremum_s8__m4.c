#include "arm/extremum_rows.h"

/* Sixteen elements; all loads stand together, for Cortex-M4 pipelines them. */
#define LOAD(a, b) "ldr " a ", [r0], #4\n\tldr " b ", [r1], #4\n\t"
#define CHOOSE(pick, a, b) "ssub8 lr, " a ", " b "\n\t" pick(a, b)
#define SIXTEEN(pick, store, first, second, third, fourth)                                     \
  LOAD("r4", "r9") LOAD("r5", "r10") LOAD("r6", "r11") LOAD("r8", "r12")                        \
      CHOOSE(pick, "r4", "r9") CHOOSE(pick, "r5", "r10") store " r4, [r2, #" #first "]\n\t"      \
          store " r5, [r2, #" #second "]\n\t" CHOOSE(pick, "r6", "r11") CHOOSE(pick, "r8", "r12") \
              store " r6, [r2, #" #third "]\n\t" store " r8, [r2, #" #fourth "]\n\t"

/* Two passes a turn; an odd number begins with the second, and no turn left as the flags have it. What
 * counts and moves on stands between a store and the load that would wait for it. */
#define LOOP(pick)                                                                                 \
  "lsrs r3, r3, #1\n\tbcs 2f\n\t.p2align 2\n\t"                                                   \
  "1:\n\t" SIXTEEN(pick, "str.w", 0, 4, 8, 12) "subs.w r3, r3, #1\n\t" SIXTEEN(pick, "str.w", 16,   \
      20, 24, 28) "add.w r2, r2, #32\n\t"                                                          \
  "2:\n\t" SIXTEEN(pick, "str.w", 0, 4, 8, 12) "add.w r2, r2, #32\n\t" SIXTEEN(pick, "str", -16,    \
      -12, -8, -4) "bne.w 1b\n\t"

TR_EXTREMUM_RUN(larger, LOOP(TR_LARGER), 0)
TR_EXTREMUM_RUN(smaller, LOOP(TR_SMALLER), 1)

void tr_extremum_s8__m4(const tr_extremum_s8_params *p, const int8_t *a, const int8_t *b, int8_t *y,
                        void *scratch) {
  (void)scratch;
  tr_extremum_rows(p, a, b, y, larger, smaller);
}
