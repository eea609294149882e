/* The board-independent part of the firmware: protocol, checks and markers.
 *
 * Every line on the UART is `TR1 <kind> <key>=<value>... *<crc>`, where crc is the CRC-32 of
 * all characters before " *" in eight hexadecimal digits, and ends in "\n". The last line
 * gives the number of lines before it, so that a lost line or a changed byte is seen. */
#ifndef TR_FIRMWARE_H
#define TR_FIRMWARE_H

#include <stddef.h>
#include <stdint.h>

#define TR_PROTOCOL_VERSION 1U
#define TR_GUARD_SIZE 8U
#define TR_STEP_LIMIT 256U /* steps whose ticks are kept */
#define TR_NO_OFFSET 0xFFFFFFFFU

/* Facts gathered while an inference runs. */
typedef struct {
    uint32_t guard_failures;
    uint32_t guard_offset; /* of the first failure, or TR_NO_OFFSET */
    uint32_t lines;        /* sent so far */
#ifdef TR_CHECKED
    uint32_t step_start;
    uint32_t step_ticks[TR_STEP_LIMIT]; /* of the last inference */
#endif
} tr_state;

/* The firmware's only mutable state: markers, guards and the fault handler have no argument. */
extern tr_state tr_firmware;

/* A line being sent: the running CRC of what went out. */
typedef struct {
    uint32_t crc;
} tr_line;

/* CRC-32 (IEEE 802.3, as zlib's) of `size` bytes, continued from `crc` (0 at the start). */
uint32_t tr_crc32(uint32_t crc, const void *data, size_t size);

/* Start a line of a kind; the fields follow in order; `tr_line_end` adds CRC and newline. */
void tr_line_begin(tr_line *line, const char *kind);
void tr_line_put(tr_line *line, const char *text);
void tr_line_text(tr_line *line, const char *key, const char *value);
void tr_line_number(tr_line *line, const char *key, uint32_t value);
void tr_line_hex(tr_line *line, const char *key, uint32_t value);
void tr_line_bytes(tr_line *line, const char *key, const uint8_t *data, size_t size);
void tr_line_end(tr_line *line);

/* One line a model, step, output or check. A check returns 1 when it passed, else 0. */
void tr_report_model(void);
void tr_report_steps(void);
void tr_report_outputs(void);
uint32_t tr_report_check(const char *name, uint32_t failures, uint32_t detail);

/* Fill the arena with `fill`, copy the sample to the inputs, infer between the region markers;
 * return the CRC-32 over all outputs. */
uint32_t tr_run(uint8_t fill);

/* 8-byte pattern: `tr_pattern_damaged` returns 1 when the bytes at `place` are not the
 * pattern of `seed`. */
void tr_pattern_set(uint8_t *place, uint32_t seed);
uint32_t tr_pattern_damaged(const uint8_t *place, uint32_t seed);

/* Empty, never inlined: a backend counts the instructions between them. */
void tr_region_begin(void);
void tr_region_end(void);

/* Empty endless loop; the backend stops here. */
_Noreturn void tr_halt(void);

#endif
