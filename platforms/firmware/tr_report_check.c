#include "tr_firmware.h"

uint32_t tr_report_check(const char *name, uint32_t failures, uint32_t detail) {
    tr_line line;
    tr_line_begin(&line, "check");
    tr_line_text(&line, "name", name);
    tr_line_number(&line, "failures", failures);
    tr_line_number(&line, "detail", detail);
    tr_line_end(&line);
    return failures == 0U;
}
