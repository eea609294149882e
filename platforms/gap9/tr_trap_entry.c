#include "tr_pulp.h"

/* Naked and aligned as mtvec needs it. The core starts its own stack anew: what it held is of no
 * more use, and another core may fault at the same time. */
__attribute__((naked, aligned(256))) void tr_trap_entry(void) {
    __asm__ volatile(".option push\n\t"
                     ".option arch, +zicsr\n\t"
                     "csrr a0, mcause\n\t"
                     "csrr a1, mepc\n\t"
                     "csrr t0, mhartid\n\t"
                     ".option pop\n\t"
                     "mv a2, sp\n\t"
                     "mv a3, ra\n\t"
                     "la sp, tr_ld_controller_stack\n\t"
                     "srli t1, t0, 5\n\t" /* the cluster; the controller's is not 0 */
                     "bnez t1, 1f\n\t"
                     "addi t0, t0, 1\n\t"
                     "li t1, %0\n\t"
                     "mul t0, t0, t1\n\t"
                     "la sp, tr_ld_red_zone\n\t"
                     "add sp, sp, t0\n"
                     "1:\n\t"
                     "j tr_trap" ::"i"(TR_STACK_STRIDE));
}
