/* Integer inverse square root: Newton's iteration from a CLZ start (docs/arithmetic.md). */
#ifndef TINYRIG_INVERSE_SQRT_H
#define TINYRIG_INVERSE_SQRT_H

#include <stdint.h>

/* root / 2^shift is 2^7 / sqrt(V), at most 3e-7 less and 4e-9 more; root < 2^31, 24 <= shift <= 54. */
typedef struct {
  int32_t root;
  int32_t shift;
} tr_inverse_sqrt;

/* Of v / 2^32, from 1/4 on: three rounds from a guess at most 11 % off. The guess is 8 % too low
 * where the root is near 2^31, so that no round ends there. */
static inline int32_t tr_inverse_root_of(uint32_t v) {
  uint32_t r = 2300000000U - (v >> 2) - (v >> 4);
  for (int i = 0; i < 3; i++) {
    const uint32_t square = (uint32_t)(((uint64_t)r * r) >> 32);
    const uint32_t u = (uint32_t)(((uint64_t)square * v) >> 32); /* below 3 * 2^28 */
    r = (uint32_t)(((uint64_t)(r << 1) * (0xC0000000U - (u << 2))) >> 32);
  }
  return (int32_t)r;
}

/* 1 <= value < 2^62. */
static inline tr_inverse_sqrt tr_inverse_sqrt_of(int64_t value) {
  const uint32_t zeros = (uint32_t)__builtin_clzll((uint64_t)value) & ~1U;
  const uint32_t v = (uint32_t)(((uint64_t)value << zeros) >> 32);
  const tr_inverse_sqrt result = {tr_inverse_root_of(v), 55 - (int32_t)(zeros / 2)};
  return result;
}

#endif
