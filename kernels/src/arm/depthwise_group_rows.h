/* Passes over the strip of arm/depthwise_groups.h: two lines of outputs of each of four channels. */
#ifndef TINYRIG_DEPTHWISE_GROUP_ROWS_H
#define TINYRIG_DEPTHWISE_GROUP_ROWS_H

#include <stddef.h>

#include "arm/depthwise_group_lines.h"
#include "arm/depthwise_rows.h"
#include "arm/finish.h"

#define TR_GROUP_CONSTANTS 8 /* words of a channel, as arm/depthwise_3x3.h says */

/* `passes` of them, each a slot further; falling, the older of two slots is the one behind. Words, in
 * this order, for the text. */
typedef struct {
  const uint32_t *strip;
  uint32_t go_on;               /* behind the first columns of a pass: kept for the text */
  const int32_t *constants;     /* of four channels */
  const int32_t *constants_end; /* behind them */
  int32_t pass;                 /* bytes of a pass's outputs */
  int8_t *out_end;              /* behind those of all passes */
  uint32_t entry;               /* into its loop: 0 until the text has found it */
  int8_t *out;                  /* [pass][length][2 lines][4 channels] */
  int32_t next_strip;           /* bytes from the last pass's strip to the next channel's first */
  int32_t next_out;             /* bytes from behind a channel's outputs to the next's */
  int32_t loop;                 /* bytes of a pass's outputs that the text's loop makes */
  int32_t columns;              /* of those outputs */
  int32_t length;
  int32_t passes;
  int32_t outputs; /* bytes of those of all passes */
} tr_group_rows;

/* Rows of `passes` passes; at stride 2 there is one. */
TR_NOINLINE void tr_groups_plan(tr_group_rows *s, int32_t stride, int32_t passes, int32_t falling) {
  const int32_t pass = 2 * TR_GROUP_CHANNELS * s->length;
  const int32_t back = 4 * (passes - 1);
  s->passes = passes;
  s->pass = pass;
  s->outputs = passes * pass;
  s->columns = stride == 1 ? s->length - 2 : s->length;
  s->loop = 2 * TR_GROUP_CHANNELS * s->columns;
  s->next_out = 1 - s->outputs;
  s->next_strip = 4 * (5 - stride) + (falling ? back : -back);
}

#if defined(__ARM_FEATURE_DSP)

_Static_assert(offsetof(tr_group_rows, go_on) == 4 && offsetof(tr_group_rows, constants) == 8 &&
                   offsetof(tr_group_rows, constants_end) == 12 &&
                   offsetof(tr_group_rows, pass) == 16 && offsetof(tr_group_rows, out_end) == 20 &&
                   offsetof(tr_group_rows, entry) == 24 && offsetof(tr_group_rows, out) == 28 &&
                   offsetof(tr_group_rows, next_strip) == 32 &&
                   offsetof(tr_group_rows, next_out) == 36 && offsetof(tr_group_rows, loop) == 40 &&
                   offsetof(tr_group_rows, columns) == 44,
               "the text reads twelve words in this order");

/* Both strides: r0 strip, r1 output, r2 temporary, r3-r7 P0, P1, P2, Q0, Q1; s0 start, s1 multiplier,
 * s2 Q2, s3 where the loop's outputs end, s4-s14 of the struct its first words. r7 may be the frame
 * pointer, so it is saved here.
 *
 * The loop is of equal texts, one more than `last`, the first two from 1 and 2 on, and ends behind the
 * last: so it is entered by the number of columns. `other` is text that says where to go on instead, of
 * r3 columns. */
#define TR_GROUP_OPEN(last, other)                                                            \
  "push {r7}\n\tvldmia r0, {s4-s14}\n\tvmov r1, s11\n\tvmov r2, s6\n\tvmov r8, s10\n\t"       \
  "cmp.w r8, #0\n\tbne.w 5f\n\t"                                                              \
  "adr.w r8, 1f\n\tadr.w r9, 2f\n\tsubs.w r9, r9, r8\n\tldr.w r3, [r0, #44]\n\t"              \
  "rsb.w r10, r3, #0\n\tand.w r10, r10, #" last "\n\tmla r8, r9, r10, r8\n\t"                 \
  "orr.w r8, r8, #1\n\tvmov s10, r8\n\tstr.w r8, [r0, #24]\n\t" other ".p2align 2\n\t"        \
  "5:\n\tvldmia r2!, {s0-s2}\n\tldm.w r2!, {r3, r4, r5, r6, r7}\n\tvmov s6, r2\n\t"

#define TR_GROUP_CLOSE "vmov r2, s6\n\tvmov r12, s7\n\tcmp.w r2, r12\n\tbne.w 5b\n\tpop {r7}\n\t"

/* Behind the first columns to 6 where the loop's are odd. */
#define TR_GROUP_IF_ODD "adr.w r9, 6f\n\torr.w r9, r9, #1\n\ttst.w r3, #1\n\tit ne\n\tmovne r8, r9\n\t"
#define TR_GROUP_GO_ON "vmov s5, r8\n\tstr.w r8, [r0, #4]\n\t"

/* Stride 1: behind the first columns to 6 where the loop's are odd, to 7 where there are none. */
#define TR_GROUP_OPEN_TWO(last)                                                               \
  TR_GROUP_OPEN(last,                                                                         \
    TR_GROUP_IF_ODD                                                                           \
    "adr.w r9, 7f\n\torr.w r9, r9, #1\n\tcmp.w r3, #0\n\tit eq\n\tmoveq r8, r9\n\t"           \
    TR_GROUP_GO_ON)                                                                           \
  "vmov r12, s14\n\tvmov r0, s4\n\tadd.w r12, r12, r1\n\tvmov s3, r12\n\t.p2align 2\n\t8:\n\t"

/* The next pass, `step` further, or the next channel. */
#define TR_GROUP_CLOSE_TWO(step)                                                              \
  "vmov r2, s9\n\tcmp.w r1, r2\n\tbeq.w 9f\n\t"                                               \
  "vmov r0, s4\n\tvmov r2, s8\n\tvmov r12, s3\n\tadd.w r0, r0, #" step "\n\t"                 \
  "add.w r12, r12, r2\n\tvmov s4, r0\n\tvmov s3, r12\n\tb.w 8b\n\t"                           \
  "9:\n\tadd.w r2, r2, #1\n\tvmov s9, r2\n\tvmov r12, s13\n\tvmov r0, s4\n\t"                 \
  "add.w r1, r1, r12\n\tvmov r12, s12\n\tadd.w r0, r0, r12\n\tvmov s4, r0\n\t" TR_GROUP_CLOSE

/* Rising and falling: A, B, the text that loads them, and bytes to the next pass. */
#define TR_GROUP_TWO_M4_0 "r12", "lr", "ldr lr, [r0, #4]\n\tldr r12, [r0], #64\n\t", "4"
#define TR_GROUP_TWO_M4_1 "lr", "r12", "ldr lr, [r0, #4]\n\tldr r12, [r0], #64\n\t", "-4"

#define TR_GROUP_COLUMN_M4(x0, x1, y0, y1, a, b, loads)                \
  TR_COLUMN_M4(BYTES, x0, x1, y0, y1, a, b, loads)

#define TR_GROUP_TWO_M4(a, b, loads, step)                                      \
  TR_GROUP_OPEN_TWO("3")                                                        \
  loads "vmov r2, s0\n\t" TR_TAPS("r8", "r9", a, b, "r3", "r6", TR_START) loads \
  TR_TAPS("r8", "r9", a, b, "r4", "r7", TR_ITSELF)                              \
  TR_TAPS("r10", "r11", a, b, "r3", "r6", TR_START)                             \
  "vmov r2, s5\n\tbx r2\n\t"                                                    \
  "6:\n\t" TR_CHANGE_OVER "vmov r2, s10\n\tbx r2\n\t.p2align 2\n\t"             \
  "1:\n\t" TR_GROUP_COLUMN_M4("r8", "r9", "r10", "r11", a, b, loads)            \
  "2:\n\t" TR_GROUP_COLUMN_M4("r10", "r11", "r8", "r9", a, b, loads)            \
  TR_GROUP_COLUMN_M4("r8", "r9", "r10", "r11", a, b, loads)                     \
  TR_GROUP_COLUMN_M4("r10", "r11", "r8", "r9", a, b, loads)                     \
  TR_LOOP_IS_OVER "bne.w 1b\n\t"                                                \
  "7:\n\t" loads "vmov r2, s2\n\t"                                              \
  TR_TAPS("r8", "r9", a, b, "r5", "r2", TR_ITSELF)                              \
  TR_TAPS("r10", "r11", a, b, "r4", "r7", TR_ITSELF) loads                      \
  TR_TAPS("r10", "r11", a, b, "r5", "r2", TR_ITSELF) "vmov r2, s1\n\t"          \
  "smmul r8, r8, r2\n\tsmmul r9, r9, r2\n\tsmmul r10, r10, r2\n\t"              \
  "smmul r11, r11, r2\n\tssat r8, #8, r8\n\tssat r9, #8, r9\n\t"                \
  "ssat r10, #8, r10\n\tssat r11, #8, r11\n\tstrb.w r9, [r1, #4]\n\t"           \
  "strb.w r10, [r1, #8]\n\tstrb.w r11, [r1, #12]\n\tstrb r8, [r1], #16\n\t"     \
  TR_GROUP_CLOSE_TWO(step)

/* Stride 2: x0 in r9, x1, a line lower, in r10, Q2 in r8; pairs r11, r12 and lr of three slots. A column
 * is the middle one of an output, the next its last and the first of the output behind. */
#define TR_GROUP_HALF_M4_0 "ldr.w r12, [r0, #4]\n\tldr.w lr, [r0, #8]\n\tldr r11, [r0], #48\n\t"
#define TR_GROUP_HALF_M4_1 "ldr.w r12, [r0, #4]\n\tldr.w r11, [r0, #8]\n\tldr lr, [r0], #48\n\t"

#define TR_GROUP_THREE(p, q, from0, from1)                                       \
  TR_A_UPPER("r9", "r11", p, from0) TR_A_UPPER("r10", "r12", p, from1)           \
  TR_B_UPPER("r9", "r12", q, "r9") TR_B_UPPER("r10", "lr", q, "r10")

#define TR_GROUP_OUTPUT_M4(loads)                                                       \
  loads TR_GROUP_THREE("r4", "r7", "r9", "r10") loads                                   \
  TR_GROUP_THREE("r5", "r8", "r9", "r10") "vmov r2, s1\n\t"                             \
  "smmul r9, r9, r2\n\tsmmul r10, r10, r2\n\tssat r9, #8, r9\n\tssat r10, #8, r10\n\t"  \
  "strb.w r10, [r1, #4]\n\tstrb r9, [r1], #8\n\tvmov r2, s0\n\t"                        \
  TR_GROUP_THREE("r3", "r6", "r2", "r2")

#define TR_GROUP_HALF_M4(loads)                                                  \
  TR_GROUP_OPEN("3", "") "vmov r8, s2\n\tvmov r0, s4\n\t"                       \
  loads "vmov r2, s0\n\t" TR_GROUP_THREE("r3", "r6", "r2", "r2")                 \
  "vmov r2, s10\n\tbx r2\n\t.p2align 2\n\t"                                      \
  "1:\n\t" TR_GROUP_OUTPUT_M4(loads) "2:\n\t" TR_GROUP_OUTPUT_M4(loads)          \
  TR_GROUP_OUTPUT_M4(loads) TR_GROUP_OUTPUT_M4(loads)                            \
  "vmov r2, s9\n\tcmp.w r1, r2\n\tbne.w 1b\n\t" TR_GROUP_CLOSE_HALF

/* The next channel, behind the loop, which leaves its end in r2. */
#define TR_GROUP_CLOSE_HALF                                                    \
  "add.w r2, r2, #1\n\tvmov s9, r2\n\tvmov r0, s4\n\tvmov r12, s13\n\t"        \
  "add.w r0, r0, #12\n\tadd.w r1, r1, r12\n\tvmov s4, r0\n\t" TR_GROUP_CLOSE

/* Cortex-M7: as arm/depthwise_rows.h has it, a column is loaded while the one before is multiplied. */
#define TR_GROUP_TWO_M7_0 "r12", "lr", "ldr r12, [r0], #64\n\t", "ldr lr, [r0, #-60]\n\t", "4"
#define TR_GROUP_TWO_M7_1 "r12", "lr", "ldr r12, [r0, #4]\n\t", "ldr lr, [r0], #64\n\t", "-4"

#define TR_GROUP_TWO_M7(a, b, load_a, load_b, step)                                 \
  TR_GROUP_OPEN_TWO("1")                                                            \
  load_a load_b "vmov r2, s0\n\t"                                                   \
  TR_TAPS("r8", "r9", a, b, "r3", "r6", TR_START) load_a load_b                     \
  TR_A_UPPER("r8", a, "r4", "r8") TR_A_LOWER("r9", a, "r4", "r9")                   \
  TR_A_UPPER("r10", a, "r3", "r2") TR_A_LOWER("r11", a, "r3", "r2")                 \
  TR_B_UPPER("r8", b, "r7", "r8") TR_B_LOWER("r9", b, "r7", "r9") "vmov r2, s5\n\t" \
  TR_B_UPPER("r10", b, "r6", "r10") load_a TR_B_LOWER("r11", b, "r6", "r11") load_b \
  "bx r2\n\t"                                                                       \
  "6:\n\t" TR_CHANGE_OVER "vmov r2, s10\n\tbx r2\n\t.p2align 2\n\t"                 \
  "1:\n\t" TR_COLUMN_M7(BYTES, "r8", "r9", "r10", "r11", a, b, load_a, load_b)      \
  "2:\n\t" TR_COLUMN_M7(BYTES, "r10", "r11", "r8", "r9", a, b, load_a, load_b)      \
  "bne.w 1b\n\t"                                                                    \
  "7:\n\t"                                                                          \
  TR_A_UPPER("r8", a, "r5", "r8") "vmov r2, s2\n\t" TR_A_LOWER("r9", a, "r5", "r9") \
  TR_A_UPPER("r10", a, "r4", "r10") TR_A_LOWER("r11", a, "r4", "r11")               \
  TR_B_UPPER("r8", b, "r2", "r8") TR_B_LOWER("r9", b, "r2", "r9")                   \
  TR_B_UPPER("r10", b, "r7", "r10") load_a TR_B_LOWER("r11", b, "r7", "r11") load_b \
  TR_A_UPPER("r10", a, "r5", "r10") TR_A_LOWER("r11", a, "r5", "r11")               \
  TR_B_UPPER("r10", b, "r2", "r10") TR_B_LOWER("r11", b, "r2", "r11")               \
  "vmov r2, s1\n\tsmmul r8, r8, r2\n\tsmmul r9, r9, r2\n\t"                         \
  "smmul r10, r10, r2\n\tsmmul r11, r11, r2\n\tvmov r2, s9\n\t"                     \
  "ssat r8, #8, r8\n\tstrb.w r8, [r1]\n\tssat r9, #8, r9\n\tstrb.w r9, [r1, #4]\n\t" \
  "ssat r10, #8, r10\n\tstrb.w r10, [r1, #8]\n\t"                                   \
  "ssat r11, #8, r11\n\tstrb.w r11, [r1, #12]\n\tadd.w r1, r1, #16\n\t"             \
  TR_GROUP_CLOSE_TWO(step)

/* Stride 2: sums in r8 and r9, of the output behind in r10 and r11, and in turn; pairs in r12, lr and r4,
 * which is P1's: s11 has that; s3 is where the last output goes. */
#define TR_GROUP_HALF_M7_0 "0", "4", "8", "48", "52", "56"
#define TR_GROUP_HALF_M7_1 "8", "4", "0", "56", "52", "48"
#define TR_GROUP_LOAD(to, at) "ldr.w " to ", [r0, #" at "]\n\t"

#define TR_GROUP_OUTPUT_M7(x0, x1, y0, y1, a, b, c, next_a, next_b, next_c, limit, over) \
  TR_A_UPPER(x0, "r12", "r2", x0)                                                       \
  TR_A_UPPER(x1, "lr", "r2", x1) TR_GROUP_LOAD("r12", next_a)                           \
  TR_B_UPPER(x0, "lr", "r7", x0) "vmov r2, s2\n\t"                                      \
  TR_B_UPPER(x1, "r4", "r7", x1) TR_GROUP_LOAD("lr", next_b)                            \
  TR_A_UPPER(x0, "r12", "r5", x0) TR_GROUP_LOAD("r4", next_c)                           \
  TR_A_UPPER(x1, "lr", "r5", x1) "add.w r0, r0, #96\n\t"                                \
  TR_B_UPPER(x0, "lr", "r2", x0)                                                        \
  TR_B_UPPER(x1, "r4", "r2", x1) "vmov r2, s0\n\t"                                      \
  TR_A_UPPER(y0, "r12", "r3", "r2")                                                     \
  TR_A_UPPER(y1, "lr", "r3", "r2") limit                                                \
  TR_B_UPPER(y0, "lr", "r6", y0) "vmov r2, s1\n\t"                                      \
  TR_B_UPPER(y1, "r4", "r6", y1) over                                                   \
  "smmul " x0 ", " x0 ", r2\n\t" TR_GROUP_LOAD("r12", a)                                \
  "smmul " x1 ", " x1 ", r2\n\t" TR_GROUP_LOAD("lr", b)                                 \
  "vmov r2, s11\n\t" TR_GROUP_LOAD("r4", c)                                             \
  "ssat " x0 ", #8, " x0 "\n\tstrb " x0 ", [r1], #8\n\t"                                \
  "ssat " x1 ", #8, " x1 "\n\tstrb " x1 ", [r1, #-4]\n\t"

#define TR_GROUP_HALF_M7(a, b, c, next_a, next_b, next_c)                               \
  TR_GROUP_OPEN("1", TR_GROUP_IF_ODD TR_GROUP_GO_ON)                                    \
  "vmov r0, s4\n\tvmov r12, s9\n\tvmov s11, r4\n\tsub.w r12, r12, #8\n\t"               \
  "vmov s3, r12\n\tvmov r2, s0\n\t"                                                     \
  TR_GROUP_LOAD("r12", a) TR_GROUP_LOAD("lr", b) TR_GROUP_LOAD("r4", c)                 \
  TR_A_UPPER("r8", "r12", "r3", "r2") TR_A_UPPER("r9", "lr", "r3", "r2")                \
  "vmov r2, s5\n\tadd.w r0, r0, #48\n\t"                                                \
  TR_B_UPPER("r8", "lr", "r6", "r8") TR_GROUP_LOAD("r12", a)                            \
  TR_B_UPPER("r9", "r4", "r6", "r9") TR_GROUP_LOAD("lr", b) TR_GROUP_LOAD("r4", c)      \
  "mov.w r10, r2\n\tvmov r2, s11\n\tbx r10\n\t"                                         \
  "6:\n\tmov.w r10, r8\n\tmov.w r11, r9\n\tb.w 2f\n\t.p2align 2\n\t"                    \
  "1:\n\t"                                                                              \
  TR_GROUP_OUTPUT_M7("r8", "r9", "r10", "r11", a, b, c, next_a, next_b, next_c, "", "") \
  "2:\n\t"                                                                              \
  TR_GROUP_OUTPUT_M7("r10", "r11", "r8", "r9", a, b, c, next_a, next_b, next_c,         \
                     "vmov r12, s3\n\t", "cmp.w r1, r12\n\t")                           \
  "bne.w 1b\n\tvmov r2, s9\n\t" TR_GROUP_CLOSE_HALF

#define TR_GROUP_TEXT(text)                                                                  \
  __asm__ volatile(text                                                                      \
                   : "+r"(r0)                                                                \
                   :                                                                         \
                   : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12",    \
                     "lr", "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", \
                     "s11", "s12", "s13", "s14", "cc", "memory")

#define TR_GROUP_ROWS(name, m4, m7)                               \
  TR_NOINLINE void name(tr_group_rows *s, const tr_form form) {   \
    register tr_group_rows *r0 __asm__("r0") = s;                 \
    if (tr_is_m7(form)) {                                         \
      TR_GROUP_TEXT(m7);                                          \
    } else {                                                      \
      TR_GROUP_TEXT(m4);                                          \
    }                                                             \
  }

TR_GROUP_ROWS(tr_groups_two_rising, TR_TEXT(TR_GROUP_TWO_M4, TR_GROUP_TWO_M4_0),
              TR_TEXT(TR_GROUP_TWO_M7, TR_GROUP_TWO_M7_0))
TR_GROUP_ROWS(tr_groups_two_falling, TR_TEXT(TR_GROUP_TWO_M4, TR_GROUP_TWO_M4_1),
              TR_TEXT(TR_GROUP_TWO_M7, TR_GROUP_TWO_M7_1))
TR_GROUP_ROWS(tr_groups_half_rising, TR_TEXT(TR_GROUP_HALF_M4, TR_GROUP_HALF_M4_0),
              TR_TEXT(TR_GROUP_HALF_M7, TR_GROUP_HALF_M7_0))
TR_GROUP_ROWS(tr_groups_half_falling, TR_TEXT(TR_GROUP_HALF_M4, TR_GROUP_HALF_M4_1),
              TR_TEXT(TR_GROUP_HALF_M7, TR_GROUP_HALF_M7_1))

TR_INLINE void tr_groups_multiply(tr_group_rows *s, int32_t stride, int32_t falling,
                                  const tr_form form) {
  if (stride == 1 && falling) {
    tr_groups_two_falling(s, form);
  } else if (stride == 1) {
    tr_groups_two_rising(s, form);
  } else if (falling) {
    tr_groups_half_falling(s, form);
  } else {
    tr_groups_half_rising(s, form);
  }
}

#else

/* An output and the one a line lower, of the pairs of a channel's columns from `pairs` on; `slot` are
 * those of the pass's pair lines, from the upper one's first on. */
TR_INLINE void tr_groups_outputs(const uint32_t *pairs, int32_t slots, const int32_t *slot,
                                 int32_t stride, const int32_t *channel, int8_t *out) {
  const uint32_t *const p = (const uint32_t *)channel + 3;
  const uint32_t q[3] = {p[3], p[4], (uint32_t)channel[2]};
  int32_t sum[2] = {channel[0], channel[0]};
  for (int32_t j = 0; j < 3; j++) {
    const uint32_t a = pairs[slot[0]];
    const uint32_t b = pairs[slot[1]];
    sum[0] = tr_dot2(a, p[j], sum[0]) + tr_low(b) * tr_high(q[j]);
    if (stride == 1) {
      sum[1] = tr_dot2(b, q[j], sum[1]) + tr_high(a) * tr_low(p[j]);
    } else {
      sum[1] = tr_dot2(b, p[j], sum[1]) + tr_low(pairs[slot[2]]) * tr_high(q[j]);
    }
    pairs += slots * TR_GROUP_CHANNELS;
  }
  out[0] = (int8_t)tr_finish_narrow(sum[0], channel[1]);
  out[TR_GROUP_CHANNELS] = (int8_t)tr_finish_narrow(sum[1], channel[1]);
}

TR_NOINLINE void tr_groups_multiply(tr_group_rows *s, int32_t stride, int32_t falling,
                                    const tr_form form) {
  (void)form;
  const int32_t slots = 5 - stride;
  int8_t *out = s->out;
  for (int32_t pass = 0; pass < s->passes; pass++) {
    int32_t slot[3];
    for (int32_t i = 0; i < 3; i++) {
      slot[i] = falling ? stride - pass - i : pass + i;
    }
    for (int32_t v = 0; v < s->length; v++) {
      for (int32_t i = 0; i < TR_GROUP_CHANNELS; i++) {
        tr_groups_outputs(s->strip + (v * stride * TR_GROUP_CHANNELS + i) * slots, slots, slot, stride,
                          s->constants + i * TR_GROUP_CONSTANTS, out + i);
      }
      out += 2 * TR_GROUP_CHANNELS;
    }
  }
}

#endif

#endif
