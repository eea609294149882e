/* The Cortex-M part of the firmware: start-up, faults, the cycle counter, the stack. */
#ifndef TR_CORTEX_M_H
#define TR_CORTEX_M_H

#include <stdint.h>

#include "tr_core.h"

#define TR_REGISTER(address) (*(volatile uint32_t *)(uintptr_t)(address))
#define TR_DWT_CTRL 0xE0001000U
#define TR_DWT_CYCCNT 0xE0001004U /* reads 0 where nothing counts */
#define TR_PAINT 0xC5C5C5C5U /* what the stack and its red zone hold before main */

/* Boundaries set by the linker script; only their addresses mean something. */
extern uint32_t tr_ld_vectors[];
extern uint32_t tr_ld_data_start[], tr_ld_data_end[], tr_ld_data_load[];
extern uint32_t tr_ld_bss_start[], tr_ld_bss_end[];
extern uint32_t tr_ld_copied_start[], tr_ld_copied_end[], tr_ld_copied_load[];
extern uint32_t tr_ld_code_start[], tr_ld_code_end[], tr_ld_code_load[];

/* What the core pushes on an exception. */
typedef struct {
    uint32_t r0, r1, r2, r3, r12, lr, pc, xpsr;
} tr_frame;

/* A register to set at boot, and one to wait for (0: none); from the board's description. */
typedef struct {
    uint32_t address, set, ready_address, ready_mask;
} tr_boot_write;

/* Reset entry: paints the stack and its red zone, then calls tr_start. */
_Noreturn void tr_reset(void);

/* FPU, board registers, data and bss, cycle counter, UART, main. */
_Noreturn void tr_start(void);

/* Apply the board's boot writes. A wait ends after a fixed number of reads. */
void tr_board_boot(void);

/* Make flash outside the chip readable like memory at TR_EXTERNAL_FLASH_BASE: called once, before
 * data and bss are set, when the weights lie there. Weak and empty: it depends on the part and its
 * pins, so a board brings its own (docs/boards.md). */
void tr_board_external_flash_init(void);

/* Every exception but reset: reports one line and halts. */
void tr_fault_entry(void);
_Noreturn void tr_fault(const tr_frame *frame);

/* Start the DWT cycle counter. */
void tr_ticks_start(void);

#endif
