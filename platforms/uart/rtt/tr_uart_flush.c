#include "tr_rtt.h"
#include "tr_uart.h"

void tr_uart_flush(void) {
    while (tr_rtt.up.read != tr_rtt.up.write) {
    }
}
