/* Sums of up to four gates of a unit: four hidden codes are widened once for all of them. */
#ifndef TINYRIG_GATE_QUADS_H
#define TINYRIG_GATE_QUADS_H

#include "common/dsp.h"

TR_INLINE void tr_quad_sums(const int8_t *w, const int8_t *h, int32_t units, int32_t rows,
                            int32_t *sums) {
  int32_t acc[4] = {0, 0, 0, 0};
  int32_t k = 0;
  TR_NO_UNROLL
  for (; k <= units - 4; k += 4) {
    const uint32_t codes = tr_load4(h + k);
    const uint32_t even = tr_even_bytes(codes);
    const uint32_t odd = tr_odd_bytes(codes);
    for (int32_t i = 0; i < rows; i++) {
      const uint32_t weights = tr_load4(w + i * units + k);
      acc[i] = tr_dot2(odd, tr_odd_bytes(weights), tr_dot2(even, tr_even_bytes(weights), acc[i]));
    }
  }
  for (int32_t i = 0; i < rows; i++) {
    for (int32_t rest = k; rest < units; rest++) {
      acc[i] += h[rest] * w[i * units + rest];
    }
    sums[i] = acc[i];
  }
}

#endif
