#include "tr_uart.h"
#include "tr_cortex_m.h"
#include "tr_usart.h"

void tr_uart_flush(void) {
    while ((TR_REGISTER(USART_STATUS) & STATUS_TC) == 0U) {
    }
}
