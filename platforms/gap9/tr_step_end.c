#include "tinyrig_model.h"
#include "tr_pulp.h"

#ifdef TR_CHECKED
/* Every core adds up a part of all cores: the step after this one waits for no single core. */
__attribute__((noinline)) void tr_step_end(uint32_t step) {
    uint32_t parts[TR_PARTS];
    const uint32_t cycles = tr_counters_end(parts);
    const uint32_t core = tr_cluster_core();
    tr_counts *counts = &tr_cluster_counts;
    parts[TR_DMA] = counts->copies[core];
    const uint32_t slept = parts[TR_BARRIER] - counts->copies[core];
    /* Counters are read some cycles apart: a core that never slept may have slept less than not. */
    parts[TR_BARRIER] = slept <= INT32_MAX ? slept : 0U;
    for (uint32_t part = 0U; part < TR_PARTS; part++) {
        counts->parts[core][part] = parts[part];
    }
    tr_cluster_barrier();
    if (step >= TR_STEP_LIMIT) {
        return;
    }
    tr_step_work *sums = &counts->steps[counts->inference % TR_INFERENCES][step];
    for (uint32_t part = core; part < TR_PARTS; part += TR_CORES) {
        for (uint32_t other = 0U; other < TR_CORES; other++) {
            sums->parts[part] += counts->parts[other][part];
        }
    }
    if (core == 0U) {
        sums->cycles += cycles;
    }
}
#endif
