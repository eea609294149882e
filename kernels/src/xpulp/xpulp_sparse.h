/* Rows of x times blocks of four weights (common/sparse_stream.h) on an XpulpV2 core.
 *
 * A panel is six rows of x, a word of four columns behind the other's: a gap, eight times, leads
 * from a block's words to the next's. Of fewer rows the last comes again. */
#ifndef TINYRIG_XPULP_SPARSE_H
#define TINYRIG_XPULP_SPARSE_H

#include "common/sparse_stream.h"
#include "xpulp/xpulp.h"

#define TR_XP_SPARSE_ROWS 6

TR_INLINE uint32_t tr_xp_sparse_four(const int8_t *x, int32_t x_col, int32_t columns) {
  if (x_col == 1 && columns >= 4) {
    return tr_xp_load(x);
  }
  uint32_t word = 0;
  for (int32_t c = 0; c < 4 && c < columns; c++) {
    word |= (uint32_t)(uint8_t)x[c * x_col] << (8 * c);
  }
  return word;
}

TR_INLINE void tr_xp_sparse_pack(uint32_t *panel, const int8_t *x, int32_t x_row, int32_t x_col,
                                 int32_t k, int32_t rows) {
  for (int32_t i = 0; i < TR_XP_SPARSE_ROWS; i++) {
    const int8_t *from = x + (i < rows ? i : rows - 1) * x_row;
    uint32_t *to = panel + i;
    for (int32_t c = 0; c < k; c += 4) {
      *to = tr_xp_sparse_four(from, x_col, k - c);
      from += 4 * x_col;
      to += TR_XP_SPARSE_ROWS;
    }
  }
}

/* One block: moves to its words and adds six products. */
TR_INLINE void tr_xp_sparse_block(uintptr_t *at, tr_sparse_stream *w, int32_t *sums) {
  *at += (uintptr_t)*w->gaps++ << 3;
  const uint32_t *const x = (const uint32_t *)*at;
  const uint32_t four = tr_xp_load(w->values);
  for (int i = 0; i < TR_XP_SPARSE_ROWS; i++) {
    sums[i] = tr_xp_sdotsp4(x[i], four, sums[i]);
  }
  w->values += 4;
}

#define TR_XP_SPARSE_LOOP \
  TR_XP_BEGIN \
  TR_XP_LOOP(0, "%[count]", 17) \
  "lbu %[gap], 0(%[gaps])\n\t" \
  TR_XP_LOAD_NEXT("%[four]", "%[values]", 4) \
  "addi %[gaps], %[gaps], 1\n\t" \
  "slli %[gap], %[gap], 3\n\t" \
  "add %[at], %[at], %[gap]\n\t" \
  "lw %[x0], 0(%[at])\n\t" \
  "lw %[x1], 4(%[at])\n\t" \
  "lw %[x2], 8(%[at])\n\t" \
  TR_XP_SDOTSP4("%[s0]", "%[x0]", "%[four]") \
  "lw %[x0], 12(%[at])\n\t" \
  TR_XP_SDOTSP4("%[s1]", "%[x1]", "%[four]") \
  "lw %[x1], 16(%[at])\n\t" \
  TR_XP_SDOTSP4("%[s2]", "%[x2]", "%[four]") \
  "lw %[x2], 20(%[at])\n\t" \
  TR_XP_SDOTSP4("%[s3]", "%[x0]", "%[four]") \
  TR_XP_SDOTSP4("%[s4]", "%[x1]", "%[four]") \
  TR_XP_SDOTSP4("%[s5]", "%[x2]", "%[four]") \
  TR_XP_END

/* `count` blocks, at least one: five instructions, six loads and six SDOTSP each. */
TR_INLINE void tr_xp_sparse_blocks(uintptr_t at, tr_sparse_stream *w, int32_t count,
                                   int32_t *sums) {
#if defined(TR_XPULP_INSN)
  uint32_t gap;
  uint32_t four;
  uint32_t x0;
  uint32_t x1;
  uint32_t x2;
  __asm__ volatile(
      TR_XP_SPARSE_LOOP
      : [gap] "=&r"(gap), [four] "=&r"(four), [x0] "=&r"(x0), [x1] "=&r"(x1), [x2] "=&r"(x2),
        [at] "+&r"(at), [gaps] "+&r"(w->gaps), [values] "+&r"(w->values), [s0] "+&r"(sums[0]),
        [s1] "+&r"(sums[1]), [s2] "+&r"(sums[2]), [s3] "+&r"(sums[3]), [s4] "+&r"(sums[4]),
        [s5] "+&r"(sums[5])
      : [count] "r"(count)
      : "memory");
#else
  for (int32_t block = 0; block < count; block++) {
    tr_xp_sparse_block(&at, w, sums);
  }
#endif
}

/* The sums of a panel and the next row of blocks, which `w` moves behind. */
TR_INLINE void tr_xp_sparse_sums(const uint32_t *panel, tr_sparse_stream *w, int32_t start,
                                 int32_t *sums) {
  uintptr_t at = (uintptr_t)panel - 4 * TR_XP_SPARSE_ROWS;
  for (int i = 0; i < TR_XP_SPARSE_ROWS; i++) {
    sums[i] = start;
  }
  if (w->row != 0) {
    tr_xp_sparse_blocks(at, w, w->row / 4, sums);
    return;
  }
  while (*w->gaps != 0) {
    tr_xp_sparse_block(&at, w, sums);
  }
  w->gaps++;
}

#endif
