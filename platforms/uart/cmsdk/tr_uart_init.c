#include "tr_uart.h"
#include "tr_cmsdk.h"
#include "tr_cortex_m.h"

void tr_uart_init(void) {
    TR_REGISTER(CMSDK_BAUDDIV) = TR_UART_DIVISOR;
    TR_REGISTER(CMSDK_CTRL) = CTRL_TX_ENABLE;
}
