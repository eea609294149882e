#include "tinyrig_model.h"
#include "tr_pulp.h"

/* The steps as on every board, then both inferences with their steps. */
void tr_report_steps(void) {
    const tr_counts *counts = &tr_cluster_counts;
#ifdef TR_CHECKED
    const uint32_t steps =
        tr_model_info.step_count < TR_STEP_LIMIT ? tr_model_info.step_count : TR_STEP_LIMIT;
    for (uint32_t k = 0U; k < tr_model_info.step_count; k++) {
        tr_line line;
        tr_line_begin(&line, "step");
        tr_line_number(&line, "index", k);
        tr_line_text(&line, "name", tr_model_info.step_names[k]);
        tr_line_number(&line, "ticks", k < steps ? counts->steps[0][k].cycles : 0U);
        tr_line_end(&line);
    }
#endif
    for (uint32_t i = 0U; i < TR_INFERENCES; i++) {
        tr_report_work("region", i, &counts->regions[i]);
#ifdef TR_CHECKED
        for (uint32_t k = 0U; k < steps; k++) {
            const tr_step_work *step = &counts->steps[i][k];
            const tr_work sum = {.cycles = step->cycles,
                                 .instructions = {step->parts[TR_INSTRUCTIONS]}};
            tr_report_work("work", k, &sum);
            tr_report_split(k, step);
        }
#endif
    }
}
