#include "tr_pulp.h"

/* The event is awaited only here: at a barrier it would wake the core too early. */
void tr_prefetch_wait(void) {
    const uint32_t begun = tr_wait_begin();
    TR_REGISTER(TR_EVENT_MASK_OR) = TR_EVENT_DMA;
    tr_sleep_at(TR_EVENT_WAIT_CLEAR);
    TR_REGISTER(TR_EVENT_MASK_AND) = TR_EVENT_DMA;
    tr_wait_end(begun);
}
