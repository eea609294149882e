#include "tr_pulp.h"

/* Naked, so that nothing lives on a stack while it is painted. */
__attribute__((naked)) _Noreturn void tr_reset(void) {
    __asm__ volatile(".option push\n\t"
                     ".option arch, +zicsr\n\t"
                     "la t0, tr_trap_entry\n\t"
                     "csrw mtvec, t0\n\t"
                     "csrr t0, mhartid\n\t"
                     ".option pop\n\t"
                     "srli t1, t0, 5\n\t" /* the cluster; the controller's is not 0 */
                     "beqz t1, 1f\n\t"
                     "la sp, tr_ld_controller_stack\n\t"
                     "j tr_controller\n"
                     "1:\n\t"
                     "andi t0, t0, 31\n\t"
                     "la t1, tr_ld_red_zone\n\t"
                     "li t2, %0\n\t"
                     "mul t0, t0, t2\n\t"
                     "add t1, t1, t0\n\t"
                     "add sp, t1, t2\n\t"
                     "li t2, %1\n"
                     "2:\n\t"
                     "sw t2, 0(t1)\n\t"
                     "addi t1, t1, 4\n\t"
                     "bltu t1, sp, 2b\n\t"
                     "j tr_core_start" ::"i"(TR_STACK_STRIDE),
                     "i"(TR_PAINT));
}
