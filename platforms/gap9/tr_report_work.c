#include "tr_pulp.h"

void tr_report_work(const char *kind, uint32_t index, const tr_work *work) {
    uint32_t instructions = 0U;
    for (uint32_t core = 0U; core < TR_CORES; core++) {
        instructions += work->instructions[core];
    }
    tr_line line;
    tr_line_begin(&line, kind);
    tr_line_number(&line, "index", index);
    tr_line_number(&line, "instructions", instructions);
    tr_line_number(&line, "cycles", work->cycles);
    tr_line_end(&line);
}
