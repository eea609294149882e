#include "tr_pulp.h"

/* Naked and aligned as mtvec needs it. What a core's stack held is of no more use, unless it
 * tells how deep it was. */
__attribute__((naked, aligned(256))) void tr_trap_entry(void) {
    __asm__ volatile(".option push\n\t"
                     ".option arch, +zicsr\n\t"
                     "csrr a0, mcause\n\t"
                     "csrr a1, mepc\n\t"
                     ".option pop\n\t"
                     "mv a2, sp\n\t"
                     "mv a3, ra\n\t"
                     "la sp, tr_ld_controller_stack\n\t"
                     "j tr_trap");
}
