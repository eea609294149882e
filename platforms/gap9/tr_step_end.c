#include "tinyrig_model.h"
#include "tr_pulp.h"

#ifdef TR_CHECKED
__attribute__((noinline)) void tr_step_end(uint32_t step) {
    uint32_t instructions;
    uint32_t cycles;
    TR_READ_CSR(TR_CSR_INSTRUCTIONS, instructions);
    TR_READ_CSR(TR_CSR_CYCLES, cycles);
    const uint32_t core = tr_cluster_core();
    tr_counts *counts = &tr_cluster_counts;
    if (step < TR_STEP_LIMIT) {
        tr_work *sums = &counts->steps[counts->inference % TR_INFERENCES][step];
        sums->instructions[core] += tr_own_instructions(&counts->step_start, core, instructions);
        if (core == 0U) {
            sums->cycles += cycles - counts->step_start.cycles;
        }
    }
}
#endif
