#include "tr_firmware.h"

void tr_line_number(tr_line *line, const char *key, uint32_t value) {
    char digits[11]; /* 4294967295 and its end */
    char *first = &digits[10];
    *first = '\0';
    do {
        first--;
        *first = (char)('0' + value % 10U);
        value /= 10U;
    } while (value != 0U);
    tr_line_text(line, key, first);
}
