#include "tinyrig_model.h"
#include "tr_core.h"
#include "tr_firmware.h"
#include "tr_uart.h"

#define FIRST_FILL 0xA5U
#define SECOND_FILL 0x5AU

int main(void) {
    const uint32_t arena_size = tr_model_info.arena_size;
    tr_firmware.guard_offset = TR_NO_OFFSET;
    tr_report_model();

    tr_pattern_set(tr_arena + arena_size, arena_size);
    const uint32_t first = tr_run(FIRST_FILL);
    const uint32_t second = tr_run(SECOND_FILL);
    const uint32_t stack = tr_stack_used();

    tr_report_steps();
    tr_report_outputs();
    uint32_t good = tr_report_check("repeat", first != second, 0U);
    good &= tr_report_check("guards", tr_firmware.guard_failures, tr_firmware.guard_offset);
    good &= tr_report_check("arena_end", tr_pattern_damaged(tr_arena + arena_size, arena_size),
                            arena_size);
    good &= tr_report_check("red_zone", tr_red_zone_damage(), stack);

    tr_line line;
    tr_line_begin(&line, "stack");
    tr_line_number(&line, "used", stack);
    tr_line_number(&line, "size",
                   (uint32_t)((uintptr_t)tr_ld_stack_top - (uintptr_t)tr_ld_stack_bottom));
    tr_line_end(&line);

    tr_line_begin(&line, "end");
    tr_line_text(&line, "verdict", good != 0U ? "ok" : "fail");
    tr_line_number(&line, "lines", tr_firmware.lines);
    tr_line_end(&line);
    tr_uart_flush();
    tr_halt();
}
