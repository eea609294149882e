/* Sparse weights of every form, walked on the Cortex-M7. */
#ifndef TINYRIG_SPARSE_CORE_M7_H
#define TINYRIG_SPARSE_CORE_M7_H

#include "arm/sparse_blocks_m7.h"
#include "arm/sparse_plain.h"

#if defined(__ARM_FEATURE_DSP)

TR_NOINLINE void tr_sparse2_sums(tr_sparse_frame *f) {
  TR_SPARSE_ASM(f, TR_SPARSE2_ROW, TR_SPARSE_KEEP);
}

TR_NOINLINE void tr_sparse2_narrow(tr_sparse_frame *f) {
  TR_SPARSE_ASM(f, TR_SPARSE2_ROW, TR_SPARSE_FINISH);
}

TR_NOINLINE void tr_sparse4_sums(tr_sparse_frame *f) {
  TR_SPARSE_ASM(f, TR_SPARSE4_ROW, TR_SPARSE_KEEP);
}

TR_NOINLINE void tr_sparse4_narrow(tr_sparse_frame *f) {
  TR_SPARSE_ASM(f, TR_SPARSE4_ROW, TR_SPARSE_FINISH);
}

TR_NOINLINE void tr_sparse2x4_sums(tr_sparse_frame *f) {
  TR_SPARSE_ASM(f, TR_SPARSE2X4_ROW, TR_SPARSE_KEEP);
}

TR_NOINLINE void tr_sparse2x4_narrow(tr_sparse_frame *f) {
  TR_SPARSE_ASM(f, TR_SPARSE2X4_ROW, TR_SPARSE_FINISH);
}

#else

TR_NOINLINE void tr_sparse2_sums(tr_sparse_frame *f) { tr_sparse_plain_sums(&tr_sparse2, f); }

TR_NOINLINE void tr_sparse2_narrow(tr_sparse_frame *f) { tr_sparse_plain_narrow(&tr_sparse2, f); }

TR_NOINLINE void tr_sparse4_sums(tr_sparse_frame *f) { tr_sparse_plain_sums(&tr_sparse4, f); }

TR_NOINLINE void tr_sparse4_narrow(tr_sparse_frame *f) { tr_sparse_plain_narrow(&tr_sparse4, f); }

TR_NOINLINE void tr_sparse2x4_sums(tr_sparse_frame *f) { tr_sparse_plain_sums(&tr_sparse2x4, f); }

TR_NOINLINE void tr_sparse2x4_narrow(tr_sparse_frame *f) {
  tr_sparse_plain_narrow(&tr_sparse2x4, f);
}

#endif

#endif
