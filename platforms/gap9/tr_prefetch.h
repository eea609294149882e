/* Copies from L2 to L1 behind the cores' backs. */
#ifndef TR_PREFETCH_H
#define TR_PREFETCH_H

#include <stdint.h>

/* Copy `size` bytes while the cores go on, one copy at a time: the first core starts it, and every
 * core waits for its end. Addresses and size are multiples of 4, size < 2^17. */
void tr_prefetch_start(void *to, const void *from, uint32_t size);
void tr_prefetch_wait(void);

/* For models that L1 holds in parts: copies between L2 and L1, any number of them at a time. The
 * first core starts them; every core waits for the end of all. `size` bytes, size < 2^17; with a
 * stride they are runs of `length` bytes that far apart in L2, one behind the other in L1. */
void tr_move_start(uint8_t *fast, const uint8_t *slow, uint32_t size, uint32_t length,
                   uint32_t stride, uint32_t inward);
void tr_move_wait(void);

/* Called by every core before the first inference: starts the copy an inference begins by waiting
 * for. Models define it whose inferences end with the start of such a copy for the next; for others
 * it does nothing. */
void tr_load(void);

#endif
