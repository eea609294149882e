/* The products of Winograd's form: at each of 16 places a panel of two or three tiles (arm/panel.h)
 * times a pair of columns. Panels of neighbouring places follow each other, and so do a pair's
 * units. */
#ifndef TINYRIG_WINOGRAD_PRODUCT_H
#define TINYRIG_WINOGRAD_PRODUCT_H

#include "arm/winograd_places_m7.h"
#include "arm/winograd_unit.h"

#define TR_WINOGRAD_PLACES 16
#define TR_WINOGRAD_TILES 3
/* Sums of a place: [column 2][tile 3]. */
#define TR_WINOGRAD_SUMS 6

#if defined(__ARM_FEATURE_DSP)

/* s0 is where the units behind a place's first begin, s1 how often their loop goes round, s2 where
 * the next sums go, s3 their end; s4 is where a place's panel ends, s5 its length. The loop ends by
 * s1 where r2 is free. */
#define TR_BY_END_BEGIN "vmov lr, s0\n\tbx lr\n\t"
#define TR_BY_END_TEST "vmov r9, s4\n\tcmp.w r0, r9\n\t"
#define TR_BY_END_NEXT "vmov r10, s5\n\tadd.w r10, r10, r0\n\tvmov s4, r10\n\t"
#define TR_BY_COUNT_BEGIN "vmov lr, s0\n\tvmov r2, s1\n\tbx lr\n\t"
#define TR_BY_COUNT_TEST "subs.w r2, r2, #1\n\t"

#define TR_UNITS_A_PASS 4

#define TR_SUMS_NEXT "cmp.w r9, r10\n\tvmov s2, r9\n\tbne.w 4b\n\t"
#define TR_PUT_SIX                  \
  "vmov r9, s2\n\tvmov r10, s3\n\t" \
  "stmia.w r9!, {r3, r4, r5, r6, r7, r8}\n\t" TR_SUMS_NEXT
#define TR_PUT_FOUR                                 \
  "vmov r9, s2\n\tvmov r10, s3\n\t"                 \
  "strd r3, r4, [r9]\n\tstrd r6, r7, [r9, #12]\n\t" \
  "add.w r9, r9, #24\n\t" TR_SUMS_NEXT

/* Units behind the first by passes, the first of which leaves out r3 of them; `start` and `test`
 * end in what tells where to go. */
#define TR_PLACES(start, unit, test, next)                                   \
  "adr.w r8, 2f\n\tadr.w r9, 3f\n\tsub r9, r9, r8\n\tmla r8, r9, r3, r8\n\t" \
  "orr r8, r8, #1\n\tvmov s0, r8\n\t"                                        \
  ".p2align 2\n\t"                                                           \
  "4:\n\t" start                                                             \
  ".p2align 2\n\t"                                                           \
  "2:\n\t" unit "3:\n\t" unit unit unit test "bne.w 2b\n\t" next

#define TR_TWO_PLACES                                                      \
  TR_PLACES("movs r3, #0\n\tmovs r4, #0\n\tmovs r6, #0\n\tmovs r7, #0\n\t" \
            TR_TWO_UNIT(M4_WIDE) TR_BY_END_BEGIN,                          \
            TR_TWO_UNIT(M4_WIDE), TR_BY_END_TEST, TR_BY_END_NEXT TR_PUT_FOUR)
#define TR_THREE_PLACES                                                                      \
  TR_PLACES(TR_CHAIN_PRODUCT_M4 TR_BY_COUNT_BEGIN, TR_CHAIN_UNIT(M4_WIDE), TR_BY_COUNT_TEST, \
            TR_PUT_SIX)
/* Of two units. Where r2 is free, it is where the next sums go; one place a pass, for with what is
 * done for a pair of columns behind it the loop fits a code cache of 1 KB. */
#define TR_SHORT_PLACES                                                                 \
  "mov.w r2, r4\n\t.p2align 2\n\t4:\n\t" TR_CHAIN_PRODUCT_M4 TR_CHAIN_LAST(M4_WIDE, "") \
  "vmov r10, s3\n\tstmia.w r2!, {r3, r4, r5, r6, r7, r8}\n\tcmp.w r2, r10\n\tbne.w 4b\n\t"

/* r7 may be the frame pointer, so it is saved here and not declared. */
#define TR_PLACES_ASM(text)                                                                     \
  __asm__ volatile("push {r7}\n\tvmov s1, r6\n\tvmov s2, r4\n\tvmov s3, r5\n\tvmov s4, r8\n\t"  \
                   "vmov s5, r9\n\t" text "pop {r7}\n\t"                                        \
                   : "+r"(r0), "+r"(r1), "+r"(r3), "+r"(r4), "+r"(r5), "+r"(r6), "+r"(r8),      \
                     "+r"(r9)                                                                   \
                   :                                                                            \
                   : "r2", "r10", "r11", "r12", "lr", "s0", "s1", "s2", "s3", "s4", "s5", "cc", \
                     "memory")

#define TR_SHORT_ASM                                                             \
  __asm__ volatile("push {r7}\n\tvmov s3, r5\n\t" TR_SHORT_PLACES "pop {r7}\n\t" \
                   : "+&r"(r0), "+&r"(r1), "+r"(r4), "+r"(r5)                    \
                   :                                                             \
                   : "r2", "r3", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "s3", "cc", "memory")

/* As tr_winograd_product, of three tiles and two units. */
TR_INLINE void tr_winograd_short(const uint32_t *panel, const int8_t *units_of_pair,
                                 int32_t *sums) {
  /* The words before the next. */
  register uint32_t r0 __asm__("r0") = (uint32_t)(uintptr_t)panel - 4;
  register uint32_t r1 __asm__("r1") = (uint32_t)(uintptr_t)units_of_pair - 4;
  register int32_t *r4 __asm__("r4") = sums;
  register int32_t *r5 __asm__("r5") = sums + TR_WINOGRAD_PLACES * TR_WINOGRAD_SUMS;
  TR_SHORT_ASM;
}

/* sums [place][column][tile] of `rows` tiles, two or three, and `units` of eight channels, two or
 * more. */
TR_NOINLINE void tr_winograd_product(const uint32_t *panel, int32_t rows,
                                     const int8_t *units_of_pair, int32_t units, int32_t *sums,
                                     const tr_form form) {
  if (tr_is_m7(form)) {
    tr_winograd_product_m7(panel, rows, units_of_pair, units, sums,
                           sums + TR_WINOGRAD_PLACES * TR_WINOGRAD_SUMS);
    return;
  }
  if (rows == TR_WINOGRAD_TILES && units == 2) {
    tr_winograd_short(panel, units_of_pair, sums);
    return;
  }
  const int32_t place = 16 * rows * units;
  /* The words before the next. */
  register uint32_t r0 __asm__("r0") = (uint32_t)(uintptr_t)panel - 4;
  register uint32_t r1 __asm__("r1") = (uint32_t)(uintptr_t)units_of_pair - 4;
  register int32_t r3 __asm__("r3") = (1 - units) & (TR_UNITS_A_PASS - 1);
  register int32_t *r4 __asm__("r4") = sums;
  register int32_t *r5 __asm__("r5") = sums + TR_WINOGRAD_PLACES * TR_WINOGRAD_SUMS;
  register int32_t r6 __asm__("r6") = (units + TR_UNITS_A_PASS - 2) / TR_UNITS_A_PASS;
  register uint32_t r8 __asm__("r8") = r0 + (uint32_t)place;
  register int32_t r9 __asm__("r9") = place;
  if (rows == 2) {
    TR_PLACES_ASM(TR_TWO_PLACES);
  } else {
    TR_PLACES_ASM(TR_THREE_PLACES);
  }
}

#else

TR_NOINLINE void tr_winograd_product(const uint32_t *panel, int32_t rows,
                                     const int8_t *units_of_pair, int32_t units, int32_t *sums,
                                     const tr_form form) {
  for (int place = 0; place < TR_WINOGRAD_PLACES; place++) {
    for (int32_t i = 0; i < 2 * rows; i++) {
      int32_t *const sum = sums + i / rows * TR_WINOGRAD_TILES + i % rows;
      *sum = 0;
      for (int32_t step = 0; step < 4 * units; step++) {
        const uint32_t x = panel[step / 2 * 2 * rows + i % rows * 2 + step % 2];
        const int8_t *const unit = units_of_pair + step / 4 * tr_stream_unit(form);
        const uint32_t w = tr_stream_weights(unit, step / 2 % 2, i / rows, step % 2, form);
        *sum = tr_dot2(x, w, *sum);
      }
    }
    sums += TR_WINOGRAD_SUMS;
    panel += 4 * rows * units;
    units_of_pair += tr_stream_unit(form) * units;
  }
}

#endif

#endif
