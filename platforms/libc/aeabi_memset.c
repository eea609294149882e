#include "tr_aeabi.h"

#ifdef __arm__
/* Naked, because a compiler would turn a call of memset into a call of this very function. */
__attribute__((naked)) void __aeabi_memset(void *to, size_t n, int value) {
    __asm__ volatile("mov r3, r1\n\t"
                     "mov r1, r2\n\t"
                     "mov r2, r3\n\t"
                     "b memset");
}

void __aeabi_memset4(void *to, size_t n, int value) __attribute__((alias("__aeabi_memset")));
void __aeabi_memset8(void *to, size_t n, int value) __attribute__((alias("__aeabi_memset")));
#endif
