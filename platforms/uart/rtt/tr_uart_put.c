#include "tr_rtt.h"
#include "tr_uart.h"

void tr_uart_put(char character) {
    const uint32_t at = tr_rtt.up.write;
    const uint32_t next = at + 1U == TR_RTT_BUFFER ? 0U : at + 1U;
    while (next == tr_rtt.up.read) {
    }
    tr_rtt.up.buffer[at] = (uint8_t)character;
    __asm__ volatile("dmb" ::: "memory"); /* the character is there before the probe may read it */
    tr_rtt.up.write = next;
}
