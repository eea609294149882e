/* Weights of four bits, two a byte: the first of two is the lower half. */
#ifndef TINYRIG_NIBBLES_H
#define TINYRIG_NIBBLES_H

#include <stdint.h>

/* Weight i of those at w, -8 to 7. */
static inline int32_t tr_nibble(const int8_t *w, int32_t i) {
  const uint32_t half = (uint32_t)(uint8_t)w[i / 2] >> 4 * (i % 2) & 0xFU;
  return (int32_t)(half ^ 8U) - 8;
}

#endif
