#include "arm/add_rows.h"

/* Eight elements, by fours, in an order that lets most instructions share a cycle: `ssat` and
 * `strb`, and a multiplication and what makes or loads the next one's factors. */
#define SSAT(r, shift) "ssat " r ", #8, " r ", asr #" #shift "\n\t"

#define EIGHT(shift)                                                                          \
  "ldr.w r4, [r0], #4\n\tldr.w r5, [r1], #4\n\tand.w r6, r12, r4, lsl #8\n\t"                  \
  "smlawb r8, r9, r6, r11\n\tand.w lr, r12, r5, lsl #8\n\tsmlawt r6, r9, r6, r11\n\t"          \
  "and.w r5, r12, r5\n\tsmlawt r6, r10, lr, r6\n\tsmlawb r8, r10, lr, r8\n\t"                  \
  "and.w r4, r12, r4\n\tsmlawb lr, r9, r4, r11\n\t" SSAT("r6", shift)                          \
  "smlawt r4, r9, r4, r11\n\tsmlawt r4, r10, r5, r4\n\t" SSAT("r8", shift)                     \
  "smlawb lr, r10, r5, lr\n\tstrb.w r8, [r2], #8\n\t" SSAT("r4", shift)                            \
  "ldr.w r5, [r1], #4\n\tstrb.w r4, [r2, #-5]\n\tldr.w r4, [r0], #4\n\t" SSAT("lr", shift)      \
  "strb.w r6, [r2, #-6]\n\tstrb.w lr, [r2, #-7]\n\tand.w r6, r12, r4, lsl #8\n\t"                \
  "and.w lr, r12, r5, lsl #8\n\tsmlawb r8, r9, r6, r11\n\tsmlawt r6, r9, r6, r11\n\t"          \
  "smlawt r6, r10, lr, r6\n\tsmlawb r8, r10, lr, r8\n\tand.w r4, r12, r4\n\t"                  \
  "smlawb lr, r9, r4, r11\n\tand.w r5, r12, r5\n\tsmlawt r4, r9, r4, r11\n\t" SSAT("r6", shift) \
  "smlawb lr, r10, r5, lr\n\tsmlawt r4, r10, r5, r4\n\t" SSAT("r8", shift)                     \
  "strb.w r8, [r2, #-4]\n\t" SSAT("lr", shift) "strb.w lr, [r2, #-3]\n\t" SSAT("r4", shift)      \
  "strb.w r6, [r2, #-2]\n\tstrb.w r4, [r2, #-1]\n\t"

TR_ADD_RUN(shifted_20, EIGHT, 20)
TR_ADD_RUN(shifted_21, EIGHT, 21)
TR_ADD_RUN(shifted_22, EIGHT, 22)
TR_ADD_RUN(shifted_23, EIGHT, 23)
TR_ADD_RUN(shifted_24, EIGHT, 24)

static tr_add_run *const RUNS[TR_ADD_SHIFTS] = {shifted_20, shifted_21, shifted_22, shifted_23,
                                                shifted_24};

void tr_add_s8__m7(const tr_add_s8_params *p, const int8_t *a, const int8_t *b, int8_t *y,
                   void *scratch) {
  (void)scratch;
  tr_add_rows(p, a, b, y, RUNS);
}
