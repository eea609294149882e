#include "tinyrig_model.h"
#include "tr_firmware.h"
#include "tr_io_data.h"

#define BYTES_A_LINE 32U

void tr_report_outputs(void) {
    for (uint32_t k = 0; k < tr_model_info.output_count; k++) {
        const tr_io *output = &tr_model_info.outputs[k];
        const uint8_t *data = tr_io_data(output);
        tr_line line;
        tr_line_begin(&line, "output");
        tr_line_number(&line, "index", k);
        tr_line_text(&line, "name", output->name);
        tr_line_number(&line, "size", output->size);
        tr_line_hex(&line, "crc", tr_crc32(0U, data, output->size));
        tr_line_end(&line);
        for (uint32_t at = 0; at < output->size; at += BYTES_A_LINE) {
            const uint32_t left = output->size - at;
            tr_line_begin(&line, "data");
            tr_line_number(&line, "index", k);
            tr_line_number(&line, "offset", at);
            tr_line_bytes(&line, "bytes", data + at, left < BYTES_A_LINE ? left : BYTES_A_LINE);
            tr_line_end(&line);
        }
    }
}
