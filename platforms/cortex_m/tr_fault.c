#include "tr_cortex_m.h"
#include "tr_firmware.h"
#include "tr_uart.h"

#define SCB_ICSR 0xE000ED04U
#define SCB_CFSR 0xE000ED28U
#define SCB_HFSR 0xE000ED2CU
#define SCB_BFAR 0xE000ED38U
#define ICSR_VECTACTIVE 0x1FFU

_Noreturn void tr_fault(const tr_frame *frame) {
    const uintptr_t place = (uintptr_t)frame;
    const uintptr_t last = (uintptr_t)tr_ld_stack_top - sizeof(tr_frame);
    tr_frame copy = {0U, 0U, 0U, 0U, 0U, 0U, 0U, 0U};
    if (place >= (uintptr_t)tr_ld_red_zone && place <= last) {
        copy = *frame; /* else the push itself failed and there is no frame to read */
    }
    tr_line line;
    tr_uart_put('\n'); /* the fault may have cut a line */
    tr_line_begin(&line, "fault");
    tr_line_number(&line, "exception", TR_REGISTER(SCB_ICSR) & ICSR_VECTACTIVE);
    tr_line_hex(&line, "cfsr", TR_REGISTER(SCB_CFSR));
    tr_line_hex(&line, "hfsr", TR_REGISTER(SCB_HFSR));
    tr_line_hex(&line, "address", TR_REGISTER(SCB_BFAR));
    tr_line_hex(&line, "r0", copy.r0);
    tr_line_hex(&line, "r1", copy.r1);
    tr_line_hex(&line, "r2", copy.r2);
    tr_line_hex(&line, "r3", copy.r3);
    tr_line_hex(&line, "r12", copy.r12);
    tr_line_hex(&line, "sp", (uint32_t)place + (uint32_t)sizeof(tr_frame));
    tr_line_hex(&line, "lr", copy.lr);
    tr_line_hex(&line, "pc", copy.pc);
    tr_line_hex(&line, "xpsr", copy.xpsr);
    tr_line_end(&line);
    tr_uart_flush();
    tr_halt();
}
