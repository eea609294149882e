/* Lines of the image into the strip of arm/depthwise_groups.h, and lines of outputs out of its
 * buffer. */
#ifndef TINYRIG_DEPTHWISE_GROUP_LINES_H
#define TINYRIG_DEPTHWISE_GROUP_LINES_H

#include <stddef.h>

#include "arm/form.h"

#define TR_GROUP_CHANNELS 4

/* `pairs` pairs of lines of the image, from the line `top` on, into slots of the strip. Words, in this
 * order, for the text. */
typedef struct {
  uint32_t *to;          /* the first column in the image, of a slot */
  const int8_t *x;       /* the upper line */
  int32_t step;          /* of a column */
  int32_t line;          /* of a line */
  int32_t in_lines;
  int32_t top;
  int32_t pairs;
  int32_t count;         /* columns, at least one */
  const int8_t *outside; /* a cell of four channels */
  int32_t next;          /* bytes from behind a slot's columns to the next slot's first */
} tr_group_lines;

/* Outputs of passes, [pass][count][2 lines][4 channels], to where they belong. Words, in this order, for
 * the text. */
typedef struct {
  const int8_t *from;
  int8_t *y;
  int32_t below; /* from a line to the one below, which is written first */
  int32_t step;  /* of an output */
  int32_t count;
  int32_t next;  /* from pass to pass */
  int32_t passes;
} tr_group_put;

#if defined(__ARM_FEATURE_DSP)

_Static_assert(offsetof(tr_group_lines, x) == 4 && offsetof(tr_group_lines, step) == 8, "the text");
_Static_assert(offsetof(tr_group_lines, line) == 12 && offsetof(tr_group_lines, in_lines) == 16,
               "reads ten words");
_Static_assert(offsetof(tr_group_lines, top) == 20 && offsetof(tr_group_lines, pairs) == 24,
               "in this");
_Static_assert(offsetof(tr_group_lines, count) == 28 && offsetof(tr_group_lines, outside) == 32 &&
                   offsetof(tr_group_lines, next) == 36,
               "order");
_Static_assert(offsetof(tr_group_put, y) == 4 && offsetof(tr_group_put, below) == 8, "the text");
_Static_assert(offsetof(tr_group_put, step) == 12 && offsetof(tr_group_put, count) == 16,
               "reads seven");
_Static_assert(offsetof(tr_group_put, next) == 20 && offsetof(tr_group_put, passes) == 24, "words");

/* Cortex-M4: the words r5 and r6 (or others) of two lines become the pairs of four channels, `one`, `two`
 * and `three` bytes apart, `all` a column. Pointers move between stores and loads, where it would wait. */
#define TR_GROUP_PAIRS(a, b, one, two, three, all)                                \
  "pkhbt r10, " a ", " b ", lsl #16\n\tpkhtb r11, " b ", " a ", asr #16\n\t"      \
  "sxtb16 " a ", r10, ror #8\n\tstr.w " a ", [r0, #" one "]\n\t"                  \
  "sxtb16 " b ", r11\n\tstr.w " b ", [r0, #" two "]\n\t"                          \
  "sxtb16 r11, r11, ror #8\n\tstr.w r11, [r0, #" three "]\n\t"                    \
  "sxtb16 r10, r10\n\tstr.w r10, [r0], #" all "\n\t"
#define TR_GROUP_COLUMN(one, two, three, all)                        \
  "ldr.w r5, [r1]\n\tldr.w r6, [r2]\n\t"                             \
  TR_GROUP_PAIRS("r5", "r6", #one, #two, #three, #all)               \
  "add.w r1, r1, r3\n\tadd.w r2, r2, r12\n\t"
#define TR_GROUP_COLUMNS_M4(one, two, three, all)                    \
  "ldr.w r5, [r1]\n\tldr.w r8, [r1, r3]\n\t"                         \
  "ldr.w r6, [r2]\n\tldr.w r9, [r2, r12]\n\t"                        \
  TR_GROUP_PAIRS("r5", "r6", #one, #two, #three, #all)               \
  TR_GROUP_PAIRS("r8", "r9", #one, #two, #three, #all)               \
  "add.w r1, r1, r3, lsl #1\n\tadd.w r2, r2, r12, lsl #1\n\t"

/* Cortex-M7: what packs issues before an addition or a store. */
#define TR_GROUP_PAIR_M7(to, of, at)                                                        \
  "sxtb16 " to ", " of "\n\tstr.w " to ", [r0, #" at "]\n\t"
#define TR_GROUP_COLUMNS_M7(one, two, three, all)                                           \
  "ldr.w r5, [r1]\n\tldr.w r6, [r2]\n\tldr.w r8, [r1, r3]\n\tldr.w r9, [r2, r12]\n\t"       \
  "pkhbt r10, r5, r6, lsl #16\n\tadd.w r1, r1, r3\n\t"                                      \
  "pkhtb r11, r6, r5, asr #16\n\tadd.w r2, r2, r12\n\t"                                     \
  "pkhbt r5, r8, r9, lsl #16\n\tadd.w r1, r1, r3\n\t"                                       \
  "pkhtb r6, r9, r8, asr #16\n\tadd.w r2, r2, r12\n\t"                                      \
  TR_GROUP_PAIR_M7("r8", "r10", "0") TR_GROUP_PAIR_M7("r10", "r10, ror #8", #one)           \
  TR_GROUP_PAIR_M7("r9", "r11", #two) TR_GROUP_PAIR_M7("r11", "r11, ror #8", #three)        \
  TR_GROUP_PAIR_M7("r8", "r5", #all) TR_GROUP_PAIR_M7("r5", "r5, ror #8", #all "+" #one)     \
  TR_GROUP_PAIR_M7("r9", "r6", #all "+" #two)                                               \
  TR_GROUP_PAIR_M7("r6", "r6, ror #8", #all "+" #three) "add.w r0, r0, #2*" #all "\n\t"

/* r1, r2 the lines, r3, r12 their steps, which are 0 outside the image, r4 columns, lr the upper line's
 * number; of the struct s0 to, s1 x, s2 step, s3 line, s4 in_lines, s5 top, s6 pairs, s7 count, s8
 * outside, s9 next; s10 the struct, whose line moves on. No column's text sets flags: what is tested
 * behind some are those of the number of columns. */
#define TR_GROUP_GATHER(core, ...)                                                       \
  "vldmia r0, {s0-s9}\n\tvmov s10, r0\n\tvmov r0, s0\n\tvmov lr, s5\n\t"                 \
  ".p2align 2\n\t"                                                                       \
  "1:\n\t"                                                                               \
  "vmov r1, s1\n\tvmov r5, s3\n\tvmov r3, s2\n\tmov.w r12, r3\n\t"                       \
  "add.w r2, r1, r5\n\tadd.w r5, r5, r2\n\tvmov s1, r5\n\tvmov r5, s4\n\t"               \
  "cmp lr, r5\n\titt hs\n\tvmovhs r1, s8\n\tmovhs.w r3, #0\n\tadd.w lr, lr, #1\n\t"      \
  "cmp lr, r5\n\titt hs\n\tvmovhs r2, s8\n\tmovhs.w r12, #0\n\tadd.w lr, lr, #1\n\t"     \
  "vmov r4, s7\n\t"                                                                      \
  "lsrs.w r4, r4, #1\n\tbcc.w 2f\n\t" TR_GROUP_COLUMN(__VA_ARGS__)                       \
  "2:\n\t"                                                                               \
  "lsrs.w r4, r4, #1\n\tbcc.w 3f\n\t" TR_GROUP_COLUMNS_##core(__VA_ARGS__)                      \
  "3:\n\t"                                                                               \
  "beq.w 5f\n\t"                                                                         \
  ".p2align 2\n\t"                                                                       \
  "4:\n\t" TR_GROUP_COLUMNS_##core(__VA_ARGS__) TR_GROUP_COLUMNS_##core(__VA_ARGS__)                   \
  "subs.w r4, r4, #1\n\tbne.w 4b\n\t"                                                    \
  "5:\n\t"                                                                               \
  "vmov r4, s6\n\tvmov r5, s9\n\tsubs.w r4, r4, #1\n\tvmov s6, r4\n\t"                   \
  "add.w r0, r0, r5\n\tbne.w 1b\n\t"                                                     \
  "vmov r0, s10\n\tvmov r1, s1\n\tstr.w lr, [r0, #20]\n\tstr.w r1, [r0, #4]\n\t"

#define TR_GROUP_TEXT_OF_LINES(text)                                                         \
  __asm__ volatile(text                                                                      \
                   : "+r"(r0)                                                                \
                   :                                                                         \
                   : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12",    \
                     "lr", "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9",       \
                     "s10", "cc", "memory")

#define TR_GROUP_LINES(name, ...)                                  \
  TR_NOINLINE void name(tr_group_lines *s, const tr_form form) {   \
    register tr_group_lines *r0 __asm__("r0") = s;                 \
    if (tr_is_m7(form)) {                                          \
      TR_GROUP_TEXT_OF_LINES(TR_GROUP_GATHER(M7, __VA_ARGS__));    \
    } else {                                                       \
      TR_GROUP_TEXT_OF_LINES(TR_GROUP_GATHER(M4, __VA_ARGS__));    \
    }                                                              \
  }

TR_GROUP_LINES(tr_group_lines_of_four, 16, 32, 48, 64)
TR_GROUP_LINES(tr_group_lines_of_three, 12, 24, 36, 48)

TR_INLINE void tr_groups_gather(tr_group_lines *s, int32_t stride, const tr_form form) {
  if (stride == 1) {
    tr_group_lines_of_four(s, form);
  } else {
    tr_group_lines_of_three(s, form);
  }
}

/* r0 from, r1 y, r2 the line below, r3 step, r12 outputs; s1 y, s2 below, s4 count, s5 next, s6 passes. */
TR_NOINLINE void tr_groups_store(const tr_group_put *s) {
  register const tr_group_put *r0 __asm__("r0") = s;
  __asm__ volatile(
      "vldmia r0, {s0-s6}\n\tvmov r0, s0\n\tvmov r3, s3\n\t"
      ".p2align 2\n\t"
      "1:\n\t"
      "vmov r1, s1\n\tvmov r2, s2\n\tvmov r4, s5\n\tvmov r12, s4\n\t"
      "add.w r4, r4, r1\n\tadd.w r2, r2, r1\n\tvmov s1, r4\n\t"
      "lsrs.w r12, r12, #1\n\tbcc.w 2f\n\t"
      "ldmia.w r0!, {r4, r5}\n\t"
      "str.w r5, [r2]\n\tadd.w r2, r2, r3\n\tstr.w r4, [r1]\n\tadd.w r1, r1, r3\n\t"
      "2:\n\t"
      "lsrs.w r12, r12, #1\n\tbcc.w 3f\n\t"
      "ldmia.w r0!, {r4, r5, r6, r8}\n\t"
      "str.w r5, [r2]\n\tadd.w r2, r2, r3\n\tstr.w r4, [r1]\n\tadd.w r1, r1, r3\n\t"
      "str.w r8, [r2]\n\tadd.w r2, r2, r3\n\tstr.w r6, [r1]\n\tadd.w r1, r1, r3\n\t"
      "3:\n\t"
      "beq.w 5f\n\t"
      ".p2align 2\n\t"
      "4:\n\t"
      "ldmia.w r0!, {r4, r5, r6, r8, r9, r10, r11, lr}\n\t"
      "str.w r5, [r2]\n\tadd.w r2, r2, r3\n\tstr.w r4, [r1]\n\tadd.w r1, r1, r3\n\t"
      "str.w r8, [r2]\n\tadd.w r2, r2, r3\n\tstr.w r6, [r1]\n\tadd.w r1, r1, r3\n\t"
      "str.w r10, [r2]\n\tadd.w r2, r2, r3\n\tstr.w r9, [r1]\n\tadd.w r1, r1, r3\n\t"
      "str.w lr, [r2]\n\tadd.w r2, r2, r3\n\tstr.w r11, [r1]\n\tadd.w r1, r1, r3\n\t"
      "subs.w r12, r12, #1\n\tbne.w 4b\n\t"
      "5:\n\t"
      "vmov r4, s6\n\tsubs.w r4, r4, #1\n\tvmov s6, r4\n\tbne.w 1b\n\t"
      : "+r"(r0)
      :
      : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "s0", "s1", "s2",
        "s3", "s4", "s5", "s6", "cc", "memory");
}

#else

TR_NOINLINE void tr_groups_gather(tr_group_lines *s, int32_t stride, const tr_form form) {
  (void)form;
  const int32_t slots = 5 - stride;
  uint32_t *to = s->to;
  for (int32_t pair = 0; pair < s->pairs; pair++) {
    for (int32_t column = 0; column < s->count; column++) {
      for (int32_t i = 0; i < TR_GROUP_CHANNELS; i++) {
        int32_t taken[2];
        for (int32_t line = 0; line < 2; line++) {
          const int within = (uint32_t)(s->top + line) < (uint32_t)s->in_lines;
          taken[line] = within ? s->x[line * s->line + column * s->step + i] : s->outside[i];
        }
        to[(column * TR_GROUP_CHANNELS + i) * slots] = tr_pair(taken[0], taken[1]);
      }
    }
    to += s->count * TR_GROUP_CHANNELS * slots + s->next / 4;
    s->x += 2 * s->line;
    s->top += 2;
  }
}

TR_NOINLINE void tr_groups_store(const tr_group_put *s) {
  const int8_t *from = s->from;
  for (int32_t pass = 0; pass < s->passes; pass++) {
    int8_t *y = s->y + pass * s->next;
    for (int32_t i = 0; i < s->count; i++) {
      tr_store4(y + s->below, tr_load4(from + TR_GROUP_CHANNELS));
      tr_store4(y, tr_load4(from));
      from += 2 * TR_GROUP_CHANNELS;
      y += s->step;
    }
  }
}

#endif

#endif
