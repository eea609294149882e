/* A cluster on the host, or on one core: cores take turns, one call each, and a barrier has nothing
 * to wait for; or each has a thread of its own, and waits by what it is given. */
#include "tinyrig/cluster.h"

/* Of a thread where there are any; what plays all cores on one tells it which it plays. */
#if !defined(CLUSTER_OF_THREADS)
#define CLUSTER_OF_THREADS
#endif

static CLUSTER_OF_THREADS uint32_t this_core = 0;
static uint32_t all_cores = 1;
static void (*wait_for_all)(void) = 0;

void cluster_become(uint32_t core, uint32_t cores);
void cluster_become(uint32_t core, uint32_t cores) {
  this_core = core;
  all_cores = cores;
}

/* What a barrier is from now on; 0 for nothing. */
void cluster_wait_by(void (*wait)(void));
void cluster_wait_by(void (*wait)(void)) { wait_for_all = wait; }

uint32_t tr_cluster_cores(void) { return all_cores; }

uint32_t tr_cluster_core(void) { return this_core; }

void tr_cluster_barrier(void) {
  if (wait_for_all != 0) {
    wait_for_all();
  }
}
