/* Chains of units of stream_unit.h for Winograd's products: the first one only writes its sums. */
#ifndef TINYRIG_WINOGRAD_UNIT_H
#define TINYRIG_WINOGRAD_UNIT_H

#define TR_STREAM_16

#include "arm/stream_two.h"

#if defined(__ARM_FEATURE_DSP)

#define TR_PRODUCT(sum, x, w) "smuad " sum ", " x ", " w "\n\t"

#if defined(TR_TILE_INTERLEAVED)

/* Cortex-M7: the last multiplications of a unit issue beside the first loads of the next. */
#define TR_CHAIN_AGAIN TR_UNIT_LOADS("4", "12")

#define TR_CHAIN_STEPS                                                          \
  TR_STEP("r2", "r12", "r11", "r9", "lr", "r10", "24", "20", "28", "28]", "36") \
  TR_STEP("r10", "r9", "r11", "r2", "lr", "r12", "44", "24", "32", "32]!", "40")

#define TR_CHAIN_NEXT                                            \
  TR_MULTIPLY("r3", "r11", "r12", "r3") "ldr lr, [r0, #48]!\n\t" \
  TR_MULTIPLY("r6", "r11", "r2", "r6") "ldr r9, [r1, #4]\n\t"    \
  TR_MULTIPLY("r4", "r10", "r12", "r4") "ldr r11, [r0, #4]\n\t"  \
  TR_MULTIPLY("r7", "r10", "r2", "r7")                           \
  TR_MULTIPLY("r5", "lr", "r12", "r5") "ldr r10, [r1, #12]\n\t"  \
  TR_MULTIPLY("r8", "lr", "r2", "r8") "ldr r12, [r0, #12]\n\t"

#define TR_CHAIN_FIRST                                      \
  TR_CHAIN_AGAIN                                            \
  TR_PRODUCT("r3", "r11", "r9") "ldr lr, [r0, #20]\n\t"     \
  TR_PRODUCT("r6", "r11", "r10") "ldr r2, [r1, #8]\n\t"     \
  TR_PRODUCT("r4", "r12", "r9") "ldr r11, [r0, #8]\n\t"     \
  TR_PRODUCT("r7", "r12", "r10") "ldr r12, [r1, #16]\n\t"   \
  TR_PRODUCT("r5", "lr", "r9") "ldr r9, [r0, #16]\n\t"      \
  TR_PRODUCT("r8", "lr", "r10") TR_CHAIN_STEPS TR_CHAIN_NEXT

#define TR_CHAIN_HEAD \
  TR_STEP("r9", "r10", "r11", "r12", "lr", "r2", "20", "8", "8", "16]", "16")
#define TR_CHAIN_UNIT TR_CHAIN_HEAD TR_CHAIN_STEPS TR_CHAIN_NEXT
#define TR_CHAIN_LAST(tail) TR_CHAIN_HEAD TR_UNIT_REST("20", "28]", "24", "32]!", tail)

#else

#define TR_PRODUCT_ROWS(s0, s1, s2, x0, x1, x2, w) \
  TR_PRODUCT(s0, x0, w) TR_PRODUCT(s1, x1, w) TR_PRODUCT(s2, x2, w)

#define TR_CHAIN_FIRST                                                 \
  TR_STEP(TR_PRODUCT_ROWS, "4", "12]", "4", "12", "20]", "")           \
  TR_STEP(TR_MULTIPLY_ROWS, "8", "16]", "8", "16", "24]", "")          \
  TR_STEP(TR_MULTIPLY_ROWS, "20", "28]", "28", "36", "44]", "")        \
  TR_STEP(TR_MULTIPLY_ROWS, "24", "32]!", "32", "40", "48]!", "")

#define TR_CHAIN_AGAIN ""
#define TR_CHAIN_UNIT TR_MULTIPLY_UNIT("")
#define TR_CHAIN_LAST(tail) TR_MULTIPLY_UNIT(tail)

#endif

#endif

#endif
