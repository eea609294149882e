#include "tr_l3.h"
#include "tr_l3_channel.h"

#ifdef TR_L3_ORIGIN
void tr_l3_start(void *to, const void *from, uint32_t size) {
    if (tr_cluster_core() == 0U) {
        tr_hyper_read((uint32_t)(uintptr_t)to, (uint32_t)(uintptr_t)from - TR_L3_ORIGIN, size);
    }
}
#endif
