#include "tr_pulp.h"

#ifdef TR_CHECKED
void tr_report_split(uint32_t index, const tr_step_work *work) {
    static const char *const names[TR_PARTS] = {
        [TR_HAZARDS] = "hazards", [TR_BRANCHES] = "branches", [TR_LATENCY] = "latency",
        [TR_ICACHE] = "icache",   [TR_DMA] = "dma",           [TR_BARRIER] = "barrier",
    };
    tr_line line;
    tr_line_begin(&line, "split");
    tr_line_number(&line, "index", index);
    for (uint32_t part = TR_HAZARDS; part < TR_PARTS; part++) {
        tr_line_number(&line, names[part], work->parts[part]);
    }
    tr_line_end(&line);
}
#endif
