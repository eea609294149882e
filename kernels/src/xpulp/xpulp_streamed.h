/* Two rows of 32 bytes held in registers while columns stream past them: as xpulp_held.h, for few
 * rows and many columns. */
#ifndef TINYRIG_XPULP_STREAMED_H
#define TINYRIG_XPULP_STREAMED_H

#include "xpulp/xpulp_held.h"

/* Outputs of two rows and `count` >= 1 columns, which lie dense, in the HIGH form: those of a row
 * are y_col apart. The multipliers are multiplier_step bytes apart. h.row is the first column, and
 * h.column0 and h.column1 are the two rows. */
typedef struct {
  tr_xp_held h;
  const int32_t *start;
  const int32_t *multiplier;
  int32_t multiplier_step;
  int8_t *to0;
  int8_t *to1;
  int32_t y_col;
} tr_xp_streamed;

TR_INLINE void tr_xp_streamed_outputs(const tr_xp_streamed *o) {
#if defined(TR_XPULP_INSN)
  __asm__ volatile(TR_XP_HELD_LOADS
                   "lw t5, %[start]\n\t"
                   "lw t6, %[multiplier]\n\t"
                   "lw ra, %[multiplier_step]\n\t"
                   "lw s8, %[to0]\n\t"
                   "lw s9, %[to1]\n\t"
                   "lw s10, %[y_col]\n\t" TR_XP_BEGIN TR_XP_LOOP(0, "t0", 33)
                   TR_XP_LOAD_NEXT("t2", "t5", 4) TR_XP_HELD_NEXT("t0") TR_XP_HELD_NEXT("t1")
                   TR_XP_LOAD_STEP("s11", "t6", "ra")
                   "mv t3, t2\n\t" TR_XP_HELD_ROW(TR_XP_HELD_NEXT("t1"))
                   "mulh t2, t2, s11\n\t"
                   "mulh t3, t3, s11\n\t" TR_XP_CLIP8("t2", "t2") TR_XP_CLIP8("t3", "t3")
                   TR_XP_STORE8_STEP("t2", "s8", "s10") TR_XP_STORE8_STEP("t3", "s9", "s10")
                   TR_XP_END
                   :
                   : TR_XP_HELD_FIELDS(&o->h), [start] "m"(o->start),
                     [multiplier] "m"(o->multiplier), [multiplier_step] "m"(o->multiplier_step),
                     [to0] "m"(o->to0), [to1] "m"(o->to1), [y_col] "m"(o->y_col)
                   : TR_XP_HELD_CLOBBERS);
#else
  for (int32_t j = 0; j < o->h.count; j++) {
    const int32_t multiplier = o->multiplier[j * o->multiplier_step / 4];
    int32_t sum[2] = {o->start[j], o->start[j]};
    tr_xp_held_row(&o->h, o->h.row + j * TR_XP_HELD, sum);
    o->to0[j * o->y_col] = (int8_t)tr_xp_finish_high(sum[0], multiplier);
    o->to1[j * o->y_col] = (int8_t)tr_xp_finish_high(sum[1], multiplier);
  }
#endif
}

#endif
