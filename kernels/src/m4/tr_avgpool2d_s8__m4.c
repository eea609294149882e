#include "arm/avgpool_cells.h"

/* Four channels of neighbouring cells, added to the pairs of even bytes in r8 and of odd ones in r4;
 * loads stand together, for Cortex-M4 pipelines them. */
#define CELL(even, odd, x) \
  "sxtab16 r8, " even ", " x "\n\tsxtab16 r4, " odd ", " x ", ror #8\n\t"
#define ROW_OF_THREE(even, odd, row)                                                        \
  "ldr.w r6, [" row ", r3, lsl #1]\n\tldr.w r5, [" row ", r3]\n\t" CELL(even, odd, "r6")    \
      CELL("r8", "r4", "r5") "ldr.w r6, [" row "], #4\n\t" CELL("r8", "r4", "r6")

/* Four products whose upper halves are the means plus 128, two saturated pairs, one word. */
#define MEANS                                                                            \
  "smlawb r5, r10, r8, r11\n\tsmlawt r8, r10, r8, r11\n\tsmlawb r6, r10, r4, r11\n\t"      \
  "smlawt r4, r10, r4, r11\n\tpkhtb r8, r8, r5, asr #16\n\tpkhtb r4, r4, r6, asr #16\n\t"  \
  "usat16 r8, #8, r8\n\tusat16 r4, #8, r4\n\torr.w r4, r8, r4, lsl #8\n\t"               \
  "eor.w r4, r4, #0x80808080\n\tstr.w r4, [r12], #4\n\t"

#define TWO                                                                                  \
  "ldr.w r4, [r0, r3]\n\tldr.w r5, [r0], #4\n\tldr.w r6, [r1, r3]\n\tldr.w r2, [r1], #4\n\t" \
  CELL("r9", "r9", "r4") CELL("r8", "r4", "r5") CELL("r8", "r4", "r6") CELL("r8", "r4", "r2") \
  MEANS "subs.w lr, lr, #1\n\t"
#define THREE                                                                                \
  ROW_OF_THREE("r9", "r9", "r0") ROW_OF_THREE("r8", "r4", "r1") ROW_OF_THREE("r8", "r4", "r2") \
  MEANS "subs.w lr, lr, #1\n\t"

TR_MEAN_RUN(two, TWO, 2)
TR_MEAN_RUN(three, THREE, 3)

void tr_avgpool2d_s8__m4(const tr_avgpool2d_s8_params *p, const int8_t *x, int8_t *y,
                         void *scratch) {
  (void)scratch;
  const tr_avgpool_core core = {two, three};
  tr_avgpool_cells(&core, p, x, y);
}
