/* What a row of sparse weights (common/sparse_stream.h) meets: a panel of rows of x
 * (arm/sparse_rows.h), six sums, and where the outputs go.
 *
 * Sums 0 to 2 are of the panel's first three rows. Sums 3 to 5 are of its other three, or of the
 * same three for the second of two channels that share their blocks; they are written first, so
 * that there may be none. */
#ifndef TINYRIG_SPARSE_FRAME_H
#define TINYRIG_SPARSE_FRAME_H

#include <stddef.h>

#include "arm/finish.h"
#include "common/sparse_stream.h"

#define TR_SPARSE_SUMS 6

/* What the assembly walks through: a row of blocks after the other, and one or two columns of y
 * for each. Steps of multipliers are in bytes, of y in elements. */
typedef struct {
  uintptr_t panel;      /* its address less a block */
  const int8_t *values; /* those of the step behind the next */
  const uint8_t *gaps;
  const int32_t *start;
  const int32_t *start_end;
  const int32_t *multiplier;
  int32_t multiplier_second; /* from that of sums 0 to 2 to that of 3 to 5 */
  int32_t multiplier_step;
  int8_t *y;
  int32_t y_step;
  int32_t y_second;  /* from sum 0 to sum 3 */
  int32_t y_next;    /* from sum 0 to sum 1, and from 3 to 4 */
  int32_t y_third;   /* from sum 0 to sum 2, and from 3 to 5 */
  const int8_t *lut; /* its middle, for -128 to 127, or 0 */
  int32_t sums[TR_SPARSE_SUMS];
  int32_t row; /* bytes of a row's values, or 0 where a gap of 0 ends each row */
} tr_sparse_frame;

/* How a form is walked on a core: its sums of one row, and its outputs of all rows; the same of
 * rows of as many blocks. */
typedef struct {
  const tr_sparse_form *form;
  void (*sums)(tr_sparse_frame *frame);
  void (*narrow)(tr_sparse_frame *frame);
  void (*equal_sums)(tr_sparse_frame *frame);
  void (*equal_narrow)(tr_sparse_frame *frame);
} tr_sparse_core;

TR_INLINE void tr_sparse_sums(const tr_sparse_core *core, tr_sparse_frame *frame) {
  if (frame->row != 0) {
    core->equal_sums(frame);
  } else {
    core->sums(frame);
  }
}

TR_INLINE void tr_sparse_narrow(const tr_sparse_core *core, tr_sparse_frame *frame) {
  if (frame->row != 0) {
    core->equal_narrow(frame);
  } else {
    core->narrow(frame);
  }
}

#if defined(__ARM_FEATURE_DSP)

_Static_assert(offsetof(tr_sparse_frame, start) == 12, "the assembly knows");
_Static_assert(offsetof(tr_sparse_frame, multiplier) == 20, "where everything");
_Static_assert(offsetof(tr_sparse_frame, y) == 32, "in a frame");
_Static_assert(offsetof(tr_sparse_frame, sums) == 56, "lies,");
_Static_assert(offsetof(tr_sparse_frame, row) == 80, "its end too");

#define TR_SPARSE_ADD(sum, x, w) "smlad " sum ", " x ", " w ", " sum "\n\t"
#define TR_SPARSE_LOAD(to, at) "ldr.w " to ", [r0, #" at "]\n\t"

/* What the sums begin with: the start of a channel, the first of two that share blocks. */
#define TR_SPARSE_ONE_START "ldr.w r3, [r6], #4\n\t"
#define TR_SPARSE_TWO_STARTS "ldr.w r3, [r6], #8\n\t"

/* The second channel's sums, from those of 256 times its weights plus the first's, and its start.
 */
#define TR_SPARSE_PART         \
  "ldr.w r6, [r12, #12]\n\t"   \
  "sub r8, r8, r3\n\t"         \
  "ldr r6, [r6, #-4]\n\t"      \
  "sub r9, r9, r4\n\t"         \
  "sub r10, r10, r5\n\t"       \
  "add r8, r6, r8, asr #8\n\t" \
  "add r9, r6, r9, asr #8\n\t" \
  "add r10, r6, r10, asr #8\n\t"

/* A row of blocks. r12 is the frame, r6 and r0 its start and panel; r0 becomes the place in the
 * panel of the block before, r1 the word behind the next step's values, r2 the gap behind the next
 * step's first; r3, r4, r5, r8, r9 and r10 the sums, r7 the gap to the next block and r11 the first
 * word of its values, which lies `first` bytes before r1. r6, r12 and lr are lost. `blocks` leave
 * the loop at 2 for 5, with the next row's first gap behind r2, and have `left` to do; `ready`
 * comes before the first. A row may be empty. */
#define TR_SPARSE_ROW(start, first, ready, blocks, left) \
  "ldr.w r6, [r12, #12]\n\t"                             \
  "ldr.w r0, [r12]\n\t"                                  \
  ".p2align 2\n\t"                                       \
  "1:\n\t"                                               \
  start                                                  \
  "ldrb.w r7, [r2], #1\n\t"                              \
  "ldr r11, [r1, #-" first "]\n\t"                       \
  "str.w r6, [r12, #12]\n\t"                             \
  "mov r8, r3\n\t"                                       \
  "mov r4, r3\n\t"                                       \
  "mov r5, r3\n\t"                                       \
  "mov r9, r3\n\t"                                       \
  "mov r10, r3\n\t"                                      \
  "cmp r7, #0\n\t"                                       \
  "beq.w 6f\n\t" ready                                   \
  ".p2align 2\n\t"                                       \
  "2:\n\t" blocks                                        \
  "5:\n\t" left                                          \
  "6:\n\t"                                               \
  "vmov r12, s1\n\t"

/* A row of as many blocks as every other; registers as in TR_SPARSE_ROW. `turn` is steps from 2 on,
 * the last of which ends with r1 compared to the row's end, which s0 holds. A first turn that is
 * not whole begins where `enter` goes by the bytes of a row in lr. */
#define TR_SPARSE_EQUAL_ROW(start, step, enter, ready, turn) \
  "ldr.w r6, [r12, #12]\n\t"                                 \
  "ldr.w r0, [r12]\n\t"                                      \
  ".p2align 2\n\t"                                           \
  "1:\n\t"                                                   \
  "ldr.w lr, [r12, #80]\n\t" start                           \
  "ldrb.w r7, [r2], #1\n\t"                                  \
  "ldr r11, [r1, #-" step "]\n\t"                            \
  "str.w r6, [r12, #12]\n\t"                                 \
  "add.w r6, r1, lr\n\t"                                     \
  "vmov s0, r6\n\t"                                          \
  "mov r8, r3\n\t"                                           \
  "mov r4, r3\n\t"                                           \
  "mov r5, r3\n\t"                                           \
  "mov r9, r3\n\t"                                           \
  "mov r10, r3\n\t" ready enter                              \
  ".p2align 2\n\t"                                           \
  "2:\n\t" turn                                              \
  "bne.w 2b\n\t"                                             \
  "vmov r12, s1\n\t"                                         \
  "sub r2, r2, #1\n\t"

/* Two steps a turn: `odd` is the bit of a row's bytes that says there is one more. */
#define TR_SPARSE_ENTER_TWO(odd) "tst.w lr, #" odd "\n\tbne.w 3f\n\t"
#define TR_SPARSE_TWO(first, second) first "3:\n\t" second

/* s1 holds the frame; r7, which compilers may not give away, is saved. */
#define TR_SPARSE_ASM(frame, row, text)                                                   \
  register uint32_t r0 __asm__("r0") = (uint32_t)(uintptr_t)(frame);                      \
  __asm__ volatile("push {r7}\n\t"                                                        \
                   "mov r12, r0\n\t"                                                      \
                   "vmov s1, r0\n\t"                                                      \
                   "ldr.w r1, [r12, #4]\n\t"                                              \
                   "ldr.w r2, [r12, #8]\n\t" row text                                     \
                   "pop {r7}\n\t"                                                         \
                   : "+r"(r0)                                                             \
                   :                                                                      \
                   : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", \
                     "lr", "s0", "s1", "cc", "memory")

/* The sums of one row, and on to the row behind it. */
#define TR_SPARSE_KEEP      \
  "add r6, r12, #56\n\t"    \
  "str.w r1, [r12, #4]\n\t" \
  "str.w r2, [r12, #8]\n\t" \
  "stm r6, {r3, r4, r5, r8, r9, r10}\n\t"

/* y = lut(sat8((sum * multiplier) >> 32)) of every row; all six sums are of one channel. */
#define TR_SPARSE_FINISH                      \
  "ldr.w r6, [r12, #20]\n\t"                  \
  "ldr.w r11, [r12, #28]\n\t"                 \
  "ldr.w r0, [r6]\n\t"                        \
  "add r6, r6, r11\n\t" TR_SPARSE_WRITE("r0")

/* The same of two channels, by way of TR_SPARSE_PART, whose loads stand among the others here. */
#define TR_SPARSE_PART_FINISH                 \
  "ldr.w r6, [r12, #20]\n\t"                  \
  "ldr.w r7, [r12, #24]\n\t"                  \
  "ldr.w r11, [r12, #28]\n\t"                 \
  "ldr.w lr, [r12, #12]\n\t"                  \
  "ldr.w r0, [r6]\n\t"                        \
  "ldr.w r7, [r6, r7]\n\t"                    \
  "ldr lr, [lr, #-4]\n\t"                     \
  "sub r8, r8, r3\n\t"                        \
  "sub r9, r9, r4\n\t"                        \
  "sub r10, r10, r5\n\t"                      \
  "add r8, lr, r8, asr #8\n\t"                \
  "add r9, lr, r9, asr #8\n\t"                \
  "add r10, lr, r10, asr #8\n\t"              \
  "add r6, r6, r11\n\t" TR_SPARSE_WRITE("r7")

#define TR_SPARSE_WRITE(other)    \
  "smmul r3, r3, r0\n\t"          \
  "str.w r6, [r12, #20]\n\t"      \
  "smmul r4, r4, r0\n\t"          \
  "smmul r5, r5, r0\n\t"          \
  "smmul r8, r8, " other "\n\t"   \
  "smmul r9, r9, " other "\n\t"   \
  "smmul r10, r10, " other "\n\t" \
  "ldr.w r6, [r12, #52]\n\t"      \
  "ldr.w r11, [r12, #32]\n\t"     \
  "ldr.w r0, [r12, #40]\n\t"      \
  "ldr.w r7, [r12, #44]\n\t"      \
  "ldr.w lr, [r12, #48]\n\t"      \
  "ssat r3, #8, r3\n\t"           \
  "ssat r4, #8, r4\n\t"           \
  "ssat r5, #8, r5\n\t"           \
  "ssat r8, #8, r8\n\t"           \
  "ssat r9, #8, r9\n\t"           \
  "ssat r10, #8, r10\n\t"         \
  "cbnz r6, 7f\n\t"               \
  "8:\n\t"                        \
  "add r0, r0, r11\n\t"           \
  "strb.w r8, [r0]\n\t"           \
  "strb.w r9, [r0, r7]\n\t"       \
  "strb.w r10, [r0, lr]\n\t"      \
  "strb.w r3, [r11]\n\t"          \
  "strb.w r4, [r11, r7]\n\t"      \
  "strb.w r5, [r11, lr]\n\t"      \
  "ldr.w lr, [r12, #36]\n\t"      \
  "ldr.w r6, [r12, #12]\n\t"      \
  "ldr.w r7, [r12, #16]\n\t"      \
  "ldr.w r0, [r12]\n\t"           \
  "add r11, r11, lr\n\t"          \
  "str.w r11, [r12, #32]\n\t"     \
  "cmp r6, r7\n\t"                \
  "bne.w 1b\n\t"                  \
  "b 9f\n\t"                      \
  "7:\n\t"                        \
  "ldrsb.w r3, [r6, r3]\n\t"      \
  "ldrsb.w r4, [r6, r4]\n\t"      \
  "ldrsb.w r5, [r6, r5]\n\t"      \
  "ldrsb.w r8, [r6, r8]\n\t"      \
  "ldrsb.w r9, [r6, r9]\n\t"      \
  "ldrsb.w r10, [r6, r10]\n\t"    \
  "b 8b\n\t"                      \
  "9:\n\t"                        \
  "str.w r1, [r12, #4]\n\t"       \
  "str.w r2, [r12, #8]\n\t"

#endif

#endif
