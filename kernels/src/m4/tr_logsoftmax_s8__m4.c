#include "arm/softmax_run.h"
#include "common/row_logarithm.h"

TR_INLINE uint32_t one(const tr_requant *form, int32_t acc, int32_t multiplier, const int narrow) {
  return (uint32_t)(narrow ? tr_finish_narrow(acc, multiplier)
                           : tr_finish(form, 0, acc, multiplier)) &
         0xFFU;
}

/* y of a row whose sum is known. `narrow`: a high multiply and a saturation are all there is to do.
 */
TR_INLINE void subtract(const tr_logsoftmax_s8_params *p, uint32_t largest, int32_t start,
                        const int8_t *x, int8_t *y, const int narrow) {
  const tr_requant *const form = &p->requant;
  const int32_t multiplier = *form->multiplier;
  const int32_t slope = p->slope;
  int32_t left = p->length;
  TR_NO_UNROLL
  for (; left >= 4; left -= 4) {
    const uint32_t below = tr_sub4(largest, tr_load4(x));
    const int32_t acc0 = start - (int32_t)(below & 0xFFU) * slope;
    const int32_t acc1 = start - (int32_t)(below >> 8 & 0xFFU) * slope;
    const int32_t acc2 = start - (int32_t)(below >> 16 & 0xFFU) * slope;
    const int32_t acc3 = start - (int32_t)(below >> 24) * slope;
    const uint32_t y0 = one(form, acc0, multiplier, narrow);
    const uint32_t y1 = one(form, acc1, multiplier, narrow);
    const uint32_t y2 = one(form, acc2, multiplier, narrow);
    const uint32_t y3 = one(form, acc3, multiplier, narrow);
    tr_store4(y, y0 | y1 << 8 | y2 << 16 | y3 << 24);
    x += 4;
    y += 4;
  }
  TR_NO_UNROLL
  for (; left > 0; left--) {
    const int32_t below = (int32_t)(tr_sub4(largest, (uint32_t)(uint8_t)*x++) & 0xFFU);
    *y++ = (int8_t)one(form, start - below * slope, multiplier, narrow);
  }
}

TR_NOINLINE void narrow_row(const tr_logsoftmax_s8_params *p, uint32_t largest, int32_t start,
                            const int8_t *x, int8_t *y) {
  subtract(p, largest, start, x, y, 1);
}

TR_SMALL void other_row(const tr_logsoftmax_s8_params *p, uint32_t largest, int32_t start,
                        const int8_t *x, int8_t *y) {
  subtract(p, largest, start, x, y, 0);
}

void tr_logsoftmax_s8__m4(const tr_logsoftmax_s8_params *p, const int8_t *x, int8_t *y,
                          void *scratch) {
  (void)scratch;
  for (int32_t i = 0; i < p->rows; i++) {
    const uint32_t largest = tr_in_all_bytes(tr_larger_of(TR_NO_LARGEST, x, p->length));
    const int32_t start =
        p->start - tr_row_logarithm(p, tr_fine_sum(p->exp, largest, x, p->length));
    (tr_finish_is_narrow(&p->requant) ? narrow_row : other_row)(p, largest, start, x, y);
    x += p->x_row;
    y += p->y_row;
  }
}
