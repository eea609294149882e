/* Memory functions under the names the ARM run-time ABI gives them; a compiler for "eabi"
 * calls these in place of memset. */
#ifndef TR_AEABI_H
#define TR_AEABI_H

#include <stddef.h>

void __aeabi_memset(void *to, size_t n, int value);
void __aeabi_memset4(void *to, size_t n, int value);
void __aeabi_memset8(void *to, size_t n, int value);
void __aeabi_memclr(void *to, size_t n);
void __aeabi_memclr4(void *to, size_t n);
void __aeabi_memclr8(void *to, size_t n);

#endif
