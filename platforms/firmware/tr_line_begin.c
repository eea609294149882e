#include "tr_firmware.h"

void tr_line_begin(tr_line *line, const char *kind) {
    line->crc = 0U;
    tr_line_put(line, "TR1 ");
    tr_line_put(line, kind);
}
