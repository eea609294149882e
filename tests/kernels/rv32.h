/* A core of the cluster for tests: RV32IMC and the XpulpV2 instructions the kernels use, one call
 * of a function at a time. Whatever else a program holds ends the call. */
#ifndef TINYRIG_TEST_RV32_H
#define TINYRIG_TEST_RV32_H

#include <stdint.h>

/* How a call ended. */
enum { RETURNED, UNKNOWN_INSTRUCTION, OUTSIDE_MEMORY, SAME_REGISTER, TOO_LONG, PAUSED };

/* A hardware loop: `left` more times from the instruction at `begin` to the one at `end`. */
typedef struct {
  uint32_t begin;
  uint32_t end;
  uint32_t left;
} rv32_loop;

typedef struct {
  uint8_t *memory; /* `size` bytes that the core sees at `base` */
  uint32_t base;
  uint32_t size;
  uint32_t pc;
  uint32_t x[32];
  rv32_loop loop[2];
  int32_t ended; /* as above */
} rv32_core;

/* Runs until the core is at `stop`, or paused at `pause`, at most `limit` instructions; returns how it
 * ended, with the address in pc. */
int32_t rv32_run(rv32_core *core, uint32_t stop, uint32_t pause, int64_t limit);

/* The load or store of 1, 2 or 4 bytes, and what a 16-bit instruction stands for, 0 for none. */
uint32_t rv32_load(rv32_core *core, uint32_t address, uint32_t bytes);
void rv32_store(rv32_core *core, uint32_t address, uint32_t bytes, uint32_t value);
uint32_t rv32_expanded(uint32_t half);

/* Executes an instruction of XpulpV2; returns 0 when it is none. */
int rv32_xpulp(rv32_core *core, uint32_t word);

static inline int32_t rv32_signed(uint32_t value, int bits) {
  return (int32_t)(value << (32 - bits)) >> (32 - bits);
}

static inline uint32_t rv32_field(uint32_t word, int at, int bits) {
  return word >> at & ((1U << bits) - 1U);
}

#endif
