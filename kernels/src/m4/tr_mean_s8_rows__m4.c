#include "arm/finish.h"
#include "common/dsp.h"
#include "tinyrig/pool.h"

#define SIGNS 0x80808080U
#define BIAS 128 /* what a byte with its sign turned is above its value */

/* The sum of contiguous bytes. */
TR_INLINE int32_t sum_of(const int8_t *x, int32_t count) {
  uint32_t biased = 0;
  int32_t left = count;
  TR_NO_UNROLL
  for (; left >= 16; left -= 16) {
    const uint32_t a = tr_load4(x);
    const uint32_t b = tr_load4(x + 4);
    const uint32_t c = tr_load4(x + 8);
    const uint32_t d = tr_load4(x + 12);
    biased = tr_add_unsigned_bytes(biased, a ^ SIGNS);
    biased = tr_add_unsigned_bytes(biased, b ^ SIGNS);
    biased = tr_add_unsigned_bytes(biased, c ^ SIGNS);
    biased = tr_add_unsigned_bytes(biased, d ^ SIGNS);
    x += 16;
  }
  TR_NO_UNROLL
  for (; left >= 4; left -= 4) {
    biased = tr_add_unsigned_bytes(biased, tr_load4(x) ^ SIGNS);
    x += 4;
  }
  int32_t sum = (int32_t)biased - BIAS * (count - left);
  for (; left > 0; left--) {
    sum += *x++;
  }
  return sum;
}

/* One output: the sum of its lines. */
TR_NOINLINE int8_t mean(const tr_mean_s8_params *p, const int8_t *x) {
  int32_t sum = p->start;
  for (int32_t a = 0; a < p->reduced[0]; a++) {
    for (int32_t b = 0; b < p->reduced[1]; b++) {
      for (int32_t c = 0; c < p->reduced[2]; c++) {
        sum += sum_of(x + a * p->x_reduced[0] + b * p->x_reduced[1] + c * p->x_reduced[2],
                      p->reduced[3]);
      }
    }
  }
  return (int8_t)tr_finish(&p->requant, 0, sum, *p->requant.multiplier);
}

void tr_mean_s8_rows__m4(const tr_mean_s8_params *p, const int8_t *x, int8_t *y, void *scratch) {
  (void)scratch;
  for (int32_t a = 0; a < p->kept[0]; a++) {
    for (int32_t b = 0; b < p->kept[1]; b++) {
      for (int32_t c = 0; c < p->kept[2]; c++) {
        const int8_t *from = x + a * p->x_kept[0] + b * p->x_kept[1] + c * p->x_kept[2];
        int8_t *to = y + a * p->y_kept[0] + b * p->y_kept[1] + c * p->y_kept[2];
        for (int32_t d = 0; d < p->kept[3]; d++) {
          to[d * p->y_kept[3]] = mean(p, from + d * p->x_kept[3]);
        }
      }
    }
  }
}
