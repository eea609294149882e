/* A part of a linear layer by panels of three rows; forms as in linear_rows.h. */
#ifndef TINYRIG_LINEAR_SUMS_H
#define TINYRIG_LINEAR_SUMS_H

#include <stddef.h>

#include "arm/stream_two.h"
#include "tinyrig/linear.h"

/* Adds a panel's one or two rows times a pair of columns to the sums at acc. */
TR_INLINE void tr_sums_pair(const uint32_t *panel, const int8_t *stream, int32_t k, int32_t *acc,
                            int32_t acc_row, const int rows, const tr_form form) {
  int32_t dot[4];
  tr_stream_tile(panel, stream, k, dot, rows, form);
  for (int i = 0; i < rows; i++) {
    int32_t *const to = acc + i * acc_row;
    to[0] = tr_wrapping_add(to[0], tr_lowered(dot[i], form));
    to[1] = tr_wrapping_add(to[1], tr_lowered(dot[rows + i], form));
  }
}

TR_INLINE void tr_sums_few(const tr_linear_s8_s32_params *p, const uint32_t *panel, int32_t *acc,
                           const int rows, const tr_form form) {
  const int8_t *stream = p->weight;
  for (int32_t n = 0; n < p->n; n += 2) {
    tr_sums_pair(panel, stream, p->k, acc + (n < p->n - 2 ? n : p->n - 2), p->acc_row, rows, form);
    stream += tr_stream_pair(p->k, form);
  }
}

TR_NOINLINE void tr_sums_one(const tr_linear_s8_s32_params *p, const uint32_t *panel, int32_t *acc,
                             const tr_form form) {
  tr_sums_few(p, panel, acc, 1, form);
}

/* Of nibbles, whose sums cannot begin where others lie: they are sixteen times as much. */
TR_NOINLINE void tr_sums_two(const tr_linear_s8_s32_params *p, const uint32_t *panel, int32_t *acc,
                             const tr_form form) {
  tr_sums_few(p, panel, acc, 2, form);
}

TR_INLINE void tr_sums_pairs(const tr_stream_tiles *tiles, const int8_t *stream, const int rows,
                             const tr_form form) {
  if (rows == 3) {
    tr_stream_add(tiles, stream, form);
  } else {
    tr_stream_add_two(tiles, stream, form);
  }
}

/* Adds the products of a panel's two or three rows to the sums at acc. */
TR_INLINE void tr_sums_tiles(const tr_linear_s8_s32_params *p, const uint32_t *panel,
                             const int rows, int32_t *acc, const tr_form form) {
  tr_stream_tiles tiles = {panel + tr_panel_words(rows, p->k),
                           panel,
                           p->weight + p->n / 2 * tr_stream_pair(p->k, form),
                           (int8_t *)acc,
                           4 * p->acc_row,
                           0,
                           0};
  tr_sums_pairs(&tiles, p->weight, rows, form);
  if (p->n % 2 != 0) {
    const int8_t *const odd = tiles.stream_end;
    tiles.stream_end += tr_stream_pair(p->k, form);
    tiles.y = (int8_t *)(acc + p->n - 2);
    tr_sums_pairs(&tiles, odd, rows, form);
  }
}

TR_INLINE void tr_linear_sums(const tr_linear_s8_s32_params *p, const int8_t *x, int32_t *acc,
                              void *scratch, const tr_form form) {
  uint32_t *const panel = scratch;
  const int32_t most = tr_is_nibbles(form) ? 2 : 3;
  for (int32_t i = 0; i < p->m; i += most) {
    const int32_t rows = p->m - i < most ? p->m - i : most;
    int32_t *const sums = acc + i * p->acc_row;
    if (p->start != 0) {
      for (int32_t row = 0; row < rows; row++) {
        __builtin_memcpy(sums + row * p->acc_row, p->start, (size_t)p->n * sizeof *sums);
      }
    }
    tr_panel_pack(panel, x + i * p->x_row, p->x_row, p->k, rows, 0);
    if (rows == 3) {
      tr_sums_tiles(p, panel, 3, sums, form);
    } else if (rows == 2 && tr_is_nibbles(form)) {
      tr_sums_two(p, panel, sums, form);
    } else if (rows == 2) {
      tr_sums_tiles(p, panel, 2, sums, form);
    } else {
      tr_sums_one(p, panel, sums, form);
    }
  }
}

#endif
