#include <string.h>

#include "tinyrig_model.h"
#include "tr_firmware.h"
#include "tr_io_data.h"
#include "tr_streams.h"

uint32_t tr_run(uint8_t fill) {
    /* A step that reads what none has written answers differently under another fill. */
    memset(tr_arena, fill, tr_model_info.arena_size);
    const int8_t *sample = tr_sample;
    for (uint32_t k = 0; k < tr_model_info.input_count; k++) {
        const tr_io *input = &tr_model_info.inputs[k];
        if (!TR_STREAMS || input->offset != TR_STREAMED) {
            memcpy(tr_io_data(input), sample, input->size);
        }
        sample += input->size;
    }
#ifdef TR_CHECKED
    memset(tr_firmware.step_ticks, 0, sizeof tr_firmware.step_ticks);
#endif
    tr_region_begin();
    tr_infer(tr_arena);
    tr_region_end();
    uint32_t crc = 0U;
    for (uint32_t k = 0; k < tr_model_info.output_count; k++) {
        const tr_io *output = &tr_model_info.outputs[k];
        crc = tr_crc32(crc, tr_io_data(output), output->size);
    }
    return crc;
}
