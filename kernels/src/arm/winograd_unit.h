/* The unit that begins a chain of stream_unit.h for Winograd's products on a Cortex-M4: it only
 * writes its sums. */
#ifndef TINYRIG_WINOGRAD_UNIT_H
#define TINYRIG_WINOGRAD_UNIT_H

#include "arm/stream_two.h"

#if defined(__ARM_FEATURE_DSP)

#define TR_PRODUCT(sum, x, w) "smuad " sum ", " x ", " w "\n\t"

#define TR_PRODUCT_ROWS(s0, s1, s2, x0, x1, x2, w) \
  TR_PRODUCT(s0, x0, w) TR_PRODUCT(s1, x1, w) TR_PRODUCT(s2, x2, w)

#define TR_CHAIN_PRODUCT_M4                                             \
  TR_STEP_M4_WIDE(TR_PRODUCT_ROWS, "4", "12]", "4", "12", "20]", "")    \
  TR_STEP_M4_WIDE(TR_MULTIPLY_ROWS, "8", "16]", "8", "16", "24]", "")   \
  TR_STEP_M4_WIDE(TR_MULTIPLY_ROWS, "20", "28]", "28", "36", "44]", "") \
  TR_STEP_M4_WIDE(TR_MULTIPLY_ROWS, "24", "32]!", "32", "40", "48]!", "")

#endif

#endif
