#include "tinyrig/elementwise.h"
#include "xpulp/xpulp.h"
#include "xpulp/xpulp_block.h"

typedef struct {
  int32_t a;
  int32_t b;
  int32_t y;
} steps;

TR_NOINLINE void add_run(const tr_add_s8_params *given, const int8_t *a, const int8_t *b,
                         int8_t *y, steps step, int32_t count) {
  const int32_t by_a = given->a_multiplier;
  const int32_t by_b = given->b_multiplier;
  const int32_t start = given->start;
  const int32_t shift = given->shift;
  const int32_t lo = given->lo;
  const int32_t hi = given->hi;
  TR_NO_UNROLL
  for (int32_t i = 0; i < count; i++) {
    const int32_t sum = tr_xp_mac(b[i * step.b], by_b, tr_xp_mac(a[i * step.a], by_a, start));
    y[i * step.y] = (int8_t)tr_xp_min(tr_xp_max(sum >> shift, lo), hi);
  }
}

void tr_add_s8__xpulp(const tr_add_s8_params *p, const int8_t *a, const int8_t *b, int8_t *y,
                      void *scratch) {
  (void)scratch;
  const int32_t *const stride[] = {p->a_stride, p->b_stride, p->y_stride};
  const int last = TR_MAX_AXES - 1;
  const steps step = {p->a_stride[last], p->b_stride[last], p->y_stride[last]};
  tr_xp_run run = tr_xp_run_first(p->extent, stride, 3);
  do {
    add_run(p, a + run.at.offset[0] + run.first * step.a,
            b + run.at.offset[1] + run.first * step.b, y + run.at.offset[2] + run.first * step.y,
            step, run.end - run.first);
  } while (tr_xp_run_next(&run, p->extent, stride, 3));
  tr_cluster_barrier();
}
