#include "tinyrig_model.h"
#include "tr_pulp.h"

#ifdef TR_CHECKED
__attribute__((noinline)) void tr_step_begin(uint32_t step) {
    (void)step;
    const uint32_t core = tr_cluster_core();
    tr_work *start = &tr_cluster_counts.step_start;
    tr_cluster_barrier();
    if (core == 0U) {
        TR_READ_CSR(TR_CSR_CYCLES, start->cycles);
    }
    uint32_t executed;
    TR_READ_CSR(TR_CSR_INSTRUCTIONS, executed);
    start->instructions[core] = tr_own_instructions(core, executed);
}
#endif
