/* The largest of contiguous scores, and the sum of their fine exponentials. */
#ifndef TINYRIG_SOFTMAX_RUN_H
#define TINYRIG_SOFTMAX_RUN_H

#include "arm/finish.h"
#include "common/row_rounding.h"
#include "tinyrig/softmax.h"

/* No score is larger: where the largest of a row begins. */
#define TR_NO_LARGEST 0x80808080U

/* The largest of a run and of `largest`, byte by byte. */
TR_INLINE uint32_t tr_larger_of(uint32_t largest, const int8_t *x, int32_t length) {
  int32_t left = length;
  TR_NO_UNROLL
  for (; left >= 8; left -= 8) {
    const uint32_t first = tr_load4(x);
    const uint32_t second = tr_load4(x + 4);
    largest = tr_max4(largest, tr_max4(first, second));
    x += 8;
  }
  for (; left > 0; left--) {
    largest = tr_max4(largest, 0x80808000U | (uint32_t)(uint8_t)*x++);
  }
  return largest;
}

/* The largest of four bytes, in all four. */
TR_INLINE uint32_t tr_in_all_bytes(uint32_t largest) {
  largest = tr_max4(largest, largest >> 16 | largest << 16);
  return tr_max4(largest, largest >> 8 | largest << 24);
}

/* What the scale divides a run's exponentials by, where `exp` is too coarse to be summed. */
TR_NOINLINE uint32_t tr_fine_sum(const uint32_t *fine, uint32_t largest, const int8_t *x,
                                 int32_t length) {
  uint32_t sum = 0;
  TR_NO_UNROLL
  for (; length >= 4; length -= 4) {
    const uint32_t below = tr_sub4(largest, tr_load4(x));
    sum += fine[below & 0xFFU] + fine[below >> 8 & 0xFFU];
    sum += fine[below >> 16 & 0xFFU] + fine[below >> 24];
    x += 4;
  }
  for (; length > 0; length--) {
    sum += fine[tr_sub4(largest, (uint32_t)(uint8_t)*x++) & 0xFFU];
  }
  return sum;
}

#endif
