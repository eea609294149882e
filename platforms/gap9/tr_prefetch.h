/* Copies from L2 to L1 behind the cores' backs. */
#ifndef TR_PREFETCH_H
#define TR_PREFETCH_H

#include <stdint.h>

/* Copy `size` bytes while the cores go on, one copy at a time: the first core starts it, and every
 * core waits for its end. Addresses and size are multiples of 4, size < 2^17. */
void tr_prefetch_start(void *to, const void *from, uint32_t size);
void tr_prefetch_wait(void);

/* Called by every core before the first inference: starts the copy an inference begins by waiting
 * for. Models define it whose inferences end with the start of such a copy for the next; for others
 * it does nothing. */
void tr_load(void);

#endif
