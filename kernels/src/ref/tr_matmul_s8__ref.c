#include "tinyrig/matmul.h"

static void product(const tr_matmul_s8_params *p, const int8_t *a, const int8_t *b, int8_t *y) {
  for (int32_t i = 0; i < p->m; i++) {
    for (int32_t j = 0; j < p->n; j++) {
      int32_t acc = p->start;
      for (int32_t c = 0; c < p->k; c++) {
        acc += (a[i * p->a_stride[2] + c * p->a_stride[3]] - p->a_zero_point) *
               (b[c * p->b_stride[2] + j * p->b_stride[3]] - p->b_zero_point);
      }
      y[i * p->y_stride[2] + j * p->y_stride[3]] =
          tr_lookup(p->lut, tr_requantise(&p->requant, acc, 0));
    }
  }
}

void tr_matmul_s8__ref(const tr_matmul_s8_params *p, const int8_t *a, const int8_t *b, int8_t *y,
                       void *scratch) {
  (void)scratch;
  for (int32_t i = 0; i < p->batch0; i++) {
    for (int32_t j = 0; j < p->batch1; j++) {
      product(p, a + i * p->a_stride[0] + j * p->a_stride[1],
              b + i * p->b_stride[0] + j * p->b_stride[1],
              y + i * p->y_stride[0] + j * p->y_stride[1]);
    }
  }
}
