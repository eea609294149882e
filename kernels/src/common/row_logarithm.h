/* The logarithm of a row's sum of exponentials. */
#ifndef TINYRIG_ROW_LOGARITHM_H
#define TINYRIG_ROW_LOGARITHM_H

#include "tinyrig/variants.h"

/* ln(sum / exp[0]): a line over the interval of its octave. */
static inline int32_t tr_row_logarithm(const tr_logsoftmax_s8_params *p, uint32_t sum) {
  const int32_t zeros = (int32_t)__builtin_clz(sum);
  const uint32_t raised = sum << zeros;
  const int32_t *const end = p->logs + ((raised >> 24) - 128U);
  const int64_t part = (raised >> 8) & 0xFFFFU;
  const int32_t line = end[0] + (int32_t)(((end[1] - end[0]) * part) >> 16);
  return line - zeros * p->octave;
}

#endif
