#include "tr_cortex_m.h"

#define DWT_CYCCNT 0xE0001004U

uint32_t tr_ticks(void) {
    return TR_REGISTER(DWT_CYCCNT);
}
