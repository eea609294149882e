#include "tinyrig_model.h"
#include "tr_firmware.h"

void tr_report_steps(void) {
#ifdef TR_CHECKED
    for (uint32_t k = 0; k < tr_model_info.step_count; k++) {
        tr_line line;
        tr_line_begin(&line, "step");
        tr_line_number(&line, "index", k);
        tr_line_text(&line, "name", tr_model_info.step_names[k]);
        tr_line_number(&line, "ticks", k < TR_STEP_LIMIT ? tr_firmware.step_ticks[k] : 0U);
        tr_line_end(&line);
    }
#endif
}
