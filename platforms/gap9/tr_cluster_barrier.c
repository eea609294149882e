#include "tr_pulp.h"

void tr_cluster_barrier(void) {
    tr_sleep_at(TR_BARRIER_WAIT_CLEAR);
}
