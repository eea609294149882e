#include "tr_aeabi.h"

#ifdef __arm__
__attribute__((naked)) void __aeabi_memclr(void *to, size_t n) {
    __asm__ volatile("mov r2, r1\n\t"
                     "movs r1, #0\n\t"
                     "b memset");
}

void __aeabi_memclr4(void *to, size_t n) __attribute__((alias("__aeabi_memclr")));
void __aeabi_memclr8(void *to, size_t n) __attribute__((alias("__aeabi_memclr")));
#endif
