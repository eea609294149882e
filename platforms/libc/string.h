/* The three functions a compiler may call on its own. `n` bytes; copies must not overlap,
 * moves may. */
#ifndef TR_STRING_H
#define TR_STRING_H

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int value, size_t n);

#endif
