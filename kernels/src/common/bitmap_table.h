/* Exponentials that are computed when they are first asked for, and a bit for each that is known
 * (TinyFormer, arXiv 2311.01759, III-D). */
#ifndef TINYRIG_BITMAP_TABLE_H
#define TINYRIG_BITMAP_TABLE_H

#include "tinyrig/softmax.h"

typedef struct {
  uint32_t known[8];
  uint16_t value[256];
} tr_bitmap_table;

_Static_assert(sizeof(tr_bitmap_table) == 544, "the registry knows");

static inline void tr_bitmap_clear(tr_bitmap_table *table) {
  for (int32_t word = 0; word < 8; word++) {
    table->known[word] = 0;
  }
}

/* round(top * 2^-(below * multiplier / 2^16)), the power a polynomial of what is left of halvings
 * (I-BERT), in 15 bits. */
static inline uint32_t tr_bitmap_computed(const tr_softmax_bitmap_s8_params *p, uint32_t below) {
  const uint32_t halved = below * (uint32_t)p->multiplier;
  const uint32_t shift = 15 + (halved >> 16);
  const uint32_t x = 44335U - ((halved & 0xffffU) * 45426U >> 17);
  const uint32_t polynomial = ((x * x >> 15) * 11747U >> 15) + 11272U;
  const uint32_t power = polynomial < 32768U ? polynomial : 32768U;
  return shift > 31 ? 0 : ((uint32_t)p->top * power + (1U << (shift - 1))) >> shift;
}

static inline uint32_t tr_bitmap_exponential(const tr_softmax_bitmap_s8_params *p,
                                             tr_bitmap_table *table, uint32_t below) {
  const uint32_t bit = 1U << (below & 31U);
  if ((table->known[below >> 5] & bit) == 0) {
    table->known[below >> 5] |= bit;
    table->value[below] = (uint16_t)tr_bitmap_computed(p, below);
  }
  return table->value[below];
}

#endif
