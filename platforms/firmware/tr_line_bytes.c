#include "tr_firmware.h"

void tr_line_bytes(tr_line *line, const char *key, const uint8_t *data, size_t size) {
    static const char digits[] = "0123456789abcdef";
    tr_line_text(line, key, "");
    for (size_t i = 0; i < size; i++) {
        const char pair[3] = {digits[data[i] >> 4], digits[data[i] & 15U], '\0'};
        tr_line_put(line, pair);
    }
}
