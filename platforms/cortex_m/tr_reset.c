#include "tr_cortex_m.h"

/* Naked, so that nothing lives on the stack while it and its red zone are painted. */
__attribute__((naked)) _Noreturn void tr_reset(void) {
    __asm__ volatile("ldr r0, =tr_ld_stack_top\n\t"
                     "mov sp, r0\n\t"
                     "ldr r1, =tr_ld_red_zone\n\t"
                     "ldr r2, =%c0\n"
                     "1:\n\t"
                     "str r2, [r1], #4\n\t"
                     "cmp r1, r0\n\t"
                     "blo 1b\n\t"
                     "bl tr_start\n\t"
                     ".ltorg" ::"i"(TR_PAINT));
}
