#include "tr_cortex_m.h"

/* The frame is at MSP. The handler gets a fresh stack: the old one may be what failed. */
__attribute__((naked)) void tr_fault_entry(void) {
    __asm__ volatile("mrs r0, msp\n\t"
                     "ldr r1, =tr_ld_stack_top\n\t"
                     "msr msp, r1\n\t"
                     "b tr_fault\n\t"
                     ".ltorg");
}
