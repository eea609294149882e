/* Sums of a unit's gates, portably. */
#ifndef TINYRIG_GATE_SUMS_H
#define TINYRIG_GATE_SUMS_H

#include "common/dsp.h"

TR_INLINE void tr_plain_sums(const int8_t *w, const int8_t *h, int32_t units, int32_t rows,
                             int32_t *sums) {
  for (int32_t i = 0; i < rows; i++) {
    int32_t sum = 0;
    for (int32_t k = 0; k < units; k++) {
      sum += h[k] * w[i * units + k];
    }
    sums[i] = sum;
  }
}

#endif
