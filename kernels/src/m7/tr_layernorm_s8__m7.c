#include "arm/layernorm_tame.h"

/* Sixteen elements by words, as TR_TAME_SUM_WORD has one, and eight as TR_TAME_FOUR_FIRST and
 * TR_TAME_FOUR_SECOND have four, in orders in which little waits for what came before. */
#define SUM_SIXTEEN \
  "ldr.w r6, [r2, #8]\n\tldr.w r8, [r2, #4]\n\tusada8 r4, r8, r12, r4\n\t" \
  "ldr.w r9, [r2, #12]\n\tsxtab16 r10, lr, r8, ror #8\n\tldr.w r11, [r2], #16\n\t" \
  "sxtab16 r8, lr, r8\n\tusada8 r4, r6, r12, r4\n\tsmlad r5, r10, r10, r5\n\t" \
  "sxtab16 r10, lr, r6, ror #8\n\tsmlad r5, r8, r8, r5\n\tsxtab16 r8, lr, r6\n\t" \
  "smlad r5, r10, r10, r5\n\tsxtab16 r6, lr, r9, ror #8\n\tsmlad r5, r8, r8, r5\n\t" \
  "sxtab16 r10, lr, r9\n\tsmlad r5, r6, r6, r5\n\tsxtab16 r8, lr, r11, ror #8\n\t" \
  "smlad r5, r10, r10, r5\n\tsxtab16 r6, lr, r11\n\tsmlad r5, r8, r8, r5\n\t" \
  "usada8 r4, r9, r12, r4\n\tsmlad r5, r6, r6, r5\n\tusada8 r4, r11, r12, r4\n\t"

#define EIGHT \
  "ldr.w r6, [r0, #4]\n\tand.w r8, r5, r6\n\tldr.w r9, [r2, #44]\n\tldr.w r11, [r2, #40]\n\t" \
  "smlawb r12, r3, r8, r4\n\tsmlawt lr, r3, r8, r4\n\tand.w r7, r5, r6, lsl #8\n\t" \
  "ldr.w r8, [r2, #32]\n\tsmlawt r6, r3, r7, r4\n\tsmlawt lr, lr, r9, r11\n\t" \
  "smlawb r11, r3, r7, r4\n\tldr.w r7, [r2, #36]\n\tsmlawb r9, r12, r9, r7\n\t" \
  "ldr.w r12, [r2, #28]\n\tldr.w r7, [r2, #24]\n\tsmlawb r11, r11, r8, r7\n\t" \
  "ldr.w r7, [r0], #8\n\tsmlawt r8, r6, r8, r12\n\tpkhtb r6, lr, r9, asr #16\n\t" \
  "and.w r12, r5, r7\n\tsmlawt r9, r3, r12, r4\n\tldr.w lr, [r2, #20]\n\t" \
  "pkhtb r11, r8, r11, asr #16\n\tsmlawb r8, r3, r12, r4\n\tldr.w r12, [r2, #16]\n\t" \
  "smlawt r9, r9, lr, r12\n\tldr.w r12, [r2, #12]\n\tsmlawb lr, r8, lr, r12\n\t" \
  "ldr.w r8, [r2, #8]\n\tand.w r12, r5, r7, lsl #8\n\tssat16 r7, #8, r6\n\t" \
  "smlawt r6, r3, r12, r4\n\tpkhtb lr, r9, lr, asr #16\n\tsmlawb r9, r3, r12, r4\n\t" \
  "ldr.w r12, [r2, #4]\n\tsmlawt r6, r6, r8, r12\n\tldr.w r12, [r2]\n\t" \
  "smlawb r8, r9, r8, r12\n\tssat16 r9, #8, lr\n\tand.w r12, r5, r7, lsl #8\n\t" \
  "ssat16 lr, #8, r11\n\tpkhtb r7, r6, r8, asr #16\n\tadd.w r2, r2, #48\n\t" \
  "ssat16 r11, #8, r7\n\tuxtab16 r8, r12, lr\n\tand.w r6, r5, r9, lsl #8\n\t" \
  "uxtab16 r7, r6, r11\n\tstr.w r8, [r1, #4]\n\tstr.w r7, [r1], #8\n\t"

#define NORMALISE_SIXTEENS ".p2align 2\n\t30:\n\t" EIGHT EIGHT "cmp r0, r10\n\tbne.w 30b\n\t"

TR_TAME_ROWS(tame_rows, SUM_SIXTEEN, NORMALISE_SIXTEENS)

void tr_layernorm_s8__m7(const tr_layernorm_s8_params *p, const int8_t *x, int8_t *y,
                         void *scratch) {
  (void)scratch;
  tr_layernorm_rows(tame_rows, p, x, y);
}
