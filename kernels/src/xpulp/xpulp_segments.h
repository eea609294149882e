/* A tile of four rows by four columns whose rows are no bytes side by side: they lie in segments,
 * each of them anywhere, as the windows of a convolution do in an image. The loop over the words of
 * a segment is that of a tile, but that each row has a pointer of its own. */
#ifndef TINYRIG_XPULP_SEGMENTS_H
#define TINYRIG_XPULP_SEGMENTS_H

#include "xpulp/xpulp_tile.h"

/* `at` has the pointers of the four rows, segment after segment; the asm moves it. Of the tile,
 * rows and their length are not read. */
typedef struct {
  tr_xp_tile tile;
  const int8_t *const *at;
  int32_t count; /* segments, at least 1 */
  int32_t words; /* of a segment, at least 1 */
  int32_t kept;  /* tp, while it points to row 3 */
} tr_xp_segments;

#if defined(TR_XPULP_INSN)

/* Where a segment's pointers are, and its length: the last of the outer loop, for its end is to be
 * two instructions behind that of the inner one. */
#define TR_XP_SEGMENT_NEXT \
  "lw a5, %[at]\n\t"       \
  "lw a4, %[segment_words]\n\t"

/* Rows are walked by t0, t1, t2 and tp, which no compiler gives away and which is put back. */
#define TR_XP_SEGMENT                                                         \
  TR_XP_LOAD_NEXT("t0", "a5", 4) TR_XP_LOAD_NEXT("t1", "a5", 4)               \
  TR_XP_LOAD_NEXT("t2", "a5", 4) TR_XP_LOAD_NEXT("tp", "a5", 4)               \
  "sw a5, %[at]\n\t" TR_XP_LOOP(0, "a4", 24)                                  \
  TR_XP_COLUMNS TR_XP_LOAD_NEXT("a4", "t0", 4) TR_XP_LOAD_NEXT("a5", "t1", 4) \
  TR_XP_ROW_0(TR_XP_SDOTSP4, "a4") TR_XP_LOAD_NEXT("a4", "t2", 4)             \
  TR_XP_ROW_1(TR_XP_SDOTSP4, "a5") TR_XP_LOAD_NEXT("a5", "tp", 4)             \
  TR_XP_ROW_2(TR_XP_SDOTSP4, "a4") TR_XP_ROW_3(TR_XP_SDOTSP4, "a5")           \
  TR_XP_SEGMENT_NEXT

#define TR_XP_SEGMENTS                                                            \
  TR_XP_STARTS                                                                    \
  "lw a6, %[segments]\n\t"                                                        \
  "lw t3, %[column]\n\t"                                                          \
  "lw t4, %[column_step]\n\t"                                                     \
  "lw t5, %[column_back]\n\t"                                                     \
  "sw tp, %[kept]\n\t" TR_XP_BEGIN TR_XP_SEGMENT_NEXT TR_XP_LOOP(1, "a6", 32)     \
  TR_XP_SEGMENT TR_XP_END                                                         \
  "lw tp, %[kept]\n\t"

#define TR_XP_SEGMENT_MOVES(s) [at] "+m"((s)->at), [kept] "=m"((s)->kept)
#define TR_XP_SEGMENT_FIELDS(s)                                              \
  TR_XP_TILE_FIELDS(&(s)->tile), [segments] "m"((s)->count), [segment_words] "m"((s)->words)

/* sums[4 * column + row]. */
TR_INLINE void tr_xp_segment_sums(tr_xp_segments *s) {
  __asm__ volatile(TR_XP_SEGMENTS TR_XP_KEEP_SUMS
                   : TR_XP_SEGMENT_MOVES(s)
                   : TR_XP_SEGMENT_FIELDS(s), [sums] "m"(s->tile.sums)
                   : "a0", "a1", "a2", "a3", TR_XP_CLOBBERS);
}

/* The outputs of a row in one word each; form, a constant, is HIGH or SHORT. */
TR_INLINE void tr_xp_segment_words(tr_xp_segments *s, uint32_t *word, const tr_xp_form form) {
  TR_XP_WORD_REGISTERS;
#define TR_XP_RUN(finish)                                                                    \
  __asm__ volatile(TR_XP_SEGMENTS finish TR_XP_PACK_ROWS                                     \
                   : "=&r"(w0), "=&r"(w1), "=&r"(w2), "=&r"(w3), TR_XP_SEGMENT_MOVES(s)      \
                   : TR_XP_SEGMENT_FIELDS(s), [m2] "m"(s->tile.multiplier[2]),               \
                     [m3] "m"(s->tile.multiplier[3]), [lut] "m"(s->tile.lut)                 \
                   : TR_XP_CLOBBERS)
  if (form == TR_XP_SHORT) {
    TR_XP_RUN(TR_XP_SHORT_FINISH);
  } else {
    TR_XP_RUN(TR_XP_HIGH_FINISH);
  }
#undef TR_XP_RUN
  word[0] = w0;
  word[1] = w1;
  word[2] = w2;
  word[3] = w3;
}

#else

TR_INLINE void tr_xp_segments_into(tr_xp_segments *s, int32_t *sum) {
  for (int n = 0; n < TR_XP_SUMS; n++) {
    sum[n] = s->tile.column_start[n / TR_XP_TILE];
  }
  const int8_t *column = s->tile.column;
  for (int32_t segment = 0; segment < s->count; segment++) {
    for (int32_t at = 0; at < 4 * s->words; at += 4) {
      for (int n = 0; n < TR_XP_SUMS; n++) {
        const uint32_t x = tr_xp_load(s->at[n % TR_XP_TILE] + at);
        const uint32_t w = tr_xp_load(column + n / TR_XP_TILE * s->tile.column_step);
        sum[n] = tr_xp_sdotsp4(x, w, sum[n]);
      }
      column += 4;
    }
    s->at += TR_XP_TILE;
  }
}

TR_INLINE void tr_xp_segment_sums(tr_xp_segments *s) { tr_xp_segments_into(s, s->tile.sums); }

TR_INLINE void tr_xp_segment_words(tr_xp_segments *s, uint32_t *word, const tr_xp_form form) {
  int32_t sum[TR_XP_SUMS];
  tr_xp_segments_into(s, sum);
  tr_xp_finish_words(&s->tile, sum, word, form, TR_XP_ROW_WORDS);
}

#endif

#endif
