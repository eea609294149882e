/* A pointwise convolution (arm/quads_conv.h) by weights that are kept, in `parts` of its columns. */
#ifndef TINYRIG_QUADS_KEPT_CONV_H
#define TINYRIG_QUADS_KEPT_CONV_H

#include "arm/quads_conv.h"
#include "arm/quads_kept.h"

TR_INLINE void tr_quads_kept_conv(const tr_conv2d_s8_params *p, const int8_t *x, int8_t *y,
                                  void *scratch, const int32_t parts, const tr_form form) {
  const tr_quads q = tr_quads_of(p);
  const int32_t most = tr_quads_part(q.n, parts);
  for (int32_t column = 0; column < q.n; column += most) {
    const int32_t from = tr_quads_from(q.n, column);
    const int32_t columns = q.n - from < most ? q.n - from : most;
    const tr_quads kept = tr_quads_keep(&q, column, columns, tr_quads_copy(q.k, most, scratch));
    tr_quads_cells(p, &kept, x, y + from, scratch, form);
  }
}

#endif
