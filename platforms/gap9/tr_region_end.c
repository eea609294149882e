#include "tr_pulp.h"

__attribute__((noinline)) void tr_region_end(void) {
    uint32_t instructions;
    uint32_t cycles;
    TR_READ_CSR(TR_CSR_INSTRUCTIONS, instructions);
    TR_READ_CSR(TR_CSR_CYCLES, cycles);
    const uint32_t core = tr_cluster_core();
    tr_counts *counts = &tr_cluster_counts;
    tr_work *region = &counts->regions[counts->inference % TR_INFERENCES];
    region->instructions[core] = tr_own_instructions(&counts->region_start, core, instructions);
    tr_cluster_barrier();
    if (core == 0U) {
        region->cycles = cycles - counts->region_start.cycles;
        counts->inference++;
    }
}
