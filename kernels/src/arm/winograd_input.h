/* Winograd's form of a tile's input: B' d B for 4x4 cells d, B' the rows (1 0 -1 0), (0 1 1 0),
 * (0 -1 1 0) and (0 1 0 -1). Of bytes it has ten bits, so two channels are a pair. */
#ifndef TINYRIG_WINOGRAD_INPUT_H
#define TINYRIG_WINOGRAD_INPUT_H

#include "arm/form.h"
#include "arm/panel.h"
#include "arm/winograd_input_m7.h"

#define TR_WINOGRAD_PATCH 4

/* Where the 4x4 cells lie: channels side by side, steps in bytes. */
typedef struct {
  const int8_t *x;
  int32_t right;
  int32_t below;
} tr_winograd_patch;

#if defined(__ARM_FEATURE_DSP)

/* A line of the patch: the pairs of one parity of cells a to d, then those of d B in a, t, c and d;
 * b is free. t is the step of three cells before. Narrow where registers permit, so that this and
 * what packs the patch stay in a cache of 1 KB together. */
#define TR_PATCH_LINE_M4(a, b, c, d, t, rotated)                   \
  "add.w " t ", r2, r2, lsl #1\n\t"                                \
  "ldr " a ", [r0]\n\tldr " b ", [r0, r2]\n\t"                     \
  "ldr.w " c ", [r0, r2, lsl #1]\n\tldr.w " d ", [r0, " t "]\n\t"  \
  "sxtb16 " b ", " b rotated "\n\tsxtb16 " c ", " c rotated "\n\t" \
  "sxtb16 " a ", " a rotated "\n\tsxtb16 " d ", " d rotated "\n\t" \
  "sadd16 " t ", " b ", " c "\n\tssub16 " a ", " a ", " c "\n\t"   \
  "ssub16 " c ", " c ", " b "\n\tssub16 " d ", " b ", " d "\n\t"

/* Two places. */
#define TR_PATCH_PUT(operation, a, a0, a1, b, b0, b1)               \
  operation " " a ", " a0 ", " a1 "\n\tstr " a ", [r1]\n\t"         \
  operation " " b ", " b0 ", " b1 "\n\tstr " b ", [r1, r3]\n\t"     \
  "add.w r1, r1, r3, lsl #1\n\t"

/* Lines 0, 2, 1 and 3: what a line of B' (d B) needs is there before its place comes. r0 and r1 are
 * as before, but for the place of the next parity. */
#define TR_PATCH_PARITY(core, rotated)                           \
  TR_PATCH_LINE_##core("r4", "r5", "r6", "r7", "r12", rotated)   \
  "add.w r0, r0, lr, lsl #1\n\t"                                 \
  TR_PATCH_LINE_##core("r8", "r9", "r10", "r11", "r5", rotated)  \
  TR_PATCH_PUT("ssub16", "r4", "r4", "r8", "r12", "r12", "r5")   \
  TR_PATCH_PUT("ssub16", "r6", "r6", "r10", "r7", "r7", "r11")   \
  "sub.w r0, r0, lr\n\t"                                         \
  TR_PATCH_LINE_##core("r4", "r6", "r7", "r9", "r12", rotated)   \
  TR_PATCH_PUT("sadd16", "r6", "r4", "r8", "r6", "r12", "r5")    \
  TR_PATCH_PUT("sadd16", "r6", "r7", "r10", "r6", "r9", "r11")   \
  TR_PATCH_PUT("ssub16", "r8", "r8", "r4", "r5", "r5", "r12")    \
  TR_PATCH_PUT("ssub16", "r10", "r10", "r7", "r11", "r11", "r9") \
  "add.w r0, r0, lr, lsl #1\n\t"                                 \
  TR_PATCH_LINE_##core("r8", "r5", "r10", "r11", "r6", rotated)  \
  TR_PATCH_PUT("ssub16", "r4", "r4", "r8", "r12", "r12", "r6")   \
  TR_PATCH_PUT("ssub16", "r7", "r7", "r10", "r9", "r9", "r11")   \
  "sub.w r0, r0, lr, lsl #1\n\t"                                 \
  "sub.w r1, r1, r3, lsl #4\n\t"                                 \
  "sub.w r0, r0, lr\n\t"

#define TR_PATCH_BOTH_M4                                                         \
  TR_PATCH_PARITY(M4, "") "add.w r1, r1, #4\n\t" TR_PATCH_PARITY(M4, ", ror #8") \
  "vmov r12, s0\n\tvmov r4, s1\n\tadd.w r0, r0, #4\n\tadd.w r1, r1, r4\n\t"      \
  "cmp.w r0, r12\n\t"
#define TR_PATCH_BOTH_M7 TR_PATCH_EVEN_M7 TR_PATCH_ODD_M7

/* s0 is the end of the channels, s1 what is left of the step to their next words. */
#define TR_PATCH(core)                                                      \
  __asm__ volatile("push {r7}\n\tvmov s0, r12\n\tvmov s1, r4\n\t"           \
                   ".p2align 2\n\t"                                         \
                   "1:\n\t" TR_PATCH_BOTH_##core "bne.w 1b\n\tpop {r7}\n\t" \
                   : "+&r"(r0), "+&r"(r1), "+&r"(r4), "+&r"(r12)            \
                   : "r"(r2), "r"(r3), "r"(below)                           \
                   : "r5", "r6", "r8", "r9", "r10", "r11", "s0", "s1", "cc", "memory")

/* A patch of `channels`, a multiple of eight, as one row of the panels of `rows` at `to`, which are
 * `place` bytes apart. r7 may be the frame pointer, so it is saved here and not declared. */
TR_NOINLINE void tr_winograd_input(const tr_winograd_patch *patch, int32_t channels, uint32_t *to,
                                   int32_t rows, int32_t place, const tr_form form) {
  register const int8_t *r0 __asm__("r0") = patch->x;
  register uint32_t *r1 __asm__("r1") = to;
  register int32_t r2 __asm__("r2") = patch->right;
  register int32_t r3 __asm__("r3") = place;
  register int32_t below __asm__("lr") = patch->below;
  register const int8_t *r12 __asm__("r12") = r0 + channels;
  register int32_t r4 __asm__("r4") = 8 * rows - 4;
  TR_BY_CORE(form, TR_PATCH);
}

#else

/* a B, for a line of four. */
TR_INLINE void tr_patch_line(const int32_t *a, int32_t *to, int step) {
  to[0] = a[0] - a[2 * step];
  to[step] = a[step] + a[2 * step];
  to[2 * step] = a[2 * step] - a[step];
  to[3 * step] = a[step] - a[3 * step];
}

TR_INLINE void tr_winograd_channel(const tr_winograd_patch *patch, int32_t channel, int32_t *to) {
  int32_t lines[16];
  for (int i = 0; i < TR_WINOGRAD_PATCH; i++) {
    int32_t cells[TR_WINOGRAD_PATCH];
    for (int j = 0; j < TR_WINOGRAD_PATCH; j++) {
      cells[j] = patch->x[i * patch->below + j * patch->right + channel];
    }
    tr_patch_line(cells, lines + TR_WINOGRAD_PATCH * i, 1);
  }
  for (int j = 0; j < TR_WINOGRAD_PATCH; j++) {
    tr_patch_line(lines + j, to + j, TR_WINOGRAD_PATCH);
  }
}

TR_NOINLINE void tr_winograd_input(const tr_winograd_patch *patch, int32_t channels, uint32_t *to,
                                   int32_t rows, int32_t place, const tr_form form) {
  (void)form;
  for (int32_t c = 0; c < channels; c += 4) {
    for (int odd = 0; odd < 2; odd++) {
      int32_t one[16];
      int32_t two[16];
      tr_winograd_channel(patch, c + odd, one);
      tr_winograd_channel(patch, c + odd + 2, two);
      for (int i = 0; i < 16; i++) {
        to[place / 4 * i + odd] = tr_pair(one[i], two[i]);
      }
    }
    to += 2 * rows;
  }
}

#endif

#endif
