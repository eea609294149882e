#include "tr_uart.h"
#include "tr_cmsdk.h"
#include "tr_cortex_m.h"

/* The unit tells when its one-character buffer is free, not when the last bit has left. */
void tr_uart_flush(void) {
    while ((TR_REGISTER(CMSDK_STATE) & STATE_TX_FULL) != 0U) {
    }
}
