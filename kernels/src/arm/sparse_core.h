/* Sparse weights of every form, walked as the blocks of a core say (arm/sparse_blocks_m4.h, _m7.h).
 */
#ifndef TINYRIG_SPARSE_CORE_H
#define TINYRIG_SPARSE_CORE_H

#include "arm/sparse_plain.h"

#if defined(__ARM_FEATURE_DSP)
#define TR_SPARSE_WALK(f, row, text, form, plain) TR_SPARSE_ASM(f, row, text)
#else
#define TR_SPARSE_WALK(f, row, text, form, plain) plain(form, f)
#endif

TR_NOINLINE void tr_sparse2_sums(tr_sparse_frame *f) {
  TR_SPARSE_WALK(f, TR_SPARSE2_ROW, TR_SPARSE_KEEP, &tr_sparse2, tr_sparse_plain_sums);
}

TR_NOINLINE void tr_sparse2_narrow(tr_sparse_frame *f) {
  TR_SPARSE_WALK(f, TR_SPARSE2_ROW, TR_SPARSE_FINISH, &tr_sparse2, tr_sparse_plain_narrow);
}

TR_NOINLINE void tr_sparse2_equal_sums(tr_sparse_frame *f) {
  TR_SPARSE_WALK(f, TR_SPARSE2_EQUAL_ROW, TR_SPARSE_KEEP, &tr_sparse2, tr_sparse_plain_sums);
}

TR_NOINLINE void tr_sparse2_equal_narrow(tr_sparse_frame *f) {
  TR_SPARSE_WALK(f, TR_SPARSE2_EQUAL_ROW, TR_SPARSE_FINISH, &tr_sparse2, tr_sparse_plain_narrow);
}

static const tr_sparse_core tr_sparse2_core
    __attribute__((unused)) = {&tr_sparse2, tr_sparse2_sums, tr_sparse2_narrow,
                               tr_sparse2_equal_sums, tr_sparse2_equal_narrow};

TR_NOINLINE void tr_sparse4_sums(tr_sparse_frame *f) {
  TR_SPARSE_WALK(f, TR_SPARSE4_ROW, TR_SPARSE_KEEP, &tr_sparse4, tr_sparse_plain_sums);
}

TR_NOINLINE void tr_sparse4_narrow(tr_sparse_frame *f) {
  TR_SPARSE_WALK(f, TR_SPARSE4_ROW, TR_SPARSE_FINISH, &tr_sparse4, tr_sparse_plain_narrow);
}

TR_NOINLINE void tr_sparse4_equal_sums(tr_sparse_frame *f) {
  TR_SPARSE_WALK(f, TR_SPARSE4_EQUAL_ROW, TR_SPARSE_KEEP, &tr_sparse4, tr_sparse_plain_sums);
}

TR_NOINLINE void tr_sparse4_equal_narrow(tr_sparse_frame *f) {
  TR_SPARSE_WALK(f, TR_SPARSE4_EQUAL_ROW, TR_SPARSE_FINISH, &tr_sparse4, tr_sparse_plain_narrow);
}

static const tr_sparse_core tr_sparse4_core
    __attribute__((unused)) = {&tr_sparse4, tr_sparse4_sums, tr_sparse4_narrow,
                               tr_sparse4_equal_sums, tr_sparse4_equal_narrow};

TR_NOINLINE void tr_sparse2x4_sums(tr_sparse_frame *f) {
  TR_SPARSE_WALK(f, TR_SPARSE2X4_ROW, TR_SPARSE_PART TR_SPARSE_KEEP, &tr_sparse2x4,
                 tr_sparse_plain_sums);
}

TR_NOINLINE void tr_sparse2x4_narrow(tr_sparse_frame *f) {
  TR_SPARSE_WALK(f, TR_SPARSE2X4_ROW, TR_SPARSE_PART_FINISH, &tr_sparse2x4, tr_sparse_plain_narrow);
}

TR_NOINLINE void tr_sparse2x4_equal_sums(tr_sparse_frame *f) {
  TR_SPARSE_WALK(f, TR_SPARSE2X4_EQUAL_ROW, TR_SPARSE_PART TR_SPARSE_KEEP, &tr_sparse2x4,
                 tr_sparse_plain_sums);
}

TR_NOINLINE void tr_sparse2x4_equal_narrow(tr_sparse_frame *f) {
  TR_SPARSE_WALK(f, TR_SPARSE2X4_EQUAL_ROW, TR_SPARSE_PART_FINISH, &tr_sparse2x4,
                 tr_sparse_plain_narrow);
}

static const tr_sparse_core tr_sparse2x4_core
    __attribute__((unused)) = {&tr_sparse2x4, tr_sparse2x4_sums, tr_sparse2x4_narrow,
                               tr_sparse2x4_equal_sums, tr_sparse2x4_equal_narrow};

#endif
