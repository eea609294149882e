/* The generated model as a program of this machine: the sample comes on stdin, the outputs
 * leave on stdout, back to back. Two inferences from different arenas must answer alike. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tinyrig_model.h"

static uint32_t total(const tr_io *ios, uint32_t count) {
    uint32_t size = 0U;
    for (uint32_t k = 0; k < count; k++) {
        size += ios[k].size;
    }
    return size;
}

static const uint8_t *fed; /* what stands in the place of the program's own sample */

void tr_sample_read(void *context, size_t offset, size_t bytes, int8_t *to) {
    memcpy(to, fed + ((const int8_t *)context - tr_sample) + offset, bytes);
}

static void infer(const uint8_t *sample, uint8_t *answer, int fill) {
    memset(tr_arena, fill, tr_model_info.arena_size);
    fed = sample;
    for (uint32_t k = 0; k < tr_model_info.input_count; k++) {
        const tr_io *input = &tr_model_info.inputs[k];
        if (input->offset != TR_STREAMED) {
            memcpy(tr_arena + input->offset, sample, input->size);
        }
        sample += input->size;
    }
    tr_infer(tr_arena);
    for (uint32_t k = 0; k < tr_model_info.output_count; k++) {
        const tr_io *output = &tr_model_info.outputs[k];
        memcpy(answer, tr_arena + output->offset, output->size);
        answer += output->size;
    }
}

int main(void) {
    const uint32_t taken = total(tr_model_info.inputs, tr_model_info.input_count);
    const uint32_t given = total(tr_model_info.outputs, tr_model_info.output_count);
    uint8_t *sample = malloc(taken);
    uint8_t *answers = malloc(2U * given);
    int code = 0;
    if (sample == NULL || answers == NULL || fread(sample, 1, taken, stdin) != taken) {
        code = 2;
    } else {
        infer(sample, answers, 0xA5);
        infer(sample, answers + given, 0x5A);
        if (memcmp(answers, answers + given, given) != 0) {
            fputs("The two inferences answer differently.\n", stderr);
            code = 3;
        } else if (fwrite(answers, 1, given, stdout) != given) {
            code = 4;
        }
    }
    free(sample);
    free(answers);
    return code;
}
