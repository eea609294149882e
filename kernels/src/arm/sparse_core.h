/* Sparse weights of every form, walked as the blocks of a core say (arm/sparse_blocks_m4.h, _m7.h).
 */
#ifndef TINYRIG_SPARSE_CORE_H
#define TINYRIG_SPARSE_CORE_H

#include "arm/sparse_blocks_m4.h"
#include "arm/sparse_blocks_m7.h"
#include "arm/sparse_plain.h"

#if defined(__ARM_FEATURE_DSP)
#define TR_SPARSE_WALK(f, row, text, form, plain) TR_SPARSE_ASM(f, row, text)
#else
#define TR_SPARSE_WALK(f, row, text, form, plain) plain(form, f)
#endif

#define TR_SPARSE_RUN(name, row, text, form, plain) \
  TR_NOINLINE void name(tr_sparse_frame *f) {       \
    TR_SPARSE_WALK(f, row, text, form, plain);      \
  }

/* The four runs of a form, and what holds them: `row` and `equal` are its blocks. */
#define TR_SPARSE_CORE(name, form, row, equal, keep, finish)                      \
  TR_SPARSE_RUN(name##_sums, row, keep, form, tr_sparse_plain_sums)               \
  TR_SPARSE_RUN(name##_narrow, row, finish, form, tr_sparse_plain_narrow)         \
  TR_SPARSE_RUN(name##_equal_sums, equal, keep, form, tr_sparse_plain_sums)       \
  TR_SPARSE_RUN(name##_equal_narrow, equal, finish, form, tr_sparse_plain_narrow) \
  static const tr_sparse_core name __attribute__((unused)) = {                    \
      form, name##_sums, name##_narrow, name##_equal_sums, name##_equal_narrow};

TR_SPARSE_CORE(tr_sparse2_m4, &tr_sparse2, TR_SPARSE2_ROW_M4, TR_SPARSE2_EQUAL_ROW_M4,
               TR_SPARSE_KEEP, TR_SPARSE_FINISH)
TR_SPARSE_CORE(tr_sparse2_m7, &tr_sparse2, TR_SPARSE2_ROW_M7, TR_SPARSE2_EQUAL_ROW_M7,
               TR_SPARSE_KEEP, TR_SPARSE_FINISH)
TR_SPARSE_CORE(tr_sparse4_m4, &tr_sparse4, TR_SPARSE4_ROW_M4, TR_SPARSE4_EQUAL_ROW_M4,
               TR_SPARSE_KEEP, TR_SPARSE_FINISH)
TR_SPARSE_CORE(tr_sparse4_m7, &tr_sparse4, TR_SPARSE4_ROW_M7, TR_SPARSE4_EQUAL_ROW_M7,
               TR_SPARSE_KEEP, TR_SPARSE_FINISH)
TR_SPARSE_CORE(tr_sparse2x4_m4, &tr_sparse2x4, TR_SPARSE2X4_ROW_M4, TR_SPARSE2X4_EQUAL_ROW_M4,
               TR_SPARSE_PART TR_SPARSE_KEEP, TR_SPARSE_PART_FINISH)
TR_SPARSE_CORE(tr_sparse2x4_m7, &tr_sparse2x4, TR_SPARSE2X4_ROW_M7, TR_SPARSE2X4_EQUAL_ROW_M7,
               TR_SPARSE_PART TR_SPARSE_KEEP, TR_SPARSE_PART_FINISH)

#endif
