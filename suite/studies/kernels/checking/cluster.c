/* A cluster on the host: cores take turns, one call each, so a barrier has nothing to wait for. */
#include "tinyrig/cluster.h"

static uint32_t this_core = 0;
static uint32_t all_cores = 1;

void cluster_become(uint32_t core, uint32_t cores);
void cluster_become(uint32_t core, uint32_t cores) {
  this_core = core;
  all_cores = cores;
}

uint32_t tr_cluster_cores(void) { return all_cores; }

uint32_t tr_cluster_core(void) { return this_core; }

void tr_cluster_barrier(void) {}
