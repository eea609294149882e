#include "arm/layernorm_tame.h"

/* Loads stand together: Cortex-M4 pipelines neighbouring loads of one memory. */
#define SUM_SIXTEEN          \
  "ldr.w r6, [r2, #12]\n\t"  \
  "ldr.w r8, [r2, #8]\n\t"   \
  "ldr.w r9, [r2, #4]\n\t"   \
  "ldr.w r10, [r2], #16\n\t" \
  TR_TAME_SUM_WORD("r10") TR_TAME_SUM_WORD("r9") TR_TAME_SUM_WORD("r8") TR_TAME_SUM_WORD("r6")

/* The four before are stored between the loads and the arithmetic of four. */
#define FOUR TR_TAME_FOUR_FIRST(TR_TAME_FOUR_STORE) TR_TAME_FOUR_SECOND
#define NORMALISE_SIXTEENS                                                        \
  TR_TAME_FOUR_FIRST("")                                                          \
  "b.n 31f\n\t.p2align 2\n\t30:\n\t" TR_TAME_FOUR_FIRST(TR_TAME_FOUR_STORE)       \
  "31:\n\t" TR_TAME_FOUR_SECOND FOUR FOUR FOUR                                    \
  "cmp r0, r10\n\tbne.w 30b\n\t" TR_TAME_FOUR_STORE

TR_TAME_ROWS(tame_rows, SUM_SIXTEEN, NORMALISE_SIXTEENS)

void tr_layernorm_s8__m4(const tr_layernorm_s8_params *p, const int8_t *x, int8_t *y,
                         void *scratch) {
  (void)scratch;
  tr_layernorm_rows(tame_rows, p, x, y);
}
