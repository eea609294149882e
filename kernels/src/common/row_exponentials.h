/* A row of scores: its largest code, and the sum of the exponentials below it. */
#ifndef TINYRIG_ROW_EXPONENTIALS_H
#define TINYRIG_ROW_EXPONENTIALS_H

#include <stdint.h>

/* `length` codes, at least one, `step` bytes apart. */
static inline int32_t tr_row_largest(const int8_t *x, int32_t length, int32_t step) {
  int32_t largest = INT8_MIN;
  for (int32_t i = 0; i < length; i++) {
    const int32_t code = x[i * step];
    largest = code > largest ? code : largest;
  }
  return largest;
}

/* The sum of exp[largest - x], of 256 entries; it must fit 32 bits. */
static inline uint32_t tr_row_sum(const uint32_t *exp, int32_t largest, const int8_t *x,
                                  int32_t length, int32_t step) {
  uint32_t sum = 0;
  for (int32_t i = 0; i < length; i++) {
    sum += exp[largest - x[i * step]];
  }
  return sum;
}

#endif
