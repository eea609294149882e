#include "tr_pulp.h"

uint32_t tr_cluster_cores(void) {
    return TR_CORES;
}
