#include "tinyrig/elementwise.h"
#include "xpulp/xpulp_block.h"
#include "xpulp/xpulp_finish.h"

typedef struct {
  int32_t a;
  int32_t b;
  int32_t y;
} steps;

TR_NOINLINE void mul_run(const tr_mul_s8_params *p, const int8_t *a, const int8_t *b, int8_t *y,
                         const steps *by, int32_t count) {
  const steps step = *by;
  const tr_requant form = p->requant;
  const int32_t multiplier = *form.multiplier;
  const int32_t a_zero = p->a_zero_point;
  const int32_t b_zero = p->b_zero_point;
  const int32_t start = p->start;
  TR_NO_UNROLL
  for (int32_t i = 0; i < count; i++) {
    const int32_t acc = tr_xp_mac(a[i * step.a] - a_zero, b[i * step.b] - b_zero, start);
    y[i * step.y] = (int8_t)tr_xp_finish_any(&form, 0, acc, multiplier);
  }
}

void tr_mul_s8__xpulp(const tr_mul_s8_params *p, const int8_t *a, const int8_t *b, int8_t *y,
                      void *scratch) {
  (void)scratch;
  const int32_t *const stride[] = {p->a_stride, p->b_stride, p->y_stride};
  const int last = TR_MAX_AXES - 1;
  const steps step = {p->a_stride[last], p->b_stride[last], p->y_stride[last]};
  tr_xp_run run = tr_xp_run_first(p->extent, stride, 3);
  do {
    mul_run(p, a + run.at.offset[0] + run.first * step.a,
            b + run.at.offset[1] + run.first * step.b, y + run.at.offset[2] + run.first * step.y,
            &step, run.end - run.first);
  } while (tr_xp_run_next(&run, p->extent, stride, 3));
  tr_cluster_barrier();
}
