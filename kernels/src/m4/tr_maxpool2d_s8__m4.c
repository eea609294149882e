#include "arm/maxpool_cells.h"

/* Two words of four cells; loads of a word stand together, for Cortex-M4 pipelines them. */
#define LARGER(a, b) "ssub8 r10, " a ", " b "\n\tsel " a ", " a ", " b "\n\t"
#define FOUR(at, to)                                                                          \
  "ldr.w r4, [r0" at "\n\tldr.w r5, [r1" at "\n\tldr.w r6, [r2" at "\n\tldr.w r8, [r3" at "\n\t" \
  LARGER("r4", "r5") LARGER("r6", "r8") LARGER("r4", "r6") "str.w r4, [r12" to "\n\t"
#define EIGHT FOUR(", #4]", ", #4]") FOUR("], #8", "], #8") "subs.w lr, lr, #1\n\t"

TR_MAXPOOL_RUN(eights, EIGHT)

void tr_maxpool2d_s8__m4(const tr_maxpool2d_s8_params *p, const int8_t *x, int8_t *y,
                         void *scratch) {
  (void)scratch;
  tr_maxpool_cells(eights, &p->window, x, y);
}
