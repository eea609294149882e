#include "tr_pulp.h"

uint32_t tr_cluster_core(void) {
    uint32_t hart;
    TR_READ_CSR("mhartid", hart);
    return hart & 31U;
}
