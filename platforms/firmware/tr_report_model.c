#include "tinyrig_model.h"
#include "tr_firmware.h"

#ifdef TR_CHECKED
#define BUILD_KIND "checked"
#else
#define BUILD_KIND "clean"
#endif

void tr_report_model(void) {
    const tr_model *model = &tr_model_info;
    tr_line line;
    tr_line_begin(&line, "hello");
    tr_line_number(&line, "version", TR_PROTOCOL_VERSION);
    tr_line_text(&line, "board", model->board);
    tr_line_text(&line, "model", model->name);
    tr_line_text(&line, "hash", model->hash);
    tr_line_end(&line);

    tr_line_begin(&line, "build");
    tr_line_text(&line, "kind", BUILD_KIND);
    tr_line_number(&line, "arena", model->arena_size);
    tr_line_number(&line, "steps", model->step_count);
    tr_line_number(&line, "outputs", model->output_count);
    tr_line_end(&line);
}
