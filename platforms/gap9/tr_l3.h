/* Copies from L3, hyperram that no core reads, to L2: by the uDMA, while the cores go on. */
#ifndef TR_L3_H
#define TR_L3_H

#include <stdint.h>

/* Begin to copy `size` bytes of L3 to L2. `from` is where the linker has them, which no core may
 * read. Addresses and size are multiples of 4, size < 2^20; at most eight copies are under way.
 * They end in their order. The first core begins them, the others do nothing. */
void tr_l3_start(void *to, const void *from, uint32_t size);

/* The first core waits until only the last `behind` copies are under way. */
void tr_l3_wait(uint32_t behind);

/* The controller, before any core runs: fill L3 from the flash beside it, by way of L2. */
void tr_l3_load(void);

#endif
