#include "tinyrig/variants.h"

/* Cells from `x` on, weighted by row and column. */
static int32_t weighted(const tr_resize_s8_params *p, const int8_t *x, const int16_t *row,
                        const int16_t *column) {
  int32_t acc = p->start;
  for (int32_t i = 0; i < p->taps_h; i++) {
    int32_t line = 0;
    for (int32_t j = 0; j < p->taps_w; j++) {
      line += column[j] * x[i * p->x_stride[2] + j * p->x_stride[3]];
    }
    acc += row[i] * line;
  }
  return acc;
}

void tr_resize_s8__ref(const tr_resize_s8_params *p, const int8_t *x, int8_t *y, void *scratch) {
  (void)scratch;
  for (int32_t b = 0; b < p->batch; b++) {
    for (int32_t h = 0; h < p->out_h; h++) {
      const int8_t *const line = x + b * p->x_stride[0] + p->row_first[h] * p->x_stride[2];
      int8_t *const to = y + b * p->y_stride[0] + h * p->y_stride[2];
      for (int32_t v = 0; v < p->out_w; v++) {
        const int8_t *const cell = line + p->column_first[v] * p->x_stride[3];
        for (int32_t c = 0; c < p->channels; c++) {
          const int32_t acc = weighted(p, cell + c * p->x_stride[1], p->row_weight + h * p->taps_h,
                                       p->column_weight + v * p->taps_w);
          to[c * p->y_stride[1] + v * p->y_stride[3]] = tr_requantise(&p->requant, acc, 0);
        }
      }
    }
  }
}
