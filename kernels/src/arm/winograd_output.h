/* Winograd's sums of a tile and column, A' m A, A' the rows (1 1 1 0) and (0 1 -1 -1), and the outputs
 * they become where a high multiply and a saturation are all. */
#ifndef TINYRIG_WINOGRAD_OUTPUT_H
#define TINYRIG_WINOGRAD_OUTPUT_H

#include <stddef.h>

#include "arm/winograd_output_m7.h"
#include "arm/winograd_product.h"

/* Where a tile's outputs go: the steps to its second column and line are 0 where they lie outside
 * the image. */
typedef struct {
  int8_t *y;
  int32_t right;
  int32_t below;
} tr_winograd_tile;

/* What is a column's; `offset` is from the outputs of column 0. */
typedef struct {
  int32_t start;
  int32_t multiplier;
  int32_t offset;
} tr_winograd_column;

#if defined(__ARM_FEATURE_DSP)

#define TR_SUM_LOAD(to, place) "ldr.w %[" to "], [%[m], #24 * " place "]\n\t"

/* What a line m of four leaves: the sums with the rows of A' in `left` and `right`. */
#define TR_SUM_LINE(a, b, c, d, left, right, load_a, load_b, load_c, load_d)      \
  "add.w %[" a "], %[" a "], %[" b "]\n\t" load_a                                 \
  "sub.w %[" b "], %[" b "], %[" c "]\n\t" load_b                                 \
  "add.w %[" left "], %[" a "], %[" c "]\n\t" load_c                              \
  "sub.w %[" right "], %[" b "], %[" d "]\n\t" load_d
#define TR_SUM_MORE(sum, operation, one) operation " %[" sum "], %[" sum "], %[" one "]\n\t"

/* Cortex-M4: neighbouring loads pipeline. Lines 1 and 2, line 3, then line 0, whose first place comes
 * last: by `first`, which may move m on. */
#define TR_SUM_LOADS(p0, p1, p2, p3) \
  TR_SUM_LOAD("a", p0) TR_SUM_LOAD("b", p1) TR_SUM_LOAD("c", p2) TR_SUM_LOAD("d", p3)
#define TR_SUM_OF_LINE(left, right) \
  TR_SUM_LINE("a", "b", "c", "d", left, right, "", "", "", "")
#define TR_SUM_INTO(to, operation, sum, one) operation " %[" to "], %[" sum "], %[" one "]\n\t"
#define TR_SUM_LINES_FROM_M4(first)                                             \
  TR_SUM_LOADS("4", "5", "6", "7") TR_SUM_LOAD("s0", "8") TR_SUM_LOAD("s1", "9") \
  TR_SUM_LOAD("s2", "10") TR_SUM_LOAD("s3", "11")                               \
  TR_SUM_OF_LINE("a", "b")                                                      \
  TR_SUM_LINE("s0", "s1", "s2", "s3", "s0", "s1", "", "", "", "")               \
  TR_SUM_INTO("s2", "sub.w", "a", "s0") TR_SUM_INTO("s3", "sub.w", "b", "s1")   \
  TR_SUM_MORE("s0", "add.w", "a") TR_SUM_MORE("s1", "add.w", "b")               \
  TR_SUM_LOADS("12", "13", "14", "15") TR_SUM_OF_LINE("a", "b")                 \
  TR_SUM_MORE("s2", "sub.w", "a") TR_SUM_MORE("s3", "sub.w", "b")               \
  TR_SUM_LOAD("b", "1") TR_SUM_LOAD("c", "2") TR_SUM_LOAD("d", "3") first       \
  TR_SUM_OF_LINE("a", "b")                                                      \
  TR_SUM_MORE("s0", "add.w", "a") TR_SUM_MORE("s1", "add.w", "b")
#define TR_SUM_LINES_M4 TR_SUM_LINES_FROM_M4(TR_SUM_LOAD("a", "0"))
#define TR_SUM_SPARES_M4
#define TR_SUM_SPARE_NAMES_M4

/* Cortex-M7: a load issues beside a sum, so the next line is loaded while one is summed. */
#define TR_SUM_LINES_M7                                                                       \
  TR_SUM_LOAD("a", "0") TR_SUM_LOAD("b", "1") TR_SUM_LOAD("c", "2") TR_SUM_LOAD("d", "3")     \
  TR_SUM_LINE("a", "b", "c", "d", "s0", "s1", TR_SUM_LOAD("s2", "4"), TR_SUM_LOAD("s3", "5"), \
              TR_SUM_LOAD("e", "6"), TR_SUM_LOAD("f", "7"))                                   \
  TR_SUM_LINE("s2", "s3", "e", "f", "s2", "s3", TR_SUM_LOAD("a", "8"), TR_SUM_LOAD("b", "9"), \
              TR_SUM_LOAD("c", "10"), TR_SUM_LOAD("d", "11"))                                 \
  TR_SUM_MORE("s0", "add.w", "s2") TR_SUM_LOAD("e", "12")                                     \
  TR_SUM_MORE("s1", "add.w", "s3") TR_SUM_LOAD("f", "13")                                     \
  TR_SUM_LINE("a", "b", "c", "d", "a", "b", "", "", TR_SUM_LOAD("c", "14"),                   \
              TR_SUM_LOAD("d", "15"))                                                         \
  TR_SUM_LINE("e", "f", "c", "d", "e", "f", TR_SUM_MORE("s0", "add.w", "a"),                  \
              TR_SUM_MORE("s2", "sub.w", "a"), TR_SUM_MORE("s1", "add.w", "b"),               \
              TR_SUM_MORE("s3", "sub.w", "b"))                                                \
  TR_SUM_MORE("s2", "sub.w", "e") TR_SUM_MORE("s3", "sub.w", "f")
#define TR_SUM_SPARES_M7 , [e] "=&r"(e), [f] "=&r"(f)
#define TR_SUM_SPARE_NAMES_M7 int32_t e, f;

#define TR_SUM_OPERANDS(core)                                                                \
  [s0] "=&r"(s0), [s1] "=&r"(s1), [s2] "=&r"(s2), [s3] "=&r"(s3), [c] "=&r"(c), [d] "=&r"(d) \
  TR_SUM_SPARES_##core

#define TR_SUM_OF_TILE(core)                                  \
  TR_SUM_SPARE_NAMES_##core                                   \
  __asm__(TR_SUM_LINES_##core                                 \
          : TR_SUM_OPERANDS(core), [a] "=&r"(a), [b] "=&r"(b) \
          : [m] "r"(m)                                        \
          : "memory")

/* sum [line][column] of the tile from m [place], six apart: four times the direct form's. */
TR_INLINE void tr_winograd_sums(const int32_t *m, int32_t *sum, const tr_form form) {
  int32_t s0, s1, s2, s3, a, b, c, d;
  TR_BY_CORE(form, TR_SUM_OF_TILE);
  sum[0] = s0;
  sum[1] = s1;
  sum[2] = s2;
  sum[3] = s3;
}

_Static_assert(offsetof(tr_winograd_tile, below) == 8, "outputs read three words of a tile");
_Static_assert(offsetof(tr_winograd_column, offset) == 8, "outputs read three words of a column");

#define TR_EACH_SUM(before, between, after)                                    \
  before "%[s3]" between "%[s3]" after before "%[s2]" between "%[s2]" after   \
  before "%[s1]" between "%[s1]" after before "%[s0]" between "%[s0]" after

/* Cortex-M4: the column's offset and the end of the tiles have registers, which the sums leave free. The
 * output that is always inside the image is written last. */
#define TR_OUTPUTS_M4                                                                      \
  __asm__ volatile(                                                                        \
      "vldmia %[a], {s0, s1}\n\t"                                                          \
      ".p2align 2\n\t"                                                                     \
      "1:\n\t" TR_SUM_LINES_FROM_M4("ldr.w %[a], [%[m]], #4\n\t")                         \
      "vmov %[a], s0\n\tvmov %[b], s1\n\t"                                                \
      TR_EACH_SUM("add.w ", ", %[a], ", ", asr #2\n\t")                                    \
      "ldr.w %[c], [%[tile], #4]\n\tldr.w %[d], [%[tile], #8]\n\t"                        \
      "ldr.w %[a], [%[tile]], #12\n\t"                                                     \
      TR_EACH_SUM("smmul ", ", ", ", %[b]\n\t")                                            \
      "add.w %[a], %[a], %[offset]\n\tadd.w %[b], %[a], %[d]\n\t"                         \
      TR_EACH_SUM("ssat ", ", #8, ", "\n\t")                                               \
      "cmp.w %[tile], %[end]\n\t"                                                          \
      "strb.w %[s3], [%[b], %[c]]\n\tstrb.w %[s2], [%[b]]\n\t"                            \
      "strb.w %[s1], [%[a], %[c]]\n\tstrb.w %[s0], [%[a]]\n\t"                            \
      "bne.w 1b\n\t"                                                                       \
      : TR_SUM_OPERANDS(M4), [a] "+&r"(a), [b] "=&r"(b), [m] "+&r"(from), [tile] "+&r"(tile) \
      : [offset] "r"(a->offset), [end] "r"(b)                                              \
      : "s0", "s1", "cc", "memory")

/* Cortex-M4: the outputs of `count` tiles in a column, from m [place][column][tile]. */
TR_INLINE void tr_winograd_put_column(const int32_t *m, const tr_winograd_tile *tiles, int32_t count,
                                      const tr_winograd_column *column) {
  const int32_t *from = m;
  const tr_winograd_tile *tile = tiles;
  /* Read before they become temporaries. */
  const tr_winograd_column *a = column;
  const tr_winograd_tile *b = tiles + count;
  int32_t s0, s1, s2, s3, c, d;
  TR_OUTPUTS_M4;
}

/* tr_winograd_put on a Cortex-M7. r7 may be the frame pointer, so it is saved here and not declared. */
TR_INLINE void tr_winograd_put_m7(const int32_t *m, const tr_winograd_tile *tiles, int32_t count,
                                  const tr_winograd_column *columns) {
  register const int32_t *r0 __asm__("r0") = m;
  register const tr_winograd_tile *r1 __asm__("r1") = tiles;
  register const tr_winograd_column *r2 __asm__("r2") = columns;
  register const tr_winograd_tile *r3 __asm__("r3") = tiles + count;
  register int32_t r4 __asm__("r4") = columns[1].offset - columns[0].offset;
  __asm__ volatile(
      "push {r7}\n\tvldmia r2, {s0-s4}\n\tvmov s5, r4\n\tvmov s6, r3\n\t"
      ".p2align 2\n\t"
      "1:\n\t" TR_OUTPUTS_M7 "pop {r7}\n\t"
      : "+r"(r0), "+r"(r1), "+r"(r2), "+r"(r3), "+r"(r4)
      :
      : "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "s0", "s1", "s2", "s3", "s4", "s5", "s6",
        "cc", "memory");
}

/* The same in two columns. */
TR_NOINLINE void tr_winograd_put(const int32_t *m, const tr_winograd_tile *tiles, int32_t count,
                                 const tr_winograd_column *columns, const tr_form form) {
  if (tr_is_m7(form)) {
    tr_winograd_put_m7(m, tiles, count, columns);
    return;
  }
  const tr_winograd_column *end = columns + 2;
  /* Unseen, or the text stands there twice and no longer fits a code cache of 1 KB with the product's. */
  __asm__("" : "+r"(end));
  TR_NO_UNROLL
  do {
    tr_winograd_put_column(m, tiles, count, columns);
    m += TR_WINOGRAD_TILES;
    columns++;
  } while (columns != end);
}

#else

TR_INLINE void tr_winograd_sums(const int32_t *m, int32_t *sum, const tr_form form) {
  (void)form;
  uint32_t lines[4][2];
  for (int i = 0; i < 4; i++) {
    const uint32_t b = (uint32_t)m[TR_WINOGRAD_SUMS];
    const uint32_t c = (uint32_t)m[2 * TR_WINOGRAD_SUMS];
    lines[i][0] = (uint32_t)m[0] + b + c;
    lines[i][1] = b - c - (uint32_t)m[3 * TR_WINOGRAD_SUMS];
    m += 4 * TR_WINOGRAD_SUMS;
  }
  for (int j = 0; j < 2; j++) {
    sum[j] = (int32_t)(lines[0][j] + lines[1][j] + lines[2][j]);
    sum[2 + j] = (int32_t)(lines[1][j] - lines[2][j] - lines[3][j]);
  }
}

TR_NOINLINE void tr_winograd_put(const int32_t *m, const tr_winograd_tile *tiles, int32_t count,
                                 const tr_winograd_column *columns, const tr_form form) {
  for (int32_t at = 0; at < 2 * count; at++) {
    const tr_winograd_tile *const tile = tiles + at % count;
    const tr_winograd_column *const column = columns + at / count;
    int32_t sum[4];
    tr_winograd_sums(m + at / count * TR_WINOGRAD_TILES + at % count, sum, form);
    for (int i = 3; i >= 0; i--) {
      const int32_t whole = tr_wrapping_add(column->start, sum[i] >> 2);
      tile->y[column->offset + i / 2 * tile->below + i % 2 * tile->right] =
          (int8_t)tr_finish_narrow(whole, column->multiplier);
    }
  }
}

#endif

#endif
