/* The products of winograd_product.h on a Cortex-M7. Every multiplication issues beside a load, and
 * the loads run on from one place to the next: r3 (x0), r4 (x1) and r6 (w0) of a step are loaded in
 * the step before, r5 (x2) and r7 (w1) in its own. What lies behind the last panel and the last
 * unit of a pair is so read and not used: scratch and a multiplier.
 *
 * r0 and r1 are the addresses of the words before the next of the panel and of the stream, r2 is
 * where the next sums go. */
#ifndef TINYRIG_WINOGRAD_PLACES_M7_H
#define TINYRIG_WINOGRAD_PLACES_M7_H

#include "arm/stream_unit.h"
#include "common/dsp.h"

#if defined(__ARM_FEATURE_DSP)

/* A place's first multiplications only write their sums. */
#define TR_FIRST_M7(sum, x, w) "smuad " sum ", " x ", " w "\n\t"
#define TR_MORE_M7(sum, x, w) TR_MULTIPLY(sum, x, w, sum)

/* A step of three rows: sums r8 to r12 and lr, [column][row]. `last` goes beside the last. */
#define TR_THREE_STEP_M7(multiply, x2, w1, next_w0, next_x0, next_x1, last) \
  multiply("r8", "r3", "r6") x2                                             \
  multiply("r9", "r4", "r6") w1                                             \
  multiply("r10", "r5", "r6") "ldr r6, [r1, #" next_w0 "]\n\t"              \
  multiply("r11", "r3", "r7") "ldr r3, [r0, #" next_x0 "]\n\t"              \
  multiply("r12", "r4", "r7") "ldr r4, [r0, #" next_x1 "]\n\t"              \
  multiply("lr", "r5", "r7") last

#define TR_X2_M7(at) "ldr r5, [r0, #" at "\n\t"
#define TR_W1_M7(at) "ldr r7, [r1, #" at "\n\t"

/* Three steps of a unit. `last` goes beside the last multiplication. */
#define TR_THREE_STEPS_M7(first, last)                                                 \
  TR_THREE_STEP_M7(first, TR_X2_M7("20]"), TR_W1_M7("12]"), "8", "8", "16", "")        \
  TR_THREE_STEP_M7(TR_MORE_M7, TR_X2_M7("24]"), TR_W1_M7("16]"), "20", "28", "36", "") \
  TR_THREE_STEP_M7(TR_MORE_M7, TR_X2_M7("44]"), TR_W1_M7("28]"), "24", "32", "40", last)

/* A unit and, beside its last multiplication, `last`: r5 and r7 are free. */
#define TR_THREE_UNIT_M7(first, last) \
  TR_THREE_STEPS_M7(first, "")        \
  TR_THREE_STEP_M7(TR_MORE_M7, TR_X2_M7("48]!"), TR_W1_M7("32]!"), "4", "4", "12", last)

/* The last unit of a pass: where there are several, it ends elsewhere. */
#define TR_THREE_END_M7                           \
  TR_THREE_STEPS_M7(TR_MORE_M7, TR_X2_M7("48]!")) \
  TR_THREE_STEP_M7(TR_MORE_M7, TR_W1_M7("32]!"), "bvs.w 6f\n\t", "4", "4", "12", TR_SUMS_END_M7)
#define TR_THREE_ELSEWHERE_M7                           \
  TR_MORE_M7("r10", "r5", "r6") "ldr r6, [r1, #4]\n\t"  \
  TR_MORE_M7("r11", "r3", "r7") "ldr r3, [r0, #4]\n\t"  \
  TR_MORE_M7("r12", "r4", "r7") "ldr r4, [r0, #12]\n\t" \
  TR_MORE_M7("lr", "r5", "r7")

/* The same of two rows: sums r8 to r11, and every multiplication has its load. */
#define TR_TWO_STEP_M7(multiply, w1, next_w0, next_x0, next_x1) \
  multiply("r8", "r3", "r6") TR_W1_M7(w1)                       \
  multiply("r9", "r4", "r6") "ldr r6, [r1, #" next_w0 "]\n\t"   \
  multiply("r10", "r3", "r7") "ldr r3, [r0, #" next_x0 "]\n\t"  \
  multiply("r11", "r4", "r7") "ldr r4, [r0, #" next_x1 "\n\t"
#define TR_TWO_WHOLE_M7(first)                          \
  TR_TWO_STEP_M7(first, "12]", "8", "8", "16]")         \
  TR_TWO_STEP_M7(TR_MORE_M7, "16]", "20", "20", "28]")  \
  TR_TWO_STEP_M7(TR_MORE_M7, "28]", "24", "24", "32]!") \
  TR_TWO_STEP_M7(TR_MORE_M7, "32]!", "4", "4", "12]")
#define TR_TWO_END_M7 TR_TWO_WHOLE_M7(TR_MORE_M7) "bvs.w 6f\n\t7:\n\t" TR_SUMS_END_M7

#define TR_PUT_THREE_M7(first, second, third) \
  "strd r8, r9, [r2" first "\n\t"             \
  "strd r10, r11, [r2, " second "]\n\t"       \
  "strd r12, lr, [r2, " third "]\n\t"
#define TR_PUT_TWO_M7 "strd r8, r9, [r2], #24\n\tstrd r10, r11, [r2, #-12]\n\t"

#define TR_UNITS_A_PASS_M7 8

/* s0 is where the units behind a place's first begin, s1 how many passes of them are left, s2 of
 * how many, s3 the end of the sums. */
#define TR_SUMS_END_M7 "vmov r5, s3\n\t"
#define TR_REST_M7 "vmov r5, s0\n\t"
#define TR_FIRST_LOADS_M7 "ldr r6, [r1, #4]\n\tldr r3, [r0, #4]\n\tldr r4, [r0, #12]\n\t"

/* Units behind the first by passes, the first of which leaves out r3 of them. V says whether there
 * are several passes, which nothing here changes; `elsewhere` is what is left of the last unit
 * then. */
#define TR_PLACES_M7(begin, unit, last, put, elsewhere)                      \
  "adr.w r8, 2f\n\tadr.w r9, 3f\n\tsub r9, r9, r8\n\tmla r8, r9, r3, r8\n\t" \
  "orr r8, r8, #1\n\tvmov s0, r8\n\t"                                        \
  TR_FIRST_LOADS_M7                                                          \
  "adds.w r5, r5, #1\n\t"                                                    \
  ".p2align 2\n\t"                                                           \
  "4:\n\t" begin "bx r5\n\t"                                                 \
  ".p2align 2\n\t"                                                           \
  "2:\n\t" unit "3:\n\t" unit unit unit unit unit unit last put              \
  "teq.w r2, r5\n\tbne.w 4b\n\t"                                             \
  "b.w 8f\n\t"                                                               \
  "6:\n\t" elsewhere                                                         \
  "vmov r5, s1\n\tsub.w r5, r5, #1\n\tvmov s1, r5\n\tteq.w r5, #0\n\t"       \
  "bne.w 2b\n\t"                                                             \
  "vmov.f32 s1, s2\n\t" TR_SUMS_END_M7 "b.w 7b\n\t"                          \
  "8:\n\t"

#define TR_THREE_PLACES_M7                                        \
  TR_PLACES_M7(TR_THREE_UNIT_M7(TR_FIRST_M7, TR_REST_M7),         \
               TR_THREE_UNIT_M7(TR_MORE_M7, ""), TR_THREE_END_M7, \
               "7:\n\t" TR_PUT_THREE_M7("], #24", "#-16", "#-8"), TR_THREE_ELSEWHERE_M7)
#define TR_TWO_PLACES_M7                                \
  TR_PLACES_M7(TR_TWO_WHOLE_M7(TR_FIRST_M7) TR_REST_M7, \
               TR_TWO_WHOLE_M7(TR_MORE_M7), TR_TWO_END_M7, TR_PUT_TWO_M7, "")

/* Of two units, two places a pass. */
#define TR_SHORT_PLACE_M7(last) TR_THREE_UNIT_M7(TR_FIRST_M7, "") TR_THREE_UNIT_M7(TR_MORE_M7, last)
#define TR_SHORT_PLACES_M7                                                    \
  TR_FIRST_LOADS_M7                                                           \
  ".p2align 2\n\t"                                                            \
  "4:\n\t" TR_SHORT_PLACE_M7("") TR_PUT_THREE_M7("], #48", "#-40", "#-32")    \
  TR_SHORT_PLACE_M7(TR_SUMS_END_M7) TR_PUT_THREE_M7(", #-24]", "#-16", "#-8") \
  "teq.w r2, r5\n\tbne.w 4b\n\t"

/* r7 may be the frame pointer, so it is saved here and not declared. */
#define TR_PLACES_ASM_M7(text)                                                            \
  __asm__ volatile("push {r7}\n\tvmov s1, r6\n\tvmov s2, r6\n\tvmov s3, r4\n\t"           \
                   text "pop {r7}\n\t"                                                    \
                   : "+r"(r0), "+r"(r1), "+r"(r2), "+r"(r3), "+r"(r4), "+r"(r5), "+r"(r6) \
                   :                                                                      \
                   : "r8", "r9", "r10", "r11", "r12", "lr", "s0", "s1", "s2", "s3", "cc", \
                     "memory")

/* As tr_winograd_product; the sums end at `end`. */
TR_INLINE void tr_winograd_product_m7(const uint32_t *panel, int32_t rows,
                                      const int8_t *units_of_pair, int32_t units, int32_t *sums,
                                      int32_t *end) {
  const int32_t passes = (units + TR_UNITS_A_PASS_M7 - 2) / TR_UNITS_A_PASS_M7;
  /* The words before the next. */
  register uint32_t r0 __asm__("r0") = (uint32_t)(uintptr_t)panel - 4;
  register uint32_t r1 __asm__("r1") = (uint32_t)(uintptr_t)units_of_pair - 4;
  register int32_t *r2 __asm__("r2") = sums;
  register int32_t r3 __asm__("r3") = (1 - units) & (TR_UNITS_A_PASS_M7 - 1);
  register int32_t *r4 __asm__("r4") = end;
  /* What overflows with one more, of several passes. */
  register int32_t r5 __asm__("r5") = passes > 1 ? INT32_MAX : 0;
  register int32_t r6 __asm__("r6") = passes;
  if (rows == 2) {
    TR_PLACES_ASM_M7(TR_TWO_PLACES_M7);
  } else if (units == 2) {
    TR_PLACES_ASM_M7(TR_SHORT_PLACES_M7);
  } else {
    TR_PLACES_ASM_M7(TR_THREE_PLACES_M7);
  }
}

#endif

#endif
