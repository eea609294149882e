#include "tr_pulp.h"

/* Every core comes here before an inference: the first when there is a new one, the others
 * when they are done with the last. */
__attribute__((noinline)) void tr_region_begin(void) {
    const uint32_t core = tr_cluster_core();
    uint32_t executed;
    tr_work *start = &tr_cluster_counts.region_start;
    tr_cluster_barrier();
    if (core == 0U) {
        start->waited = tr_cluster_counts.waited;
        TR_READ_CSR(TR_CSR_CYCLES, start->cycles);
    }
    TR_READ_CSR(TR_CSR_INSTRUCTIONS, executed);
    start->instructions[core] = executed + tr_executed_before(core);
}
