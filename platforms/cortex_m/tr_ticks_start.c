#include "tr_cortex_m.h"

#define DCB_DEMCR 0xE000EDFCU
#define DEMCR_TRCENA (1U << 24)
#define DWT_LAR 0xE0001FB0U /* Cortex-M7 locks the unit; others ignore the write */
#define DWT_UNLOCK 0xC5ACCE55U

void tr_ticks_start(void) {
    TR_REGISTER(DCB_DEMCR) |= DEMCR_TRCENA;
    TR_REGISTER(DWT_LAR) = DWT_UNLOCK;
    TR_REGISTER(TR_DWT_CYCCNT) = 0U;
    TR_REGISTER(TR_DWT_CTRL) |= 1U;
}
