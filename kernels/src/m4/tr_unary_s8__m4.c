#include "arm/unary_rows.h"

/* Four contiguous elements. Both groups of loads stand together: Cortex-M4 pipelines them. */
TR_INLINE void look_up_four(const int8_t *middle, const int8_t *x, int8_t *y) {
#if defined(__ARM_FEATURE_DSP)
  int32_t a;
  int32_t b;
  int32_t c;
  int32_t d;
  __asm__("ldrsb %[a], [%[x]]\n\t"
          "ldrsb %[b], [%[x], #1]\n\t"
          "ldrsb %[c], [%[x], #2]\n\t"
          "ldrsb %[d], [%[x], #3]\n\t"
          "ldrb %[a], [%[lut], %[a]]\n\t"
          "ldrb %[b], [%[lut], %[b]]\n\t"
          "ldrb %[c], [%[lut], %[c]]\n\t"
          "ldrb %[d], [%[lut], %[d]]\n\t"
          : [a] "=&r"(a), [b] "=&r"(b), [c] "=&r"(c), [d] "=&r"(d)
          : [x] "r"(x), [lut] "r"(middle)
          : "memory");
  y[0] = (int8_t)a;
  y[1] = (int8_t)b;
  y[2] = (int8_t)c;
  y[3] = (int8_t)d;
#else
  for (int i = 0; i < 4; i++) {
    y[i] = middle[x[i]];
  }
#endif
}

static void row(const int8_t *middle, const int8_t *x, int8_t *y, int32_t count) {
  TR_NO_UNROLL
  for (; count >= 8; count -= 8) {
    look_up_four(middle, x, y);
    look_up_four(middle, x + 4, y + 4);
    x += 8;
    y += 8;
  }
  tr_look_up_bytes(middle, x, y, count);
}

void tr_unary_s8__m4(const tr_unary_s8_params *p, const int8_t *x, int8_t *y, void *scratch) {
  (void)scratch;
  tr_unary_rows(row, p, x, y);
}
