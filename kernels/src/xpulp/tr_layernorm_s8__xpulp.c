#include "common/normaliser.h"
#include "tinyrig/cluster.h"
#include "tinyrig/layernorm.h"
#include "xpulp/xpulp_finish.h"

TR_NOINLINE tr_normaliser normaliser_of(const tr_layernorm_s8_params *p, const int8_t *x) {
  int32_t sum = 0;
  int32_t squares = 0;
  int32_t left = p->length;
  TR_NO_UNROLL
  for (; left >= 4; left -= 4) {
    const uint32_t word = tr_xp_load(x);
    sum = tr_xp_sdotsp4(word, 0x01010101U, sum);
    squares = tr_xp_sdotsp4(word, word, squares);
    x += 4;
  }
  for (; left > 0; left--) {
    sum += *x;
    squares += *x * *x;
    x++;
  }
  return tr_normaliser_of(p, sum, squares);
}

/* One row; `upper`, a constant, tells that the requantisation is the upper half of the
 * accumulator, which spares a high multiply. */
TR_INLINE void normalise(const tr_layernorm_s8_params *p, const int8_t *x, int8_t *y,
                         const int upper) {
  const tr_normaliser a = normaliser_of(p, x);
  const tr_requant form = p->requant;
  const int32_t multiplier = *form.multiplier;
  const int32_t *gamma = p->gamma;
  const int32_t *start = p->start;
  TR_NO_UNROLL
  for (int32_t left = p->length; left > 0; left--) {
    const int32_t n = tr_xp_mac(*x++, (int32_t)a.factor, (int32_t)a.offset);
    const int32_t acc = *start++ + tr_xp_high(n, *gamma++);
    *y++ = (int8_t)(upper ? tr_xp_clip8(acc >> 16) : tr_xp_finish_any(&form, 0, acc, multiplier));
  }
}

TR_NOINLINE void normalise_upper(const tr_layernorm_s8_params *p, const int8_t *x, int8_t *y) {
  normalise(p, x, y, 1);
}

TR_NOINLINE void normalise_any(const tr_layernorm_s8_params *p, const int8_t *x, int8_t *y) {
  normalise(p, x, y, 0);
}

void tr_layernorm_s8__xpulp(const tr_layernorm_s8_params *p, const int8_t *x, int8_t *y,
                            void *scratch) {
  (void)scratch;
  const int upper = tr_xp_form_of(&p->requant, 0, 4) != TR_XP_ANY &&
                    *p->requant.multiplier == 1 << 16;
  const tr_share share = tr_cluster_share(p->rows);
  for (int32_t i = share.first; i < share.end; i++) {
    if (upper) {
      normalise_upper(p, x + i * p->x_row, y + i * p->y_row);
    } else {
      normalise_any(p, x + i * p->x_row, y + i * p->y_row);
    }
  }
  tr_cluster_barrier();
}
