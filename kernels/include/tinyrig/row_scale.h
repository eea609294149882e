/* The row scale of softmax and attention: a real factor divided by a row's sum. */
#ifndef TINYRIG_ROW_SCALE_H
#define TINYRIG_ROW_SCALE_H

#include <stdint.h>

/* factor = mantissa * 2^-exponent, mantissa in [2^30, 2^31). */
typedef struct {
  int32_t mantissa;
  int32_t exponent;
} tr_row_scale;

#endif
