#include "tr_pulp.h"
#include "tr_uart.h"

_Noreturn void tr_trap(uint32_t cause, uint32_t pc, uint32_t sp, uint32_t ra) {
    tr_line line;
    tr_uart_put('\n'); /* the fault may have cut a line */
    tr_line_begin(&line, "fault");
    tr_line_number(&line, "core", tr_cluster_core());
    tr_line_number(&line, "cause", cause);
    tr_line_hex(&line, "sp", sp);
    tr_line_hex(&line, "ra", ra);
    tr_line_hex(&line, "pc", pc);
    tr_line_end(&line);
    tr_uart_flush();
    tr_halt();
}
