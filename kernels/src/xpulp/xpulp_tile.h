/* Tiles of products on an XpulpV2 core: four rows by four columns of sums stay in registers, and a
 * hardware loop takes four bytes of each row and column a round: 8 loads and 16 SDOTSP for 64
 * products. A pointer walks through the four rows and comes back by post-increments. */
#ifndef TINYRIG_XPULP_TILE_H
#define TINYRIG_XPULP_TILE_H

#include "xpulp/xpulp_finish.h"

#define TR_XP_TILE 4
#define TR_XP_SUMS 16

/* What a tile needs; the assembly reads it from the caller's stack, because the sums and operands
 * fill the registers. Steps in bytes; `back` leads from a word of the last row to the next word of
 * the first. The sum of row i and column j starts at row_start[i] + column_start[j]. */
typedef struct {
  const int8_t *row;
  int32_t row_step;
  int32_t row_back;
  const int8_t *column;
  int32_t column_step;
  int32_t column_back;
  int32_t words;     /* whole words of a row, at least 1 */
  int32_t tail_back; /* bytes left, less 4 */
  uint32_t mask;     /* of the bytes left, in the last word of a row; 0 where none is */
  const int32_t *row_start;
  int32_t column_start[TR_XP_TILE];
  int32_t multiplier[TR_XP_TILE]; /* of the columns; in the SHORT form its halves, bound */
  const int8_t *lut;              /* its middle, for -128 to 127, or 0 */
  int32_t *sums;                  /* room for TR_XP_SUMS, where sums are asked for */
} tr_xp_tile;

/* Which bytes of a tile share a word: those of a row, or those of a column. */
typedef enum { TR_XP_ROW_WORDS, TR_XP_COLUMN_WORDS } tr_xp_packing;

TR_INLINE void tr_xp_tile_rows(tr_xp_tile *t, const int8_t *row, int32_t step) {
  t->row = row;
  t->row_step = step;
  t->row_back = 4 - 3 * step;
}

TR_INLINE void tr_xp_tile_columns(tr_xp_tile *t, const int8_t *column, int32_t step) {
  t->column = column;
  t->column_step = step;
  t->column_back = 4 - 3 * step;
}

/* k >= 4 products a sum. Where k is no multiple of 4, the last word of a row begins before its
 * end and what was counted already is masked, so no byte outside a row is read. */
TR_INLINE void tr_xp_tile_length(tr_xp_tile *t, int32_t k) {
  const int32_t left = k % 4;
  t->words = k / 4;
  t->tail_back = left - 4;
  t->mask = left != 0 ? ~0U << (32 - 8 * left) : 0U;
}

#if defined(TR_XPULP_INSN)

/* Registers of a tile: t0 walks the rows by t1 and t2, t3 the columns by t4 and t5; t6, ra, a6 and
 * a7 hold a word of each column, a4 and a5 one of a row. The sums of column 0 are in a0 to a3, of
 * column 1 in s0 to s3, of column 2 in s4 to s7, of column 3 in s8 to s11. */
#define TR_XP_ROW(rd) TR_XP_LOAD_STEP(rd, "t0", "t1")
#define TR_XP_LAST_ROW(rd) TR_XP_LOAD_STEP(rd, "t0", "t2")
#define TR_XP_COLUMNS              \
  TR_XP_LOAD_STEP("t6", "t3", "t4") \
  TR_XP_LOAD_STEP("ra", "t3", "t4") \
  TR_XP_LOAD_STEP("a6", "t3", "t4") \
  TR_XP_LOAD_STEP("a7", "t3", "t5")

/* f(sum, column's word) for the sums of one row, and f(sum, argument) for those of a column. */
#define TR_XP_ROW_0(f, x) f("a0", x, "t6") f("s0", x, "ra") f("s4", x, "a6") f("s8", x, "a7")
#define TR_XP_ROW_1(f, x) f("a1", x, "t6") f("s1", x, "ra") f("s5", x, "a6") f("s9", x, "a7")
#define TR_XP_ROW_2(f, x) f("a2", x, "t6") f("s2", x, "ra") f("s6", x, "a6") f("s10", x, "a7")
#define TR_XP_ROW_3(f, x) f("a3", x, "t6") f("s3", x, "ra") f("s7", x, "a6") f("s11", x, "a7")
#define TR_XP_COLUMN_0(f, x) f("a0", x) f("a1", x) f("a2", x) f("a3", x)
#define TR_XP_COLUMN_1(f, x) f("s0", x) f("s1", x) f("s2", x) f("s3", x)
#define TR_XP_COLUMN_2(f, x) f("s4", x) f("s5", x) f("s6", x) f("s7", x)
#define TR_XP_COLUMN_3(f, x) f("s8", x) f("s9", x) f("s10", x) f("s11", x)
#define TR_XP_EVERY(f, x) \
  TR_XP_COLUMN_0(f, x) TR_XP_COLUMN_1(f, x) TR_XP_COLUMN_2(f, x) TR_XP_COLUMN_3(f, x)

#define TR_XP_ADD(sum, x, column) "add " sum ", " x ", " column "\n\t"

#define TR_XP_STARTS                                    \
  "lw a5, %[row_start]\n\t"                             \
  "lw t6, %[start0]\n\t"                                \
  "lw ra, %[start1]\n\t"                                \
  "lw t1, 0(a5)\n\t"                                    \
  "lw t2, 4(a5)\n\t"                                    \
  "lw t3, 8(a5)\n\t"                                    \
  "lw t4, 12(a5)\n\t"                                   \
  "lw a6, %[start2]\n\t"                                \
  "lw a7, %[start3]\n\t"                                \
  TR_XP_ROW_0(TR_XP_ADD, "t1") TR_XP_ROW_1(TR_XP_ADD, "t2") \
  TR_XP_ROW_2(TR_XP_ADD, "t3") TR_XP_ROW_3(TR_XP_ADD, "t4")

#define TR_XP_POINTERS        \
  "lw a5, %[words]\n\t"       \
  "lw t0, %[row]\n\t"         \
  "lw t1, %[row_step]\n\t"    \
  "lw t2, %[row_back]\n\t"    \
  "lw t3, %[column]\n\t"      \
  "lw t4, %[column_step]\n\t" \
  "lw t5, %[column_back]\n\t"

/* Every loaded word waits an instruction before its use. */
#define TR_XP_ROUND(dot)                                                              \
  TR_XP_COLUMNS TR_XP_ROW("a4") TR_XP_ROW("a5")                                       \
  TR_XP_ROW_0(dot, "a4") TR_XP_ROW("a4") TR_XP_ROW_1(dot, "a5") TR_XP_LAST_ROW("a5")  \
  TR_XP_ROW_2(dot, "a4") TR_XP_ROW_3(dot, "a5")

#define TR_XP_MASKED "and a4, a4, a5\n\t"
#define TR_XP_LEFT                                                                  \
  "lw a5, %[mask]\n\t"                                                              \
  "lw a4, %[tail_back]\n\t"                                                         \
  "beqz a5, 1f\n\t"                                                                 \
  "add t0, t0, a4\n\t"                                                              \
  "add t3, t3, a4\n\t" TR_XP_COLUMNS                                                \
  TR_XP_ROW("a4") TR_XP_MASKED TR_XP_ROW_0(TR_XP_SDOTSP4, "a4")                     \
  TR_XP_ROW("a4") TR_XP_MASKED TR_XP_ROW_1(TR_XP_SDOTSP4, "a4")                     \
  TR_XP_ROW("a4") TR_XP_MASKED TR_XP_ROW_2(TR_XP_SDOTSP4, "a4")                     \
  TR_XP_ROW("a4") TR_XP_MASKED TR_XP_ROW_3(TR_XP_SDOTSP4, "a4")                     \
  "1:\n\t"

#define TR_XP_SCALE(sum, m) "mulh " sum ", " sum ", " m "\n\t" TR_XP_CLIP8(sum, sum)
#define TR_XP_LOOK_UP(sum, middle) TR_XP_LOAD8_AT(sum, middle, sum)
#define TR_XP_SCALE_SHORT(sum, upper)                                                  \
  TR_XP_CLIP("t2", sum, "t3") TR_XP_MULS16(sum, "t2", "t1") TR_XP_MACS16(sum, "t2", upper)

#define TR_XP_HIGH_FINISH                                                         \
  "lw t0, %[m0]\n\t"                                                              \
  "lw t1, %[m1]\n\t"                                                              \
  "lw t2, %[m2]\n\t"                                                              \
  "lw t3, %[m3]\n\t"                                                              \
  TR_XP_COLUMN_0(TR_XP_SCALE, "t0") TR_XP_COLUMN_1(TR_XP_SCALE, "t1")             \
  "lw t4, %[lut]\n\t"                                                             \
  TR_XP_COLUMN_2(TR_XP_SCALE, "t2") TR_XP_COLUMN_3(TR_XP_SCALE, "t3")             \
  "beqz t4, 2f\n\t" TR_XP_EVERY(TR_XP_LOOK_UP, "t4")                              \
  "2:\n\t"

#define TR_XP_SHORT_FINISH \
  "lw t0, %[m0]\n\t"       \
  "lw t1, %[m1]\n\t"       \
  "lw t3, %[m2]\n\t" TR_XP_EVERY(TR_XP_SCALE_SHORT, "t0")

#define TR_XP_PACK_ROWS                                                                    \
  TR_XP_PACK("a0", "a0", "s0", "s4", "s8") TR_XP_PACK("a1", "a1", "s1", "s5", "s9")        \
  TR_XP_PACK("a2", "a2", "s2", "s6", "s10") TR_XP_PACK("a3", "a3", "s3", "s7", "s11")
#define TR_XP_PACK_COLUMNS                                                                 \
  TR_XP_PACK("a0", "a0", "a1", "a2", "a3") TR_XP_PACK("a1", "s0", "s1", "s2", "s3")        \
  TR_XP_PACK("a2", "s4", "s5", "s6", "s7") TR_XP_PACK("a3", "s8", "s9", "s10", "s11")

#define TR_XP_KEEP_SUMS                                                                \
  "lw t0, %[sums]\n\t"                                                                 \
  "sw a0, 0(t0)\n\t"  "sw a1, 4(t0)\n\t"  "sw a2, 8(t0)\n\t"  "sw a3, 12(t0)\n\t"      \
  "sw s0, 16(t0)\n\t" "sw s1, 20(t0)\n\t" "sw s2, 24(t0)\n\t" "sw s3, 28(t0)\n\t"      \
  "sw s4, 32(t0)\n\t" "sw s5, 36(t0)\n\t" "sw s6, 40(t0)\n\t" "sw s7, 44(t0)\n\t"      \
  "sw s8, 48(t0)\n\t" "sw s9, 52(t0)\n\t" "sw s10, 56(t0)\n\t" "sw s11, 60(t0)\n\t"

#define TR_XP_TILE_FIELDS(t)                                                          \
  [row] "m"((t)->row), [row_step] "m"((t)->row_step), [row_back] "m"((t)->row_back),  \
      [column] "m"((t)->column), [column_step] "m"((t)->column_step),                 \
      [column_back] "m"((t)->column_back), [words] "m"((t)->words),                   \
      [row_start] "m"((t)->row_start), [start0] "m"((t)->column_start[0]),            \
      [start1] "m"((t)->column_start[1]), [start2] "m"((t)->column_start[2]),         \
      [start3] "m"((t)->column_start[3]), [m0] "m"((t)->multiplier[0]),               \
      [m1] "m"((t)->multiplier[1])

#define TR_XP_CLOBBERS                                                                     \
  "t0", "t1", "t2", "t3", "t4", "t5", "t6", "ra", "a4", "a5", "a6", "a7", "s0", "s1", "s2", \
      "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "memory"

/* Only the loop must not be compressed: what is called for every tile shall fit the 512 bytes of a
 * core's own instruction cache. */
#define TR_XP_SUM_LOOP                                                                    \
  TR_XP_STARTS TR_XP_POINTERS TR_XP_BEGIN TR_XP_LOOP(0, "a5", 24) TR_XP_ROUND(TR_XP_SDOTSP4) \
  TR_XP_END

#define TR_XP_WORD_REGISTERS                \
  register uint32_t w0 __asm__("a0");       \
  register uint32_t w1 __asm__("a1");       \
  register uint32_t w2 __asm__("a2");       \
  register uint32_t w3 __asm__("a3")

/* sums[4 * column + row], any k >= 4. */
TR_INLINE void tr_xp_tile_sums(const tr_xp_tile *t) {
  __asm__ volatile(TR_XP_SUM_LOOP TR_XP_LEFT TR_XP_KEEP_SUMS
                   :
                   : TR_XP_TILE_FIELDS(t), [mask] "m"(t->mask), [tail_back] "m"(t->tail_back),
                     [sums] "m"(t->sums)
                   : "a0", "a1", "a2", "a3", TR_XP_CLOBBERS);
}

/* The sixteen outputs in four words. form is HIGH, SHORT, which needs a k that is a multiple of 4,
 * or TAIL, which is HIGH for any k; form and packing are constants. */
TR_INLINE void tr_xp_tile_words(const tr_xp_tile *t, uint32_t *word, const tr_xp_form form,
                                const tr_xp_packing packing) {
  TR_XP_WORD_REGISTERS;
#define TR_XP_RUN(finish, pack)                                                              \
  __asm__ volatile(TR_XP_SUM_LOOP finish pack                                                \
                   : "=&r"(w0), "=&r"(w1), "=&r"(w2), "=&r"(w3)                                \
                   : TR_XP_TILE_FIELDS(t), [m2] "m"(t->multiplier[2]),                       \
                     [m3] "m"(t->multiplier[3]), [lut] "m"(t->lut), [mask] "m"(t->mask),     \
                     [tail_back] "m"(t->tail_back)                                           \
                   : TR_XP_CLOBBERS)
  if (form == TR_XP_TAIL && packing == TR_XP_ROW_WORDS) {
    TR_XP_RUN(TR_XP_LEFT TR_XP_HIGH_FINISH, TR_XP_PACK_ROWS);
  } else if (form == TR_XP_TAIL) {
    TR_XP_RUN(TR_XP_LEFT TR_XP_HIGH_FINISH, TR_XP_PACK_COLUMNS);
  } else if (form == TR_XP_SHORT && packing == TR_XP_ROW_WORDS) {
    TR_XP_RUN(TR_XP_SHORT_FINISH, TR_XP_PACK_ROWS);
  } else if (form == TR_XP_SHORT) {
    TR_XP_RUN(TR_XP_SHORT_FINISH, TR_XP_PACK_COLUMNS);
  } else if (packing == TR_XP_ROW_WORDS) {
    TR_XP_RUN(TR_XP_HIGH_FINISH, TR_XP_PACK_ROWS);
  } else {
    TR_XP_RUN(TR_XP_HIGH_FINISH, TR_XP_PACK_COLUMNS);
  }
#undef TR_XP_RUN
  word[0] = w0;
  word[1] = w1;
  word[2] = w2;
  word[3] = w3;
}

/* sum[c] += row . column c for whole words; moves the pointers behind them. */
TR_INLINE void tr_xp_line_words(const int8_t **row, const int8_t **column, int32_t step,
                                int32_t words, int32_t *sum) {
  uint32_t x;
  uint32_t w0;
  uint32_t w1;
  uint32_t w2;
  uint32_t w3;
  __asm__ volatile(TR_XP_BEGIN TR_XP_LOOP(0, "%[words]", 9)
                   TR_XP_LOAD_NEXT("%[x]", "%[row]", 4)
                   TR_XP_LOAD_STEP("%[w0]", "%[column]", "%[step]")
                   TR_XP_LOAD_STEP("%[w1]", "%[column]", "%[step]")
                   TR_XP_LOAD_STEP("%[w2]", "%[column]", "%[step]")
                   TR_XP_LOAD_STEP("%[w3]", "%[column]", "%[back]")
                   TR_XP_SDOTSP4("%[s0]", "%[x]", "%[w0]")
                   TR_XP_SDOTSP4("%[s1]", "%[x]", "%[w1]")
                   TR_XP_SDOTSP4("%[s2]", "%[x]", "%[w2]")
                   TR_XP_SDOTSP4("%[s3]", "%[x]", "%[w3]")
                   TR_XP_END
                   : [row] "+&r"(*row), [column] "+&r"(*column), [s0] "+&r"(sum[0]),
                     [s1] "+&r"(sum[1]), [s2] "+&r"(sum[2]), [s3] "+&r"(sum[3]), [x] "=&r"(x),
                     [w0] "=&r"(w0), [w1] "=&r"(w1), [w2] "=&r"(w2), [w3] "=&r"(w3)
                   : [step] "r"(step), [back] "r"(4 - 3 * step), [words] "r"(words)
                   : "memory");
}

#else

/* Adds the products of one word, masked, of four rows and columns. */
TR_INLINE void tr_xp_tile_word(const tr_xp_tile *t, int32_t at, uint32_t mask, int32_t *sum) {
  for (int i = 0; i < TR_XP_TILE; i++) {
    const uint32_t x = tr_xp_load(t->row + i * t->row_step + at) & mask;
    for (int j = 0; j < TR_XP_TILE; j++) {
      const uint32_t w = tr_xp_load(t->column + j * t->column_step + at);
      sum[TR_XP_TILE * j + i] = tr_xp_sdotsp4(x, w, sum[TR_XP_TILE * j + i]);
    }
  }
}

TR_INLINE void tr_xp_tile_into(const tr_xp_tile *t, int32_t *sum) {
  for (int n = 0; n < TR_XP_SUMS; n++) {
    sum[n] = tr_wrapping_add(t->column_start[n / TR_XP_TILE], t->row_start[n % TR_XP_TILE]);
  }
  for (int32_t word = 0; word < t->words; word++) {
    tr_xp_tile_word(t, 4 * word, ~0U, sum);
  }
  if (t->mask != 0) {
    tr_xp_tile_word(t, 4 * t->words + t->tail_back, t->mask, sum);
  }
}

TR_INLINE void tr_xp_tile_sums(const tr_xp_tile *t) { tr_xp_tile_into(t, t->sums); }

/* The words of a tile from its sums, which are lost. */
TR_INLINE void tr_xp_finish_words(const tr_xp_tile *t, int32_t *s, uint32_t *word,
                                  const tr_xp_form form, const tr_xp_packing packing) {
  const tr_xp_halves halves = {t->multiplier[0], t->multiplier[1], t->multiplier[2]};
  const int across = packing == TR_XP_ROW_WORDS;
  for (int n = 0; n < TR_XP_SUMS; n++) {
    if (form == TR_XP_SHORT) {
      s[n] = tr_xp_finish_short(s[n], halves);
    } else {
      s[n] = tr_xp_finish_high(s[n], t->multiplier[n / TR_XP_TILE]);
      s[n] = t->lut != 0 ? t->lut[s[n]] : s[n];
    }
  }
  for (int i = 0; i < TR_XP_TILE; i++) {
    word[i] = across ? tr_xp_pack4(s[i], s[4 + i], s[8 + i], s[12 + i])
                     : tr_xp_pack4(s[4 * i], s[4 * i + 1], s[4 * i + 2], s[4 * i + 3]);
  }
}

TR_INLINE void tr_xp_tile_words(const tr_xp_tile *t, uint32_t *word, const tr_xp_form form,
                                const tr_xp_packing packing) {
  int32_t sum[TR_XP_SUMS];
  tr_xp_tile_into(t, sum);
  tr_xp_finish_words(t, sum, word, form, packing);
}

TR_INLINE void tr_xp_line_words(const int8_t **row, const int8_t **column, int32_t step,
                                int32_t words, int32_t *sum) {
  for (; words > 0; words--) {
    const uint32_t x = tr_xp_load(*row);
    for (int j = 0; j < TR_XP_TILE; j++) {
      sum[j] = tr_xp_sdotsp4(x, tr_xp_load(*column + j * step), sum[j]);
    }
    *row += 4;
    *column += 4;
  }
}

#endif

/* sum[c] += one row times four columns, `step` bytes apart, of k >= 4 products each. */
TR_INLINE void tr_xp_line(const int8_t *row, const int8_t *column, int32_t step, int32_t k,
                          int32_t *sum) {
  tr_xp_line_words(&row, &column, step, k / 4, sum);
  if (k % 4 != 0) {
    const int32_t back = k % 4 - 4;
    const uint32_t x = tr_xp_load(row + back) & ~0U << (32 - 8 * (k % 4));
    for (int j = 0; j < TR_XP_TILE; j++) {
      sum[j] = tr_xp_sdotsp4(x, tr_xp_load(column + back + j * step), sum[j]);
    }
  }
}

#endif
