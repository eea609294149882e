#include "arm/maxpool_cells.h"

/* Two words of four cells, in an order that gives each SSUB8 or SEL a load to share its cycle with. */
#define EIGHT \
  "ldr.w r4, [r1, #4]\n\tldr.w r5, [r0, #4]\n\tssub8 r6, r5, r4\n\tldr.w r8, [r3, #4]\n\t" \
  "sel r9, r5, r4\n\tldr.w r10, [r2, #4]\n\tssub8 r11, r10, r8\n\tldr.w r6, [r0], #8\n\t" \
  "sel r5, r10, r8\n\tssub8 r4, r9, r5\n\tldr.w r11, [r2], #8\n\tsel r10, r9, r5\n\t" \
  "ldr.w r8, [r1], #8\n\tssub8 r4, r6, r8\n\tstr.w r10, [r12, #4]\n\tsel r9, r6, r8\n\t" \
  "ldr.w r5, [r3], #8\n\tssub8 r4, r11, r5\n\tsubs.w lr, lr, #1\n\tsel r10, r11, r5\n\t" \
  "ssub8 r6, r9, r10\n\tsel r8, r9, r10\n\tstr.w r8, [r12], #8\n\t"

TR_MAXPOOL_RUN(eights, EIGHT)

void tr_maxpool2d_s8__m7(const tr_maxpool2d_s8_params *p, const int8_t *x, int8_t *y,
                         void *scratch) {
  (void)scratch;
  tr_maxpool_cells(eights, &p->window, x, y);
}
