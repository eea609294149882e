/* Weights that are copied to scratch before they are read: flash that waits for every line of them is
 * read once, whatever rows there are. */
#ifndef TINYRIG_KEPT_H
#define TINYRIG_KEPT_H

#include "common/dsp.h"

/* `bytes`, a multiple of 16, from `from` on; returns where the copy ends. */
TR_INLINE int8_t *tr_kept(const int8_t *from, int32_t bytes, int8_t *to) {
  const int8_t *const end = from + bytes;
  TR_NO_UNROLL
  for (; from != end; from += 16) {
    const uint32_t a = tr_load4(from);
    const uint32_t b = tr_load4(from + 4);
    const uint32_t c = tr_load4(from + 8);
    const uint32_t d = tr_load4(from + 12);
    tr_store4(to, a);
    tr_store4(to + 4, b);
    tr_store4(to + 8, c);
    tr_store4(to + 12, d);
    to += 16;
  }
  return to;
}

#endif
