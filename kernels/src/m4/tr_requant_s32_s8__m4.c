#include "arm/finish.h"
#include "tinyrig/linear.h"

/* Columns [first, n) of a row in any form. */
static void rest(const tr_requant_s32_s8_params *p, const int32_t *acc, int8_t *y, int32_t first) {
  const tr_requant form = p->requant;
  for (int32_t n = first; n < p->n; n++) {
    const int32_t m = form.multiplier[n * form.channel_step];
    y[n * p->y_col] = (int8_t)tr_finish(&form, p->lut, acc[n], m);
  }
}

/* The plain form, four columns at a time; returns how many are done. Inlined, known steps are
 * addresses of their own. */
TR_INLINE int32_t fours(const tr_requant_s32_s8_params *p, const int32_t *acc, int8_t *y,
                        int32_t step, int32_t y_col) {
  const int32_t *multiplier = p->requant.multiplier;
  const int32_t whole = p->n / 4 * 4;
  TR_NO_UNROLL
  for (int32_t left = whole; left > 0; left -= 4) {
    /* All are read before the first is written, which may lie on them. */
    const int32_t a = acc[0];
    const int32_t b = acc[1];
    const int32_t c = acc[2];
    const int32_t d = acc[3];
    const int32_t ma = *multiplier;
    multiplier += step;
    const int32_t mb = *multiplier;
    multiplier += step;
    const int32_t mc = *multiplier;
    multiplier += step;
    const int32_t md = *multiplier;
    multiplier += step;
    y[0] = (int8_t)tr_finish_narrow(a, ma);
    y[y_col] = (int8_t)tr_finish_narrow(b, mb);
    y[2 * y_col] = (int8_t)tr_finish_narrow(c, mc);
    y[3 * y_col] = (int8_t)tr_finish_narrow(d, md);
    acc += 4;
    y += 4 * y_col;
  }
  return whole;
}

static int32_t plain_fours(const tr_requant_s32_s8_params *p, const int32_t *acc, int8_t *y) {
  const int32_t step = p->requant.channel_step;
  return step == 1 && p->y_col == 1 ? fours(p, acc, y, 1, 1) : fours(p, acc, y, step, p->y_col);
}

void tr_requant_s32_s8__m4(const tr_requant_s32_s8_params *p, const int32_t *acc, int8_t *y,
                           void *scratch) {
  (void)scratch;
  const int plain = tr_finish_is_plain(&p->requant, p->lut);
  for (int32_t i = 0; i < p->m; i++) {
    rest(p, acc, y, plain ? plain_fours(p, acc, y) : 0);
    acc += p->acc_row;
    y += p->y_row;
  }
}
