/* What the generated model gives to the firmware runtime, and what it may call there. */
#ifndef TINYRIG_MODEL_H
#define TINYRIG_MODEL_H

#include <stdint.h>

/* One input or output of the model: `size` bytes at `offset` in the arena. */
typedef struct {
    const char *name;
    uint32_t offset;
    uint32_t size;
} tr_io;

/* The model as the firmware reports it. Names hold [A-Za-z0-9_.-] only. */
typedef struct {
    const char *name;
    const char *board;
    const char *hash;
    uint32_t arena_size;
    uint32_t input_count;
    uint32_t output_count;
    uint32_t step_count;
    const tr_io *inputs;
    const tr_io *outputs;
    const char *const *step_names;
} tr_model;

extern const tr_model tr_model_info;

/* All inputs back to back, quantized; section ".tr_sample", whose bytes the rig replaces. */
extern const int8_t tr_sample[];

/* `arena_size` bytes aligned to 16; section ".tr_arena", never initialised by the start-up. */
extern uint8_t tr_arena[];

/* One inference: inputs and outputs are in the arena at their offsets. */
void tr_infer(uint8_t *arena);

#ifdef TR_CHECKED
/* Called around step k, k < step_count; they keep the step's ticks. */
void tr_step_begin(uint32_t step);
void tr_step_end(uint32_t step);

/* Write, and later verify, the 8-byte guard at arena + offset; a damaged one fails the run. */
void tr_guard_set(uint8_t *arena, uint32_t offset);
void tr_guard_check(const uint8_t *arena, uint32_t offset);
#endif

#endif
