#include "tinyrig_model.h"
#include "tr_pulp.h"

#ifdef TR_CHECKED
__attribute__((noinline)) void tr_step_begin(uint32_t step) {
    (void)step;
    const uint32_t core = tr_cluster_core();
    uint32_t executed;
    TR_READ_CSR(TR_CSR_INSTRUCTIONS, executed);
    tr_cluster_counts.before[core] += executed;
    tr_cluster_counts.copies[core] = 0U;
    tr_cluster_barrier();
    tr_counters_begin();
}
#endif
