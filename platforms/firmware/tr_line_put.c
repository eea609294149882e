#include "tr_firmware.h"
#include "tr_uart.h"

void tr_line_put(tr_line *line, const char *text) {
    for (const char *c = text; *c != '\0'; c++) {
        line->crc = tr_crc32(line->crc, c, 1U);
        tr_uart_put(*c);
    }
}
