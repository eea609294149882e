#include "board.h"
#include "tr_pulp.h"
#include "tr_uart.h"

#define CORE_SHIFT 3U

/* The console has a line of its own for each core, so that a fault cuts nobody's. */
void tr_uart_put(char character) {
    TR_BYTE(TR_STDOUT_BASE + (tr_cluster_core() << CORE_SHIFT)) = (uint8_t)character;
}
