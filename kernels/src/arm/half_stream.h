/* Bytes multiplied two at a time as halves of 16 bits, without widening all of them.
 *
 * Four bytes of a column, k to k + 3, are two halves 256 h + l with h the odd bytes and l the even
 * ones plus 128, from 0 to 255: one word in memory. Four bytes of a row become two words of pairs:
 * u, the odd bytes plus 128, and y, 256 times the even ones plus 255 - u. Then
 *
 *   u (256 h + l) + y l = 256 (u h + x_even l) + 255 l:
 *
 * a column's word serves as it is, and once more with its upper bytes cleared. The sum is 256 times
 * a product, but for terms of the column and of the row alone, and goes modulo 2^32: it may be used
 * where the whole of it, less these terms, is an int32.
 *
 * A panel of three rows (arm/panel.h) has u and y in place of its two pairs. A stream has, for
 * a pair of columns, two words of start values and then the words of both columns by turns. The
 * first unit of either stands for tr_first_unit(k) columns; those behind are zeros in the stream. */
#ifndef TINYRIG_HALF_STREAM_H
#define TINYRIG_HALF_STREAM_H

#include "arm/gather.h"
#include "arm/panel.h"

#define TR_LOW_MASK 0x00FF00FFU

/* Bytes of a pair of columns. */
TR_INLINE int32_t tr_half_pair(int32_t k) { return 8 + 2 * TR_UNIT * tr_units(k); }

/* acc + u w + y l, of two words of a row and one of a column. */
TR_INLINE int32_t tr_half_product(const uint32_t *row, uint32_t w, int32_t acc) {
  return tr_dot2(row[1], w & TR_LOW_MASK, tr_dot2(row[0], w, acc));
}

/* The first `count` bytes of a word. */
TR_INLINE uint32_t tr_keep_bytes(uint32_t word, int32_t count) {
  if (count >= 4) {
    return word;
  }
  return count > 0 ? word & (0xFFFFFFFFU >> (32 - 8 * count)) : 0;
}

/* The word of four bytes of a column that are all `value`. */
TR_INLINE uint32_t tr_half_constant(int32_t value) {
  return ((uint32_t)value & 0xFFU) * 0x01010101U ^ 0x00800080U;
}

/* A column of one value: the words of its first unit, and of all others. */
typedef struct {
  uint32_t first[2];
  uint32_t w;
} tr_half_column;

TR_INLINE tr_half_column tr_half_column_of(int32_t value, int32_t k) {
  const uint32_t w = tr_half_constant(value);
  const int32_t first = tr_first_unit(k);
  const tr_half_column column = {{tr_keep_bytes(w, first), tr_keep_bytes(w, first - 4)}, w};
  return column;
}

/* One unit of a row of a panel of three, and acc plus its product with the words at w. */
TR_INLINE int32_t tr_half_pack_unit(uint32_t *to, const int8_t *x, const uint32_t *w, int32_t acc) {
  for (int group = 0; group < 2; group++) {
    const uint32_t z = tr_load4(x + 4 * group) ^ 0x7F007F00U;
    uint32_t *const pairs = to + 6 * group;
    pairs[1] = (z << 8 & ~TR_LOW_MASK) | (z >> 8 & TR_LOW_MASK);
    pairs[0] = TR_LOW_MASK & ~pairs[1];
    acc = tr_half_product(pairs, w[group], acc);
  }
  return acc;
}

/* `left` columns, whole pairs of units. */
TR_INLINE int32_t tr_half_pack_pairs(uint32_t *to, const int8_t *from, int32_t left, uint32_t w,
                                     int32_t acc) {
#if defined(__ARM_FEATURE_DSP)
#define TR_PACK_FOUR(word, first, second)                   \
  "eor %[" word "], %[" word "], #0x7F007F00\n\t"           \
  "rev16.w %[" word "], %[" word "]\n\t"                    \
  "bic.w %[u], %[mask], %[" word "]\n\t"                    \
  "str %[u], [%[to]" first "\n\t"                         \
  "str %[" word "], [%[to], #" second "]\n\t"             \
  "smlad %[acc], %[u], %[w], %[acc]\n\t"                    \
  "smlad %[acc], %[" word "], %[l], %[acc]\n\t"
  /* The word before the next: the last load moves it on. */
  uint32_t x = (uint32_t)(uintptr_t)from - 4;
  const uint32_t end = x + (uint32_t)left;
  const uint32_t mask = TR_LOW_MASK;
  uint32_t a;
  uint32_t b;
  uint32_t c;
  uint32_t d;
  uint32_t u;
  TR_NO_UNROLL
  while (x != end) {
    __asm__ volatile(
        "ldr.w %[a], [%[x], #4]\n\t"
        "ldr.w %[b], [%[x], #8]\n\t"
        "ldr.w %[c], [%[x], #12]\n\t"
        "ldr %[d], [%[x], #16]!\n\t"
        TR_PACK_FOUR("a", "], #96", "-92") TR_PACK_FOUR("b", ", #-72]", "-68")
        TR_PACK_FOUR("c", ", #-48]", "-44") TR_PACK_FOUR("d", ", #-24]", "-20")
        : [a] "=&r"(a), [b] "=&r"(b), [c] "=&r"(c), [d] "=&r"(d), [u] "=&r"(u), [x] "+&r"(x),
          [to] "+&r"(to), [acc] "+&r"(acc)
        : [mask] "r"(mask), [w] "r"(w), [l] "r"(w & TR_LOW_MASK)
        : "memory");
  }
#undef TR_PACK_FOUR
#else
  const uint32_t words[2] = {w, w};
  for (; left > 0; left -= TR_UNIT) {
    acc = tr_half_pack_unit(to, from, words, acc);
    from += TR_UNIT;
    to += 12;
  }
#endif
  return acc;
}

/* Packs a row of a panel of three; returns its product with a column. */
TR_NOINLINE int32_t tr_half_pack_row(uint32_t *to, const int8_t *x, int32_t k,
                                     const tr_half_column *column) {
  const uint32_t words[2] = {column->w, column->w};
  const int32_t first = k & (TR_UNIT - 1);
  int32_t acc = 0;
  if (first != 0) {
    acc = tr_half_pack_unit(to, x, column->first, acc);
    x += first;
    to += 12;
  }
  if ((k & TR_UNIT) != 0) {
    acc = tr_half_pack_unit(to, x, words, acc);
    x += TR_UNIT;
    to += 12;
  }
  return tr_half_pack_pairs(to, x, k & ~(2 * TR_UNIT - 1), column->w, acc);
}

/* Of a column: the sum of its halves, and the sums of their low bytes by lanes, which have room for
 * 1028 of k. */
typedef struct {
  int32_t halves;
  uint32_t low;
} tr_half_sums;

TR_INLINE void tr_half_sum(tr_half_sums *sums, uint32_t w) {
  sums->halves = tr_dot2(w, 0x00010001U, sums->halves);
  sums->low += w & TR_LOW_MASK;
}

/* The product of a column with the row whose bytes are all `value`, without what every row has. */
TR_INLINE int32_t tr_half_row_product(int32_t value, const tr_half_sums *sums) {
  const uint32_t low = (sums->low & 0xFFFFU) + (sums->low >> 16);
  return (int32_t)((uint32_t)(128 + value) * (uint32_t)sums->halves +
                   (uint32_t)(127 + 255 * value) * low);
}

/* The sums of a pair of columns, whose `units` are at `w`. */
TR_INLINE void tr_half_sum_pair(const int8_t *w, int32_t units, tr_half_sums *one,
                                tr_half_sums *other) {
#if defined(__ARM_FEATURE_DSP)
  /* The word before the next: the last load moves it on. */
  uint32_t at = (uint32_t)(uintptr_t)w - 4;
  const uint32_t end = at + 2 * TR_UNIT * (uint32_t)units;
  uint32_t a;
  uint32_t b;
  uint32_t c;
  uint32_t d;
  TR_NO_UNROLL
  while (at != end) {
    __asm__(
        "ldr.w %[a], [%[at], #4]\n\t"
        "ldr.w %[b], [%[at], #8]\n\t"
        "ldr.w %[c], [%[at], #12]\n\t"
        "ldr %[d], [%[at], #16]!\n\t"
        "smlad %[s0], %[a], %[ones], %[s0]\n\t"
        "uxtab16 %[l0], %[l0], %[a]\n\t"
        "smlad %[s1], %[b], %[ones], %[s1]\n\t"
        "uxtab16 %[l1], %[l1], %[b]\n\t"
        "smlad %[s0], %[c], %[ones], %[s0]\n\t"
        "uxtab16 %[l0], %[l0], %[c]\n\t"
        "smlad %[s1], %[d], %[ones], %[s1]\n\t"
        "uxtab16 %[l1], %[l1], %[d]\n\t"
        : [a] "=&r"(a), [b] "=&r"(b), [c] "=&r"(c), [d] "=&r"(d), [at] "+&r"(at),
          [s0] "+&r"(one->halves), [s1] "+&r"(other->halves), [l0] "+&r"(one->low),
          [l1] "+&r"(other->low)
        : [ones] "r"(0x00010001U)
        : "memory");
  }
#else
  for (int32_t i = 0; i < 2 * units; i++) {
    tr_half_sum(one, tr_load4(w + 8 * i));
    tr_half_sum(other, tr_load4(w + 8 * i + 4));
  }
#endif
}

/* The product of a column of one value with a row of one value. */
TR_NOINLINE int32_t tr_half_row_column(int32_t value, const tr_half_column *column, int32_t k) {
  tr_half_sums sums = {0, 0};
  tr_half_sum(&sums, column->first[0]);
  tr_half_sum(&sums, column->first[1]);
  for (int32_t words = 2 * (tr_units(k) - 1); words > 0; words--) {
    tr_half_sum(&sums, column->w);
  }
  return tr_half_row_product(value, &sums);
}

/* The start values of a pair of columns: what the row whose bytes are all `value` takes away. */
TR_NOINLINE void tr_half_stream_start(int8_t *stream, int32_t k, int32_t value) {
  tr_half_sums one = {0, 0};
  tr_half_sums other = {0, 0};
  tr_half_sum_pair(stream + 8, tr_units(k), &one, &other);
  tr_store4(stream, -(uint32_t)tr_half_row_product(value, &one));
  tr_store4(stream + 4, -(uint32_t)tr_half_row_product(value, &other));
}

/* Two columns, contiguous bytes. */
TR_NOINLINE void tr_half_stream_two(int8_t *to, const int8_t *one, const int8_t *other, int32_t k) {
  int32_t keep = tr_first_unit(k);
  int8_t *w = to + 8;
  TR_NO_UNROLL
  for (int32_t left = k; left > 0; left -= keep) {
    keep = left == k ? keep : TR_UNIT;
    for (int32_t at = 0; at < TR_UNIT; at += 4) {
      tr_store4(w, tr_keep_bytes(tr_load4(one + at) ^ 0x00800080U, keep - at));
      tr_store4(w + 4, tr_keep_bytes(tr_load4(other + at) ^ 0x00800080U, keep - at));
      w += 8;
    }
    one += keep;
    other += keep;
  }
}

/* Four rows of k by four columns that lie side by side, `keep` rows of them not zero. */
TR_INLINE void tr_half_stream_block(int8_t *to, int8_t *next, const int8_t *from, int32_t from_row,
                                    int32_t keep) {
  const uint32_t a = tr_load4(from) ^ 0x80808080U;
  const uint32_t b = tr_load4(from + from_row);
  const uint32_t c = tr_load4(from + 2 * from_row) ^ 0x80808080U;
  const uint32_t d = tr_load4(from + 3 * from_row);
  const uint32_t ab_even = (a & TR_LOW_MASK) | (b & TR_LOW_MASK) << 8;
  const uint32_t cd_even = (c & TR_LOW_MASK) | (d & TR_LOW_MASK) << 8;
  const uint32_t ab_odd = (a >> 8 & TR_LOW_MASK) | (b & ~TR_LOW_MASK);
  const uint32_t cd_odd = (c >> 8 & TR_LOW_MASK) | (d & ~TR_LOW_MASK);
  tr_store4(to, tr_keep_bytes(tr_low_halves(ab_even, cd_even), keep));
  tr_store4(to + 4, tr_keep_bytes(tr_low_halves(ab_odd, cd_odd), keep));
  tr_store4(next, tr_keep_bytes(tr_high_halves(ab_even, cd_even), keep));
  tr_store4(next + 4, tr_keep_bytes(tr_high_halves(ab_odd, cd_odd), keep));
}

/* Four columns side by side: two pairs. */
TR_NOINLINE void tr_half_stream_four(int8_t *to, const int8_t *from, int32_t from_row, int32_t k) {
  const int32_t first = k & (TR_UNIT - 1);
  int8_t *next = to + tr_half_pair(k) + 8;
  to += 8;
  if (first != 0) {
    tr_half_stream_block(to, next, from, from_row, first);
    tr_half_stream_block(to + 8, next + 8, from + 4 * from_row, from_row, first - 4);
    to += 16;
    next += 16;
    from += first * from_row;
  }
  TR_NO_UNROLL
  for (int32_t left = k - first; left > 0; left -= 4) {
    tr_half_stream_block(to, next, from, from_row, 4);
    to += 8;
    next += 8;
    from += 4 * from_row;
  }
}

#endif
