/* The assembly of arm/sparse_frame.h in C, for hosts. */
#ifndef TINYRIG_SPARSE_PLAIN_H
#define TINYRIG_SPARSE_PLAIN_H

#include "arm/sparse_frame.h"

#if !defined(__ARM_FEATURE_DSP)

/* The pairs of a step's weights that one group of the panel meets: its words are even bytes, then
 * odd bytes. */
TR_INLINE void tr_sparse_plain_group(const uint32_t *x, int32_t rows, uint32_t one, uint32_t other,
                                     int32_t *sums) {
  for (int32_t i = 0; i < TR_SPARSE_SUMS; i++) {
    const int second = rows > 1 && i >= TR_SPARSE_SUMS / 2;
    const uint32_t pair = x[rows > 1 ? i % (TR_SPARSE_SUMS / 2) : i];
    sums[i] = tr_dot2(pair, second ? other : one, sums[i]);
  }
}

TR_INLINE void tr_sparse_plain_sums(const tr_sparse_form *form, tr_sparse_frame *f) {
  const int32_t step = tr_sparse_step_bytes(form);
  const uintptr_t unit = (uintptr_t)(2 * TR_SPARSE_SUMS * form->size / form->rows);
  const int8_t *values = f->values - step;
  const int8_t *const end = values + f->row;
  uintptr_t at = f->panel;
  for (int i = 0; i < TR_SPARSE_SUMS; i++) {
    f->sums[i] = *f->start;
  }
  f->start += form->rows;
  while (f->row != 0 ? values != end : *f->gaps != 0) {
    for (int32_t half = 0; half < 2; half++) {
      const uint32_t bytes = tr_load4(values + (form->rows > 1 ? 4 * half : 0));
      const uint32_t even = tr_even_bytes(bytes);
      const uint32_t odd = tr_odd_bytes(bytes);
      if (half < form->step) {
        at += unit * (uintptr_t)(*f->gaps++ / TR_SPARSE_STEP);
      }
      const uint32_t *const x =
          (const uint32_t *)at + (form->step == 1 ? half * (TR_SPARSE_SUMS / form->rows) : 0);
      const uint32_t one = form->rows > 1 || half == 0 ? even : odd;
      tr_sparse_plain_group(x, form->rows, one, bytes, f->sums);
    }
    values += step;
  }
  f->gaps += f->row == 0;
  f->values = values + step;
  for (int i = TR_SPARSE_SUMS / 2; i < TR_SPARSE_SUMS && form->rows > 1; i++) {
    const int32_t both = tr_wrapping_add(f->sums[i], -f->sums[i - TR_SPARSE_SUMS / 2]);
    f->sums[i] = tr_wrapping_add(both >> 8, f->start[-1]);
  }
}

TR_INLINE void tr_sparse_plain_narrow(const tr_sparse_form *form, tr_sparse_frame *f) {
  const int32_t next[] = {0, f->y_next, f->y_third};
  while (f->start != f->start_end) {
    tr_sparse_plain_sums(form, f);
    for (int i = TR_SPARSE_SUMS; i-- > 0;) {
      const int second = i >= TR_SPARSE_SUMS / 2;
      const int32_t q =
          tr_finish_narrow(f->sums[i], f->multiplier[second ? f->multiplier_second / 4 : 0]);
      f->y[next[i % (TR_SPARSE_SUMS / 2)] + (second ? f->y_second : 0)] =
          (int8_t)(f->lut != 0 ? f->lut[q] : q);
    }
    f->multiplier += f->multiplier_step / 4;
    f->y += f->y_step;
  }
}

#endif

#endif
