#include "tr_uart.h"
#include "tr_cmsdk.h"
#include "tr_cortex_m.h"

void tr_uart_put(char character) {
    while ((TR_REGISTER(CMSDK_STATE) & STATE_TX_FULL) != 0U) {
    }
    TR_REGISTER(CMSDK_DATA) = (uint8_t)character;
}
