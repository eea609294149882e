#include "tr_firmware.h"
#include "tr_uart.h"

void tr_line_end(tr_line *line) {
    const uint32_t crc = line->crc; /* of the text so far; the rest does not count */
    tr_line_put(line, " *");
    static const char digits[] = "0123456789abcdef";
    for (uint32_t shift = 32U; shift != 0U; shift -= 4U) {
        tr_uart_put(digits[(crc >> (shift - 4U)) & 15U]);
    }
    tr_uart_put('\n');
    tr_firmware.lines++;
}
