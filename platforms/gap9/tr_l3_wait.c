#include "tr_l3.h"
#include "tr_l3_channel.h"

#ifdef TR_L3_ORIGIN
/* The uDMA tells the controller's event unit alone that it is done, so the core asks. */
void tr_l3_wait(uint32_t behind) {
    if (tr_own_core() == 0U) {
        const uint32_t begun = tr_wait_begin();
        uint32_t before;
        uint32_t after;
        TR_READ_CSR(TR_CSR_INSTRUCTIONS, before);
        while (tr_hyper_pending() > behind) {
        }
        TR_READ_CSR(TR_CSR_INSTRUCTIONS, after);
        tr_cluster_counts.waited += after - before;
        tr_wait_end(begun);
    }
}
#endif
