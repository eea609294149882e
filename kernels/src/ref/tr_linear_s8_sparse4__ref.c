#include "common/sparse_stream.h"
#include "tinyrig/linear.h"

void tr_linear_s8_sparse4__ref(const tr_linear_s8_params *p, const int8_t *x, int8_t *y,
                               void *scratch) {
  (void)scratch;
  for (int32_t i = 0; i < p->m; i++) {
    tr_sparse_stream w = tr_sparse_open(p->weight);
    for (int32_t j = 0; j < p->n; j++) {
      int32_t acc = p->start[j];
      int32_t c = -4;
      for (int32_t gap = *w.gaps++; gap != 0; gap = *w.gaps++) {
        c += 4 * (gap / TR_SPARSE_STEP);
        const int32_t left = p->k - c < 4 ? p->k - c : 4;
        for (int32_t q = 0; q < left; q++) {
          acc += x[i * p->x_row + (c + q) * p->x_col] * w.values[q];
        }
        w.values += 4;
      }
      y[i * p->y_row + j * p->y_col] = tr_lookup(p->lut, tr_requantise(&p->requant, acc, j));
    }
  }
}
