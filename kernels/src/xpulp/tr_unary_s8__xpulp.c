#include "tinyrig/elementwise.h"
#include "xpulp/xpulp.h"
#include "xpulp/xpulp_block.h"

TR_NOINLINE void look_up(const int8_t *x, int8_t *y, const int8_t *middle, int32_t count) {
  TR_NO_UNROLL
  for (; count >= 4; count -= 4) {
    const uint32_t word = tr_xp_load(x);
    tr_xp_store(y, tr_xp_pack4(middle[tr_xp_byte(word, 0)], middle[tr_xp_byte(word, 1)],
                               middle[tr_xp_byte(word, 2)], middle[tr_xp_byte(word, 3)]));
    x += 4;
    y += 4;
  }
  TR_NO_UNROLL
  for (; count > 0; count--) {
    *y++ = middle[*x++];
  }
}

void tr_unary_s8__xpulp(const tr_unary_s8_params *p, const int8_t *x, int8_t *y, void *scratch) {
  (void)scratch;
  const int32_t *const stride[] = {p->x_stride, p->y_stride};
  const int8_t *const middle = p->lut - INT8_MIN;
  tr_xp_run run = tr_xp_run_first(p->extent, stride, 2);
  do {
    look_up(x + run.at.offset[0] + run.first, y + run.at.offset[1] + run.first, middle,
            run.end - run.first);
  } while (tr_xp_run_next(&run, p->extent, stride, 2));
  tr_cluster_barrier();
}
