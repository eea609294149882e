#include "tinyrig_model.h"
#include "tr_pulp.h"

#ifdef TR_CHECKED
__attribute__((noinline)) void tr_step_begin(uint32_t step) {
    (void)step;
    const uint32_t core = tr_cluster_core();
    tr_work *start = &tr_cluster_counts.step_start;
    tr_cluster_barrier();
    if (core == 0U) {
        start->waited = tr_cluster_counts.waited;
        TR_READ_CSR(TR_CSR_CYCLES, start->cycles);
    }
    TR_READ_CSR(TR_CSR_INSTRUCTIONS, start->instructions[core]);
}
#endif
