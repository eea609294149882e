/* Integer inverse square root: Newton's iteration from a CLZ start (docs/arithmetic.md). */
#ifndef TINYRIG_INVERSE_SQRT_H
#define TINYRIG_INVERSE_SQRT_H

#include <stdint.h>

/* (x * root + 2^(shift-1)) >> shift is 2^7 * x / sqrt(V); root < 2^31, 24 <= shift <= 54. */
typedef struct {
  int32_t root;
  int32_t shift;
} tr_inverse_sqrt;

/* 1 <= value < 2^62. */
static inline tr_inverse_sqrt tr_inverse_sqrt_of(int64_t value) {
  const int32_t zeros = (int32_t)((uint32_t)__builtin_clzll((uint64_t)value) & ~1U);
  const uint32_t v = (uint32_t)(((uint64_t)value << zeros) >> 32);
  uint32_t r = 2300000000U - ((v >> 2) + (v >> 4));
  for (int i = 0; i < 4; i++) {
    const uint32_t square = (uint32_t)(((uint64_t)r * r) >> 32);
    const uint32_t u = (uint32_t)(((uint64_t)square * v) >> 32); /* below 3 * 2^28 */
    r = (uint32_t)(((uint64_t)(r << 1) * (0xC0000000U - (u << 2))) >> 32);
  }
  /* Every round but the last ends below 2^31: from a guess 8 % off, where the root is so large. */
  r = r > INT32_MAX ? (uint32_t)INT32_MAX : r;
  const tr_inverse_sqrt result = {(int32_t)r, 55 - zeros / 2};
  return result;
}

#endif
