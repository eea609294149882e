#include "arm/add_rows.h"

/* Two elements, whose bytes are in the upper half of 16 bits in `a` and `b`, and so end there;
 * `first` and `second` are where they are stored. */
#define TWO(a, b, first, second, shift)                                       \
  "smlawb lr, r9, " a ", r11\n\tsmlawt " a ", r9, " a ", r11\n\t"              \
  "smlawb lr, r10, " b ", lr\n\tsmlawt " a ", r10, " b ", " a "\n\t"            \
  "ssat lr, #8, lr, asr #" #shift "\n\tssat " a ", #8, " a ", asr #" #shift     \
  "\n\tstrb.w lr, [r2" first "\n\tstrb.w " a ", [r2" second "\n\t"

#define FOUR(first, second, third, fourth, shift)                              \
  "ldr.w r4, [r0], #4\n\tldr.w r5, [r1], #4\n\t"                               \
  "and.w r6, r12, r4, lsl #8\n\tand.w r8, r12, r5, lsl #8\n\t"                 \
  "and.w r4, r4, r12\n\tand.w r5, r5, r12\n\t" TWO("r6", "r8", first, third, shift) \
      TWO("r4", "r5", second, fourth, shift)

/* The first store moves on. */
#define EIGHT(shift)                                       \
  FOUR("], #8", ", #-7]", ", #-6]", ", #-5]", shift)       \
  FOUR(", #-4]", ", #-3]", ", #-2]", ", #-1]", shift)

TR_ADD_RUN(shifted_20, EIGHT, 20)
TR_ADD_RUN(shifted_21, EIGHT, 21)
TR_ADD_RUN(shifted_22, EIGHT, 22)
TR_ADD_RUN(shifted_23, EIGHT, 23)
TR_ADD_RUN(shifted_24, EIGHT, 24)

static tr_add_run *const RUNS[TR_ADD_SHIFTS] = {shifted_20, shifted_21, shifted_22, shifted_23,
                                                shifted_24};

void tr_add_s8__m4(const tr_add_s8_params *p, const int8_t *a, const int8_t *b, int8_t *y,
                   void *scratch) {
  (void)scratch;
  tr_add_rows(p, a, b, y, RUNS);
}
