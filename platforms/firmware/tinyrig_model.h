/* What the generated model gives to the firmware runtime, and what it may call there. */
#ifndef TINYRIG_MODEL_H
#define TINYRIG_MODEL_H

#include <stddef.h>
#include <stdint.h>

/* The offset of an input that is streamed: it lies in the arena band by band. */
#define TR_STREAMED 0xFFFFFFFFU

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

/* Where a streamed input comes from: `read` puts `bytes` bytes of it, from `offset` on, to `to`. */
typedef struct {
    void (*read)(void *context, size_t offset, size_t bytes, int8_t *to);
    void *context;
} tr_source;

/* The reader of the rig: a copy from the sample, whose input begins at `context`. */
void tr_sample_read(void *context, size_t offset, size_t bytes, int8_t *to);

/* `arena_size` bytes aligned to 16; section ".tr_arena", never initialised by the start-up. */
extern uint8_t tr_arena[];

/* One inference: inputs and outputs are in the arena at their offsets, but for streamed ones. */
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
