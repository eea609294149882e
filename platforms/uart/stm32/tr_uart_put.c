#include "tr_uart.h"
#include "tr_cortex_m.h"
#include "tr_usart.h"

void tr_uart_put(char character) {
    while ((TR_REGISTER(USART_STATUS) & STATUS_TXE) == 0U) {
    }
    TR_REGISTER(USART_DATA) = (uint8_t)character;
}
