/* A pointwise convolution of eight channels, as behind a network's first depthwise layer: eight columns
 * of outputs at a time, whose weights lie in the FPU's registers while all cells pass, two at a time.
 *
 * Constants are those of arm/quads.h (pack "quads16") for eight values: of each four columns the start
 * values, the words of four pairs of values, and the multipliers. The last eight columns overlap others
 * where their number is no multiple of eight. */
#ifndef TINYRIG_POINTWISE_EIGHTS_H
#define TINYRIG_POINTWISE_EIGHTS_H

#include <stddef.h>

#include "arm/finish.h"
#include "tinyrig/conv.h"

#define TR_EIGHTS 8
#define TR_EIGHTS_FOUR 24 /* words of four columns: four starts, four pairs, four multipliers */

/* Cells of one run by eight columns, two at a time. Words, in this order, for the text. */
typedef struct {
  const int8_t *x;
  int32_t x_row;
  const int8_t *x_end; /* behind the last two cells */
  int32_t y_row;
  int8_t *y;
  const int32_t *constants;
} tr_eights;

#if defined(__ARM_FEATURE_DSP)

_Static_assert(offsetof(tr_eights, x_row) == 4 && offsetof(tr_eights, x_end) == 8 &&
                   offsetof(tr_eights, y_row) == 12 && offsetof(tr_eights, y) == 16 &&
                   offsetof(tr_eights, constants) == 20,
               "the text reads six words in this order");

/* A column: pairs of the first cell in r4-r7, of the second in r8-r11; r2 its start value, r3 its
 * multiplier, `next` the text that loads those of the column behind. */
#define TR_EIGHTS_COLUMN(at, w0, w1, w2, w3, next)                                         \
  "vmov r0, s" w0 "\n\tsmlad r1, r8, r0, r2\n\tsmlad r0, r4, r0, r2\n\t"                   \
  "vmov r2, s" w1 "\n\tsmlad r1, r9, r2, r1\n\tsmlad r0, r5, r2, r0\n\t"                   \
  "vmov r2, s" w2 "\n\tsmlad r1, r10, r2, r1\n\tsmlad r0, r6, r2, r0\n\t"                  \
  "vmov r2, s" w3 "\n\tsmlad r1, r11, r2, r1\n\tsmlad r0, r7, r2, r0\n\t"                  \
  "smmul r0, r0, r3\n\tsmmul r1, r1, r3\n\t" next                                          \
  "ssat r0, #8, r0\n\tssat r1, #8, r1\n\tstrb.w r0, [r12, #" at "]\n\t"                    \
  "strb.w r1, [lr, #" at "]\n\t"
#define TR_EIGHTS_SCALES(at) "ldr.w r2, [sp, #8*" at "]\n\tldr.w r3, [sp, #8*" at "+4]\n\t"

/* Stack: start value and multiplier of each column, then x, x_row and x_end. r12 and lr are the outputs
 * of both cells. r7 may be the frame pointer, so it is saved here. */
#define TR_EIGHTS_TEXT                                                                     \
  "push {r7}\n\tldm.w r0, {r0, r1, r2, r3, r12, lr}\n\tpush {r0, r1, r2}\n\t"              \
  "sub sp, sp, #64\n\tmov.w r10, r3\n\t"                                                   \
  "ldmia.w lr!, {r0, r1, r2, r3}\n\tvldmia lr!, {s0-s15}\n\tldmia.w lr!, {r4, r5, r8, r9}\n\t" \
  "strd r0, r4, [sp]\n\tstrd r1, r5, [sp, #8]\n\tstrd r2, r8, [sp, #16]\n\t"                \
  "strd r3, r9, [sp, #24]\n\t"                                                             \
  "ldmia.w lr!, {r0, r1, r2, r3}\n\tvldmia lr!, {s16-s31}\n\tldmia.w lr!, {r4, r5, r8, r9}\n\t" \
  "strd r0, r4, [sp, #32]\n\tstrd r1, r5, [sp, #40]\n\tstrd r2, r8, [sp, #48]\n\t"          \
  "strd r3, r9, [sp, #56]\n\tadd.w lr, r12, r10\n\t"                                       \
  ".p2align 2\n\t"                                                                         \
  "1:\n\t"                                                                                 \
  "ldr.w r0, [sp, #64]\n\tldr.w r1, [sp, #68]\n\tldr.w r3, [sp, #72]\n\t"                  \
  "add.w r2, r0, r1\n\t"                                                                   \
  "ldr.w r5, [r0]\n\tldr.w r7, [r0, #4]\n\tldr.w r9, [r2]\n\tldr.w r11, [r2, #4]\n\t"      \
  "add.w r2, r2, r1\n\tcmp.w r2, r3\n\tstr.w r2, [sp, #64]\n\t"                            \
  "sxtb16 r4, r5\n\tsxtb16 r5, r5, ror #8\n\tsxtb16 r6, r7\n\tsxtb16 r7, r7, ror #8\n\t"   \
  "sxtb16 r8, r9\n\tsxtb16 r9, r9, ror #8\n\tsxtb16 r10, r11\n\tsxtb16 r11, r11, ror #8\n\t" \
  TR_EIGHTS_SCALES("0")                                                                    \
  TR_EIGHTS_COLUMN("0", "0", "4", "8", "12", TR_EIGHTS_SCALES("1"))                        \
  TR_EIGHTS_COLUMN("1", "1", "5", "9", "13", TR_EIGHTS_SCALES("2"))                        \
  TR_EIGHTS_COLUMN("2", "2", "6", "10", "14", TR_EIGHTS_SCALES("3"))                       \
  TR_EIGHTS_COLUMN("3", "3", "7", "11", "15", TR_EIGHTS_SCALES("4"))                       \
  TR_EIGHTS_COLUMN("4", "16", "20", "24", "28", TR_EIGHTS_SCALES("5"))                     \
  TR_EIGHTS_COLUMN("5", "17", "21", "25", "29", TR_EIGHTS_SCALES("6"))                     \
  TR_EIGHTS_COLUMN("6", "18", "22", "26", "30", TR_EIGHTS_SCALES("7"))                     \
  TR_EIGHTS_COLUMN("7", "19", "23", "27", "31", "")                                        \
  "sub.w r2, lr, r12\n\tadd.w r12, lr, r2\n\tadd.w lr, r12, r2\n\t"                        \
  "bne.w 1b\n\t"                                                                           \
  "add sp, sp, #76\n\tpop {r7}\n\t"

TR_NOINLINE void tr_eights_run(const tr_eights *s) {
  register const tr_eights *r0 __asm__("r0") = s;
  __asm__ volatile(TR_EIGHTS_TEXT
                   : "+r"(r0)
                   :
                   : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr",
                     "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11",
                     "s12", "s13", "s14", "s15", "s16", "s17", "s18", "s19", "s20", "s21", "s22",
                     "s23", "s24", "s25", "s26", "s27", "s28", "s29", "s30", "s31", "cc", "memory");
}

#else

/* One cell by eight columns. */
TR_INLINE void tr_eights_cell(const int32_t *constants, const int8_t *x, int8_t *y) {
  const uint32_t pairs[4] = {tr_even_bytes(tr_load4(x)), tr_odd_bytes(tr_load4(x)),
                             tr_even_bytes(tr_load4(x + 4)), tr_odd_bytes(tr_load4(x + 4))};
  for (int32_t i = 0; i < TR_EIGHTS; i++) {
    const int32_t *const column = constants + i / 4 * TR_EIGHTS_FOUR + i % 4;
    int32_t sum = column[0];
    for (int32_t pair = 0; pair < 4; pair++) {
      sum = tr_dot2(pairs[pair], (uint32_t)column[4 + 4 * pair], sum);
    }
    y[i] = (int8_t)tr_finish_narrow(sum, column[TR_EIGHTS_FOUR - 4]);
  }
}

TR_NOINLINE void tr_eights_run(const tr_eights *s) {
  const int8_t *x = s->x;
  int8_t *y = s->y;
  do {
    tr_eights_cell(s->constants, x, y);
    tr_eights_cell(s->constants, x + s->x_row, y + s->y_row);
    x += 2 * s->x_row;
    y += 2 * s->y_row;
  } while (x != s->x_end);
}

#endif

/* `count` cells that lie `x_row` and `y_row` apart; a last one alone is both of its two. */
TR_INLINE void tr_eights_cells(tr_eights *s, const int8_t *x, int8_t *y, int32_t count,
                               int32_t x_row, int32_t y_row) {
  if (count > 1) {
    s->x = x;
    s->y = y;
    s->x_row = x_row;
    s->y_row = y_row;
    s->x_end = x + count / 2 * 2 * x_row;
    tr_eights_run(s);
  }
  if (count % 2 != 0) {
    s->x = x + (count - 1) * x_row;
    s->y = y + (count - 1) * y_row;
    s->x_row = 0;
    s->y_row = 0;
    s->x_end = s->x;
    tr_eights_run(s);
  }
}

/* The image is one run where its lines follow each other without a gap, else a line is one. */
TR_INLINE void tr_pointwise_eights(const tr_conv2d_s8_params *p, const int8_t *x, int8_t *y) {
  const tr_window *const g = &p->window;
  const int32_t x_row = g->stride_w * g->x_stride[3];
  const int32_t y_row = g->y_stride[3];
  const int32_t line = g->stride_h * g->x_stride[2];
  const int one_run = line == g->out_w * x_row && g->y_stride[2] == g->out_w * y_row;
  const int32_t run = one_run ? g->out_h * g->out_w : g->out_w;
  const int32_t runs = one_run ? 1 : g->out_h;
  tr_eights s;
  for (int32_t block = 0; block < g->out_c; block += TR_EIGHTS) {
    const int32_t c = block < g->out_c - TR_EIGHTS ? block : g->out_c - TR_EIGHTS;
    s.constants = (const int32_t *)(const void *)p->weight + c / 4 * TR_EIGHTS_FOUR;
    for (int32_t b = 0; b < g->batch; b++) {
      for (int32_t h = 0; h < runs; h++) {
        tr_eights_cells(&s, x + b * g->x_stride[0] + h * line,
                        y + b * g->y_stride[0] + h * g->y_stride[2] + c, run, x_row, y_row);
      }
    }
  }
}

#endif
