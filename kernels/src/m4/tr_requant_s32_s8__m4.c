#include "tinyrig/finish.h"
#include "tinyrig/linear.h"

/* One row; `plain` chooses the form, which is a constant. */
TR_INLINE void row(const tr_requant_s32_s8_params *p, const int32_t *acc, int8_t *y,
                   const int plain) {
  const tr_requant form = p->requant;
  const int8_t *const lut = p->lut;
  const int32_t *multiplier = form.multiplier;
  const int32_t y_col = p->y_col;
  TR_NO_UNROLL
  for (int32_t n = p->n; n > 0; n--) {
    const int32_t value = *acc++;
    *y = (int8_t)(plain ? tr_finish_narrow(value, *multiplier)
                        : tr_finish(&form, lut, value, *multiplier));
    multiplier += form.channel_step;
    y += y_col;
  }
}

void tr_requant_s32_s8__m4(const tr_requant_s32_s8_params *p, const int32_t *acc, int8_t *y,
                           void *scratch) {
  (void)scratch;
  for (int32_t i = 0; i < p->m; i++) {
    if (tr_finish_is_plain(&p->requant, p->lut)) {
      row(p, acc, y, 1);
    } else {
      row(p, acc, y, 0);
    }
    acc += p->acc_row;
    y += p->y_row;
  }
}
