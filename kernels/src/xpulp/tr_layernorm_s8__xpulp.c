#include "tinyrig/cluster.h"
#include "tinyrig/inverse_sqrt.h"
#include "tinyrig/layernorm.h"
#include "tinyrig/xpulp_finish.h"

/* What turns x into 2^7 times its normalised value: (x * factor + offset) * root, rounded.
 * (centred * root + 2^(shift-1)) >> shift comes from the high word alone: where shift is below 33
 * the centred value moves up first. It is at most 2^(shift-15.5) there, as |centred| <=
 * sqrt(length * V) and V < 2^(2 * shift - 46), so nothing is lost. */
typedef struct {
  int32_t factor;
  int32_t offset;
  int32_t root;
  int32_t down;
} affine;

TR_NOINLINE affine affine_of(const tr_layernorm_s8_params *p, const int8_t *x) {
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
  const tr_inverse_sqrt inverse =
      tr_inverse_sqrt_of((int64_t)p->length * squares - (int64_t)sum * sum + p->eps);
  const int32_t up = inverse.shift < 33 ? 33 - inverse.shift : 0;
  const affine a = {(int32_t)((uint32_t)p->length << up), (int32_t)(0U - ((uint32_t)sum << up)),
                    inverse.root, inverse.shift + up - 32};
  return a;
}

TR_INLINE int32_t normalised(const affine *a, int32_t x) {
  return tr_xp_add_round(tr_xp_high(tr_xp_mac(x, a->factor, a->offset), a->root), 0, a->down);
}

/* One row; `plain` chooses the form, which is a constant. */
TR_INLINE void normalise(const tr_layernorm_s8_params *p, const int8_t *x, int8_t *y,
                         const int plain) {
  const affine a = affine_of(p, x);
  const tr_requant form = p->requant;
  const int32_t multiplier = *form.multiplier;
  const int16_t *gamma = p->gamma;
  const int32_t *start = p->start;
  TR_NO_UNROLL
  for (int32_t left = p->length; left > 0; left--) {
    const int32_t acc = tr_xp_mac(normalised(&a, *x++), *gamma++, *start++);
    *y++ = (int8_t)(plain ? tr_xp_finish_high(acc, multiplier)
                          : tr_xp_finish_any(&form, 0, acc, multiplier));
  }
}

TR_NOINLINE void normalise_plain(const tr_layernorm_s8_params *p, const int8_t *x, int8_t *y) {
  normalise(p, x, y, 1);
}

TR_NOINLINE void normalise_any(const tr_layernorm_s8_params *p, const int8_t *x, int8_t *y) {
  normalise(p, x, y, 0);
}

void tr_layernorm_s8__xpulp(const tr_layernorm_s8_params *p, const int8_t *x, int8_t *y,
                            void *scratch) {
  (void)scratch;
  const int plain = tr_xp_form_of(&p->requant, 0, 4) != TR_XP_ANY;
  const tr_share share = tr_cluster_share(p->rows);
  for (int32_t i = share.first; i < share.end; i++) {
    if (plain) {
      normalise_plain(p, x + i * p->x_row, y + i * p->y_row);
    } else {
      normalise_any(p, x + i * p->x_row, y + i * p->y_row);
    }
  }
  tr_cluster_barrier();
}
