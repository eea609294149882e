#include "tr_rtt.h"
#include "tr_uart.h"

#define KEEP_ALL 2U /* SEGGER's "block if FIFO full" */

void tr_uart_init(void) {
    static uint8_t buffer[TR_RTT_BUFFER];
    static const char id[TR_RTT_ID_SIZE] = "SEGGER RTT";
    tr_rtt.up_count = 1;
    tr_rtt.up.name = "tinyrig";
    tr_rtt.up.buffer = buffer;
    tr_rtt.up.size = TR_RTT_BUFFER;
    tr_rtt.up.flags = KEEP_ALL;
    /* The text last: the block is whole when it can be found. */
    for (uint32_t i = TR_RTT_ID_SIZE; i > 0U; i--) {
        tr_rtt.id[i - 1U] = id[i - 1U];
    }
}
