/* Rows of x times blocks of four weights (common/sparse_stream.h) on an XpulpV2 core.
 *
 * A panel is six rows of x, a word of four columns behind the other's: a gap, eight times, leads
 * from a block's words to the next's. Of fewer rows the last comes again. What stands behind
 * column k is multiplied by zeros. */
#ifndef TINYRIG_XPULP_SPARSE_H
#define TINYRIG_XPULP_SPARSE_H

#include "common/sparse_stream.h"
#include "xpulp/xpulp.h"

#define TR_XP_SPARSE_ROWS 6

/* Bytes of a panel of k columns. */
TR_INLINE int32_t tr_xp_sparse_panel_bytes(int32_t k) {
  return 4 * TR_XP_SPARSE_ROWS * ((k + 3) / 4);
}

/* Copies `count` bytes of x, a step apart, to columns c to c + count of a row of a panel. */
TR_NOINLINE void tr_xp_sparse_bytes(uint32_t *row, int32_t c, const int8_t *x, int32_t step,
                                    int32_t count) {
  int8_t *const to = (int8_t *)row;
  TR_NO_UNROLL
  for (const int32_t end = c + count; c < end; c++) {
    to[c / 4 * (4 * TR_XP_SPARSE_ROWS) + c % 4] = *x;
    x += step;
  }
}

/* Copies words to a row of a panel. */
TR_INLINE void tr_xp_sparse_words(uint32_t *to, const int8_t *from, int32_t words) {
#if defined(TR_XPULP_INSN)
  const int32_t pairs = words / 2;
  uint32_t a;
  uint32_t b;
  if (pairs > 0) {
    __asm__ volatile(TR_XP_BEGIN TR_XP_LOOP(0, "%[pairs]", 4) TR_XP_LOAD_NEXT(
                         "%[a]", "%[from]", 4) TR_XP_LOAD_NEXT("%[b]", "%[from]", 4)
                         TR_XP_STORE_NEXT("%[a]", "%[to]", 24)
                             TR_XP_STORE_NEXT("%[b]", "%[to]", 24) TR_XP_END
                     : [a] "=&r"(a), [b] "=&r"(b), [from] "+&r"(from), [to] "+&r"(to)
                     : [pairs] "r"(pairs)
                     : "memory");
  }
  words -= 2 * pairs;
#endif
  for (int32_t word = 0; word < words; word++) {
    *to = tr_xp_load(from);
    from += 4;
    to += TR_XP_SPARSE_ROWS;
  }
}

/* The same word everywhere. */
TR_INLINE void tr_xp_sparse_same(uint32_t *to, uint32_t word, int32_t words) {
  TR_NO_UNROLL
  for (; words > 0; words--) {
    *to = word;
    to += TR_XP_SPARSE_ROWS;
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

/* `at` is a block's last word; loading it moves to the next's. */
#define TR_XP_SPARSE_LOOP \
  TR_XP_BEGIN \
  TR_XP_LOOP(0, "%[count]", 15) \
  TR_XP_LOADU8_NEXT("%[gap]", "%[gaps]", 1) \
  TR_XP_LOAD_NEXT("%[four]", "%[values]", 4) \
  "slli %[gap], %[gap], 3\n\t" \
  "lw %[x0], -20(%[at])\n\t" \
  "lw %[x1], -16(%[at])\n\t" \
  "lw %[x2], -12(%[at])\n\t" \
  TR_XP_SDOTSP4("%[s0]", "%[x0]", "%[four]") \
  "lw %[x0], -8(%[at])\n\t" \
  TR_XP_SDOTSP4("%[s1]", "%[x1]", "%[four]") \
  "lw %[x1], -4(%[at])\n\t" \
  TR_XP_SDOTSP4("%[s2]", "%[x2]", "%[four]") \
  TR_XP_LOAD_STEP("%[x2]", "%[at]", "%[gap]") \
  TR_XP_SDOTSP4("%[s3]", "%[x0]", "%[four]") \
  TR_XP_SDOTSP4("%[s4]", "%[x1]", "%[four]") \
  TR_XP_SDOTSP4("%[s5]", "%[x2]", "%[four]") \
  TR_XP_END

/* `count` blocks, at least one: three instructions, six loads and six SDOTSP each. The gap behind
 * the last is read, but nothing at the words it leads to. */
TR_INLINE void tr_xp_sparse_blocks(uintptr_t at, tr_sparse_stream *w, int32_t count,
                                   int32_t *sums) {
#if defined(TR_XPULP_INSN)
  const uint8_t *gaps = w->gaps + 1;
  uint32_t gap;
  uint32_t four;
  uint32_t x0;
  uint32_t x1;
  uint32_t x2;
  at += ((uintptr_t)*w->gaps << 3) + 4 * (TR_XP_SPARSE_ROWS - 1);
  __asm__ volatile(
      TR_XP_SPARSE_LOOP
      : [gap] "=&r"(gap), [four] "=&r"(four), [x0] "=&r"(x0), [x1] "=&r"(x1), [x2] "=&r"(x2),
        [at] "+&r"(at), [gaps] "+&r"(gaps), [values] "+&r"(w->values), [s0] "+&r"(sums[0]),
        [s1] "+&r"(sums[1]), [s2] "+&r"(sums[2]), [s3] "+&r"(sums[3]), [s4] "+&r"(sums[4]),
        [s5] "+&r"(sums[5])
      : [count] "r"(count)
      : "memory");
  w->gaps = gaps - 1;
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
