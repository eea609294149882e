#include "tr_firmware.h"

void tr_line_text(tr_line *line, const char *key, const char *value) {
    tr_line_put(line, " ");
    tr_line_put(line, key);
    tr_line_put(line, "=");
    tr_line_put(line, value);
}
