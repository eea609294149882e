/* Two rows times four columns, of 4, 8, ... values a row. The rows' pairs lie in the FPU's registers
 * for all columns, whose weights are read once for two rows and held for none.
 *
 * Constants (pack "quads16"): a group of four values k0 to k3 is, for four columns, their pairs
 * (k0, k2), then their pairs (k1, k3), a word each. Up to TR_QUADS_MOST values: for each four columns
 * their start values, groups and multipliers. More are done by blocks of that many, the first of what
 * is left over, whose sums of two rows wait in scratch: the start values of each four columns, twice,
 * then for each block the groups of each four columns, with the multipliers behind each in the last. */
#ifndef TINYRIG_QUADS_H
#define TINYRIG_QUADS_H

#include <stddef.h>

#include "arm/finish.h"

#define TR_QUADS_MOST 32
#define TR_QUADS_GROUPS (TR_QUADS_MOST / 4)

/* Rows of one layer; columns of x and y lie side by side. */
typedef struct {
  const int8_t *stream;
  const int8_t *lut; /* its middle, for -128 to 127, or 0 */
  int32_t k;
  int32_t n;
  int32_t x_row;
  int32_t y_row;
} tr_quads;

/* Words, in this order, for the text. */
typedef struct {
  const int8_t *stream;
  const int8_t *stream_end; /* of the block */
  int8_t *y;
  int32_t y_row;
  int32_t y_next; /* from behind a pair's outputs to the next pair's */
  const int8_t *lut;
  const int8_t *x;
  int32_t x_row;
  int32_t x_next; /* to the next pair of rows, or to the next block */
  int32_t pairs;
  int32_t *to; /* where sums wait, or 0 where outputs are made */
  const int32_t *from;
  int32_t left_out; /* groups that a first block has less than the most */
  int32_t blocks; /* behind this one */
  int32_t block;  /* bytes of one behind this one */
  int32_t scales; /* and of what the last has more */
  int32_t *sums;
} tr_quads_frame;

#if defined(__ARM_FEATURE_DSP)

_Static_assert(offsetof(tr_quads_frame, left_out) == 48, "the text takes twelve words");
_Static_assert(sizeof(tr_quads_frame) == 68, "and five behind them");

/* Stack: where a block's groups behind the first begin in the text, where their packing does, the
 * frame. r7 may be the frame pointer, so it is saved here and not declared. */
#define TR_QUADS_PUSH                                                                        \
  "push {r7}\n\tadd.w r12, r0, #48\n\t"                                                     \
  "ldm.w r12, {r1, r2, r3, r4, r5}\n\tpush {r1, r2, r3, r4, r5}\n\t"                       \
  "adr.w r2, 20f\n\tadr.w r3, 21f\n\tsub.w r3, r3, r2\n\tmla r2, r3, r1, r2\n\t"           \
  "adr.w r10, 30f\n\tadr.w r9, 31f\n\tsub.w r9, r9, r10\n\tmla r10, r9, r1, r10\n\t"       \
  "orr r9, r2, #1\n\torr r10, r10, #1\n\tadd.w r12, r0, #24\n\t"                           \
  "ldm.w r12, {r1, r2, r3, r4, r5, r6}\n\tpush {r1, r2, r3, r4, r5, r6}\n\t"               \
  "ldm.w r0, {r1, r2, r3, r4, r5, r6}\n\tpush {r1, r2, r3, r4, r5, r6}\n\t"                \
  "push.w {r9, r10}\n\t"
#define TR_QUADS_POP "add sp, sp, #76\n\tpop {r7}\n\t"

/* Four values of both rows: s of a pair of the first, of the second, and of the other pairs. */
#define TR_QUADS_PACK(at, s0, s1, s2, s3)                                                     \
  "ldr.w r4, [r0, #" at "]\n\tldr.w r5, [r1, #" at "]\n\t"                                    \
  "sxtb16 r6, r4\n\tsxtb16 r4, r4, ror #8\n\tsxtb16 r8, r5\n\tsxtb16 r5, r5, ror #8\n\t"    \
  "vmov s" s0 ", r6\n\tvmov s" s1 ", r8\n\tvmov s" s2 ", r4\n\tvmov s" s3 ", r5\n\t"
#define TR_QUADS_ROWS                                                                         \
  ".p2align 2\n\t1:\n\t"                                                                      \
  "ldr.w r0, [sp, #32]\n\tldr.w r1, [sp, #36]\n\tldr.w r2, [sp, #40]\n\tldr.w r3, [sp, #4]\n\t" \
  "ldr.w r9, [sp, #56]\n\tadd.w r1, r1, r0\n\tadd.w r2, r2, r0\n\tstr.w r2, [sp, #32]\n\t"   \
  TR_QUADS_PACK("0", "0", "1", "2", "3")                                                      \
  "sub.w r0, r0, r9, lsl #2\n\tsub.w r1, r1, r9, lsl #2\n\tbx r3\n\t"                        \
  ".p2align 2\n\t"                                                                            \
  "30:\n\t" TR_QUADS_PACK("4", "4", "5", "6", "7")                                          \
  "31:\n\t" TR_QUADS_PACK("8", "8", "9", "10", "11")                                        \
  TR_QUADS_PACK("12", "12", "13", "14", "15") TR_QUADS_PACK("16", "16", "17", "18", "19")  \
  TR_QUADS_PACK("20", "20", "21", "22", "23") TR_QUADS_PACK("24", "24", "25", "26", "27")  \
  TR_QUADS_PACK("28", "28", "29", "30", "31") "ldr.w r1, [sp, #8]\n\t"

/* Sums r4, r5, r6, r8 of the first row, r9 to r12 of the second; r1 walks along the stream. */
#define TR_QUADS_SUMS "{r4, r5, r6, r8, r9, r10, r11, r12}"
#define TR_QUADS_FOUR "{r0, r2, r3, lr}"
#define TR_QUADS_LOWER(s1, a, b, c, d)                                            \
  "vmov r7, s" s1 "\n\tsmlad r9, r7, r0, " a "\n\tsmlad r10, r7, r2, " b "\n\t"    \
  "smlad r11, r7, r3, " c "\n\tsmlad r12, r7, lr, " d "\n\t"
#define TR_QUADS_UPPER(s0)                                                        \
  "vmov r7, s" s0 "\n\tsmlad r4, r7, r0, r4\n\tsmlad r5, r7, r2, r5\n\t"          \
  "smlad r6, r7, r3, r6\n\tsmlad r8, r7, lr, r8\n\t"
#define TR_QUADS_STEP(s0, s1)                                                     \
  "ldmia.w r1!, " TR_QUADS_FOUR "\n\t" TR_QUADS_UPPER(s0)                         \
  TR_QUADS_LOWER(s1, "r9", "r10", "r11", "r12")
#define TR_QUADS_GROUP(s0, s1, s2, s3) TR_QUADS_STEP(s0, s1) TR_QUADS_STEP(s2, s3)
#define TR_QUADS_REST                                                                         \
  ".p2align 2\n\t"                                                                            \
  "20:\n\t" TR_QUADS_GROUP("4", "5", "6", "7")                                                \
  "21:\n\t" TR_QUADS_GROUP("8", "9", "10", "11") TR_QUADS_GROUP("12", "13", "14", "15")       \
  TR_QUADS_GROUP("16", "17", "18", "19") TR_QUADS_GROUP("20", "21", "22", "23")               \
  TR_QUADS_GROUP("24", "25", "26", "27") TR_QUADS_GROUP("28", "29", "30", "31")

/* How four columns begin: with start values of the stream, or sums; and their first group. */
#define TR_QUADS_START                                                            \
  "ldmia.w r1!, {r4, r5, r6, r8}\n\tldmia.w r1!, " TR_QUADS_FOUR "\n\t"           \
  TR_QUADS_LOWER("1", "r4", "r5", "r6", "r8") TR_QUADS_UPPER("0")                 \
  TR_QUADS_STEP("2", "3") "ldr.w pc, [sp]\n\t"
#define TR_QUADS_RESUME                                                           \
  "ldr.w r7, [sp, #52]\n\tldmia.w r7!, " TR_QUADS_SUMS "\n\tstr.w r7, [sp, #52]\n\t" \
  TR_QUADS_GROUP("0", "1", "2", "3") "ldr.w pc, [sp]\n\t"

#define TR_QUADS_KEEP                                                             \
  "ldr.w r0, [sp, #48]\n\tldr.w lr, [sp, #12]\n\tcbz r0, 6f\n\t"                  \
  "stmia.w r0!, " TR_QUADS_SUMS "\n\tstr.w r0, [sp, #48]\n\t"                     \
  "cmp r1, lr\n\tbne.w 4b\n\t"

/* The next block, which is whole: all of its groups, from and to where sums wait but for the last. */
#define TR_QUADS_NEXT                                                                         \
  "ldr.w r2, [sp, #60]\n\tldr.w r3, [sp, #64]\n\tldr.w r4, [sp, #68]\n\tldr.w r5, [sp, #72]\n\t" \
  "adr.w r6, 20b\n\tadr.w r8, 30b\n\torr.w r6, r6, #1\n\torr.w r8, r8, #1\n\t"              \
  "strd r6, r8, [sp]\n\tadd.w r3, r3, r1\n\tmov.w r6, r5\n\tmovs.w r0, #0\n\t"              \
  "mov.w r8, #32\n\tstr.w r8, [sp, #40]\n\tstr.w r0, [sp, #56]\n\tsubs.w r2, r2, #1\n\titt eq\n\taddeq.w r3, r3, r4\n\tmoveq.w r6, #0\n\t" \
  "strd r1, r3, [sp, #8]\n\tstrd r6, r5, [sp, #48]\n\tstr.w r2, [sp, #60]\n\tb.w 1b\n\t"

#define TR_QUADS_OUTPUTS                                                                      \
  "6:\n\tldmia.w r1!, " TR_QUADS_FOUR "\n\t"                                                \
  "smmul r4, r4, r0\n\tsmmul r9, r9, r0\n\tsmmul r5, r5, r2\n\tsmmul r10, r10, r2\n\t"      \
  "smmul r6, r6, r3\n\tsmmul r11, r11, r3\n\tsmmul r8, r8, lr\n\tsmmul r12, r12, lr\n\t"    \
  "ldr.w r0, [sp, #16]\n\tldr.w r2, [sp, #20]\n\tldr.w r3, [sp, #28]\n\tldr.w lr, [sp, #12]\n\t" \
  "add.w r7, r0, r2\n\t"                                                                      \
  "ssat r4, #8, r4\n\tssat r5, #8, r5\n\tssat r6, #8, r6\n\tssat r8, #8, r8\n\t"            \
  "ssat r9, #8, r9\n\tssat r10, #8, r10\n\tssat r11, #8, r11\n\tssat r12, #8, r12\n\t"      \
  "cbnz r3, 5f\n\t7:\n\tcmp r1, lr\n\t"                                                     \
  "strb.w r4, [r0]\n\tstrb.w r5, [r0, #1]\n\tstrb.w r6, [r0, #2]\n\tstrb.w r8, [r0, #3]\n\t" \
  "add.w r0, r0, #4\n\t"                                                                      \
  "strb.w r9, [r7]\n\tstrb.w r10, [r7, #1]\n\tstrb.w r11, [r7, #2]\n\tstrb.w r12, [r7, #3]\n\t" \
  "str.w r0, [sp, #16]\n\tbne.w 4b\n\t"                                                     \
  "ldr.w r2, [sp, #24]\n\tldr.w r3, [sp, #44]\n\tadd.w r0, r0, r2\n\tsubs.w r3, r3, #1\n\t" \
  "str.w r0, [sp, #16]\n\tstr.w r3, [sp, #44]\n\tbne.w 1b\n\tb.w 8f\n\t"                    \
  "5:\n\t"                                                                                    \
  "ldrsb r4, [r3, r4]\n\tldrsb r5, [r3, r5]\n\tldrsb r6, [r3, r6]\n\tldrsb r8, [r3, r8]\n\t" \
  "ldrsb r9, [r3, r9]\n\tldrsb r10, [r3, r10]\n\tldrsb r11, [r3, r11]\n\tldrsb r12, [r3, r12]\n\t" \
  "b.w 7b\n\t8:\n\t"

#define TR_QUADS_ASM(frame, text)                                                             \
  register const tr_quads_frame *r0 __asm__("r0") = (frame);                                  \
  __asm__ volatile(text                                                                       \
                   : "+&r"(r0)                                                                \
                   :                                                                          \
                   : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12",     \
                     "lr", "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", \
                     "s11", "s12", "s13", "s14", "s15", "s16", "s17", "s18", "s19", "s20",    \
                     "s21", "s22", "s23", "s24", "s25", "s26", "s27", "s28", "s29", "s30",    \
                     "s31", "cc", "memory")

/* Rows of one block. */
TR_NOINLINE void tr_quads_whole(const tr_quads_frame *frame) {
  TR_QUADS_ASM(frame, TR_QUADS_PUSH TR_QUADS_ROWS ".p2align 2\n\t4:\n\t" TR_QUADS_START
                          TR_QUADS_REST TR_QUADS_OUTPUTS TR_QUADS_POP);
}

/* A pair of rows of several blocks. */
TR_NOINLINE void tr_quads_parts(const tr_quads_frame *frame) {
  TR_QUADS_ASM(frame, TR_QUADS_PUSH TR_QUADS_ROWS ".p2align 2\n\t4:\n\t" TR_QUADS_RESUME
                          TR_QUADS_REST TR_QUADS_KEEP TR_QUADS_NEXT TR_QUADS_OUTPUTS TR_QUADS_POP);
}

#else

/* Four columns of a pair of rows: sums [row][column], which begin as they are. */
TR_INLINE const int8_t *tr_quads_sums(const tr_quads_frame *f, const int8_t *x, const int8_t *stream,
                                      int32_t *sums) {
  for (int32_t at = 0; at < TR_QUADS_MOST - 4 * f->left_out; at += 4) {
    for (int32_t i = 0; i < 8; i++) {
      const uint32_t four = tr_load4(x + i / 4 * f->x_row + at);
      const int8_t *const w = stream + i % 4 * 4;
      sums[i] = tr_dot2(tr_even_bytes(four), tr_load4(w), sums[i]);
      sums[i] = tr_dot2(tr_odd_bytes(four), tr_load4(w + 16), sums[i]);
    }
    stream += 32;
  }
  return stream;
}

/* A block of a pair of rows; returns what is behind its constants. */
TR_INLINE const int8_t *tr_quads_block(const tr_quads_frame *f, const int8_t *x, int8_t *y,
                                       const int whole) {
  const int8_t *stream = f->stream;
  for (int32_t quad = 0; stream != f->stream_end; quad++) {
    int32_t sums[8];
    for (int32_t i = 0; i < 8; i++) {
      sums[i] = whole ? (int32_t)tr_load4(stream + i % 4 * 4) : f->from[8 * quad + i];
    }
    stream = tr_quads_sums(f, x, stream + (whole ? 16 : 0), sums);
    for (int32_t i = 0; i < 8; i++) {
      if (f->to != 0) {
        f->to[8 * quad + i] = sums[i];
      } else {
        const int32_t q = tr_finish_narrow(sums[i], (int32_t)tr_load4(stream + i % 4 * 4));
        y[i / 4 * f->y_row + 4 * quad + i % 4] = (int8_t)(f->lut != 0 ? f->lut[q] : q);
      }
    }
    stream += f->to != 0 ? 0 : 16;
  }
  return stream;
}

TR_NOINLINE void tr_quads_whole(const tr_quads_frame *f) {
  for (int32_t pair = 0; pair < f->pairs; pair++) {
    (void)tr_quads_block(f, f->x + pair * f->x_next, f->y + pair * 2 * f->y_row, 1);
  }
}

TR_NOINLINE void tr_quads_parts(const tr_quads_frame *frame) {
  tr_quads_frame f = *frame;
  for (;;) {
    f.stream = tr_quads_block(&f, f.x, f.y, 0);
    if (f.to == 0) {
      return;
    }
    f.blocks--;
    f.stream_end = f.stream + f.block + (f.blocks == 0 ? f.scales : 0);
    f.x += f.x_next;
    f.x_next = TR_QUADS_MOST;
    f.left_out = 0;
    f.from = f.sums;
    f.to = f.blocks == 0 ? 0 : f.sums;
  }
}

#endif

/* Values of a layer's first block. */
TR_INLINE int32_t tr_quads_first(int32_t k) { return (k - 1) % TR_QUADS_MOST + 1; }

/* `pairs` pairs of rows; `sums` has room for two rows where k is above TR_QUADS_MOST. */
TR_NOINLINE void tr_quads_pairs(const tr_quads *q, const int8_t *x, int8_t *y, int32_t pairs,
                                int32_t *sums) {
  const int32_t n = q->n;
  const int32_t first = tr_quads_first(q->k);
  tr_quads_frame f = {q->stream, q->stream, y,        q->y_row, 2 * q->y_row - n, q->lut, x, q->x_row,
                      2 * q->x_row, pairs, 0, 0, TR_QUADS_GROUPS - first / 4, 0, 0, 0, sums};
  if (q->k <= TR_QUADS_MOST) {
    f.stream_end = f.stream + (2 * first + 8) * n;
    tr_quads_whole(&f);
    return;
  }
  f.stream = q->stream + 8 * n;
  f.stream_end = f.stream + 2 * first * n;
  f.x_next = first;
  f.pairs = 1;
  f.to = sums;
  f.from = (const int32_t *)(const void *)q->stream;
  f.blocks = q->k / TR_QUADS_MOST - (f.left_out == 0);
  f.block = 2 * TR_QUADS_MOST * n;
  f.scales = 4 * n;
  for (int32_t pair = 0; pair < pairs; pair++) {
    f.x = x + pair * 2 * q->x_row;
    f.y = y + pair * 2 * q->y_row;
    tr_quads_parts(&f);
  }
}

/* Any number of rows: a last one alone is both of its pair. */
TR_INLINE void tr_quads_all(const tr_quads *q, const int8_t *x, int8_t *y, int32_t rows,
                            void *sums) {
  if (rows > 1) {
    tr_quads_pairs(q, x, y, rows / 2, sums);
  }
  if (rows % 2 != 0) {
    tr_quads one = *q;
    one.x_row = 0;
    one.y_row = 0;
    tr_quads_pairs(&one, x + (rows - 1) * q->x_row, y + (rows - 1) * q->y_row, 1, sums);
  }
}

#endif
