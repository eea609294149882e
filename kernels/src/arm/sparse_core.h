/* Sparse weights of every form, walked as the blocks of a core say (arm/sparse_blocks_m4.h, _m7.h).
 */
#ifndef TINYRIG_SPARSE_CORE_H
#define TINYRIG_SPARSE_CORE_H

#include "arm/sparse_plain.h"

#if defined(__ARM_FEATURE_DSP)

#define TR_SPARSE_WALKS(form, ROW, EQUAL_ROW)                       \
  TR_NOINLINE void tr_##form##_sums(tr_sparse_frame *f) {           \
    TR_SPARSE_ASM(f, "r0, r7", ROW, TR_SPARSE_KEEP);                \
  }                                                                 \
  TR_NOINLINE void tr_##form##_narrow(tr_sparse_frame *f) {         \
    TR_SPARSE_ASM(f, "r0, r7", ROW, TR_SPARSE_FINISH);              \
  }                                                                 \
  TR_NOINLINE void tr_##form##_equal_sums(tr_sparse_frame *f) {     \
    TR_SPARSE_ASM(f, "r0, r7, lr", EQUAL_ROW, TR_SPARSE_KEEP);      \
  }                                                                 \
  TR_NOINLINE void tr_##form##_equal_narrow(tr_sparse_frame *f) {   \
    TR_SPARSE_ASM(f, "r0, r7, lr", EQUAL_ROW, TR_SPARSE_FINISH);    \
  }

#else

#define TR_SPARSE_WALKS(form, ROW, EQUAL_ROW)                       \
  TR_NOINLINE void tr_##form##_sums(tr_sparse_frame *f) {           \
    tr_sparse_plain_sums(&tr_##form, f);                            \
  }                                                                 \
  TR_NOINLINE void tr_##form##_narrow(tr_sparse_frame *f) {         \
    tr_sparse_plain_narrow(&tr_##form, f);                          \
  }                                                                 \
  TR_NOINLINE void tr_##form##_equal_sums(tr_sparse_frame *f) {     \
    tr_##form##_sums(f);                                            \
  }                                                                 \
  TR_NOINLINE void tr_##form##_equal_narrow(tr_sparse_frame *f) {   \
    tr_##form##_narrow(f);                                          \
  }

#endif

#define TR_SPARSE_CORE(form, ROW, EQUAL_ROW)                                                     \
  TR_SPARSE_WALKS(form, ROW, EQUAL_ROW)                                                          \
  static const tr_sparse_core tr_##form##_core __attribute__((unused)) = {                       \
      &tr_##form, tr_##form##_sums, tr_##form##_narrow, tr_##form##_equal_sums,                  \
      tr_##form##_equal_narrow};

TR_SPARSE_CORE(sparse2, TR_SPARSE2_ROW, TR_SPARSE2_EQUAL_ROW)
TR_SPARSE_CORE(sparse4, TR_SPARSE4_ROW, TR_SPARSE4_EQUAL_ROW)
TR_SPARSE_CORE(sparse2x4, TR_SPARSE2X4_ROW, TR_SPARSE2X4_EQUAL_ROW)

#endif
