#include "tr_firmware.h"

void tr_line_hex(tr_line *line, const char *key, uint32_t value) {
    const uint8_t bytes[4] = {(uint8_t)(value >> 24), (uint8_t)(value >> 16),
                              (uint8_t)(value >> 8), (uint8_t)value};
    tr_line_bytes(line, key, bytes, sizeof bytes);
}
