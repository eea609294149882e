#include "tr_pulp.h"

uint32_t tr_cluster_core(void) {
    return tr_own_core();
}
