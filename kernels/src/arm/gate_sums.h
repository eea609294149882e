/* Sums of up to four gates of a unit: four hidden codes are widened once for all of them. */
#ifndef TINYRIG_GATE_QUADS_H
#define TINYRIG_GATE_QUADS_H

#include "common/dsp.h"

/* acc plus four codes, as pairs of the even and the odd ones, times four weights. */
TR_INLINE int32_t tr_quad_sum(const int8_t *w, uint32_t even, uint32_t odd, int32_t acc) {
  const uint32_t weights = tr_load4(w);
  return tr_dot2(odd, tr_odd_bytes(weights), tr_dot2(even, tr_even_bytes(weights), acc));
}

/* `rows` is a constant where this is inlined, and none of its sums need leave a register. */
TR_INLINE void tr_quad_sums(const int8_t *w, const int8_t *h, int32_t units, int32_t rows,
                            int32_t *sums) {
  int32_t s0 = 0;
  int32_t s1 = 0;
  int32_t s2 = 0;
  int32_t s3 = 0;
  int32_t k = 0;
  TR_NO_UNROLL
  for (; k <= units - 4; k += 4) {
    const uint32_t codes = tr_load4(h + k);
    const uint32_t even = tr_even_bytes(codes);
    const uint32_t odd = tr_odd_bytes(codes);
    s0 = tr_quad_sum(w + k, even, odd, s0);
    s1 = rows > 1 ? tr_quad_sum(w + units + k, even, odd, s1) : 0;
    s2 = rows > 2 ? tr_quad_sum(w + 2 * units + k, even, odd, s2) : 0;
    s3 = rows > 3 ? tr_quad_sum(w + 3 * units + k, even, odd, s3) : 0;
  }
  TR_NO_UNROLL
  for (; k < units; k++) {
    s0 += h[k] * w[k];
    s1 += rows > 1 ? h[k] * w[units + k] : 0;
    s2 += rows > 2 ? h[k] * w[2 * units + k] : 0;
    s3 += rows > 3 ? h[k] * w[3 * units + k] : 0;
  }
  const int32_t all[4] = {s0, s1, s2, s3};
  for (int32_t i = 0; i < rows; i++) {
    sums[i] = all[i];
  }
}

#endif
