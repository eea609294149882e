#include "rv32.h"

#include <stddef.h>
#include <string.h>

static uint8_t *at(rv32_core *core, uint32_t address, uint32_t bytes) {
  const uint32_t offset = address - core->base;
  if (offset > core->size || core->size - offset < bytes) {
    core->ended = OUTSIDE_MEMORY;
    return NULL;
  }
  return core->memory + offset;
}

uint32_t rv32_load(rv32_core *core, uint32_t address, uint32_t bytes) {
  const uint8_t *from = at(core, address, bytes);
  uint32_t value = 0;
  if (from != NULL) {
    memcpy(&value, from, bytes);
  }
  return value;
}

void rv32_store(rv32_core *core, uint32_t address, uint32_t bytes, uint32_t value) {
  uint8_t *to = at(core, address, bytes);
  if (to != NULL) {
    memcpy(to, &value, bytes);
  }
}

static uint32_t divided(uint32_t funct3, uint32_t a, uint32_t b) {
  const int32_t sa = (int32_t)a;
  const int32_t sb = (int32_t)b;
  const int overflows = sa == INT32_MIN && sb == -1;
  switch (funct3) {
    case 4: return b == 0 ? ~0U : overflows ? a : (uint32_t)(sa / sb);
    case 5: return b == 0 ? ~0U : a / b;
    case 6: return b == 0 ? a : overflows ? 0 : (uint32_t)(sa % sb);
    default: return b == 0 ? a : a % b;
  }
}

static uint32_t multiplied(uint32_t funct3, uint32_t a, uint32_t b) {
  const int64_t sa = (int32_t)a;
  switch (funct3) {
    case 0: return a * b;
    case 1: return (uint32_t)(((uint64_t)(sa * (int32_t)b)) >> 32);
    case 2: return (uint32_t)(((uint64_t)(sa * (int64_t)b)) >> 32);
    case 3: return (uint32_t)(((uint64_t)a * b) >> 32);
    default: return divided(funct3, a, b);
  }
}

/* `other` is bit 30: a subtraction or an arithmetic shift. */
static uint32_t computed(uint32_t funct3, int other, uint32_t a, uint32_t b) {
  switch (funct3) {
    case 0: return other ? a - b : a + b;
    case 1: return a << (b & 31U);
    case 2: return (int32_t)a < (int32_t)b;
    case 3: return a < b;
    case 4: return a ^ b;
    case 5: return other ? (uint32_t)((int32_t)a >> (b & 31U)) : a >> (b & 31U);
    case 6: return a | b;
    default: return a & b;
  }
}

static int taken(uint32_t funct3, uint32_t a, uint32_t b) {
  switch (funct3) {
    case 0: return a == b;
    case 1: return a != b;
    case 4: return (int32_t)a < (int32_t)b;
    case 5: return (int32_t)a >= (int32_t)b;
    case 6: return a < b;
    default: return a >= b;
  }
}

static uint32_t branch_offset(uint32_t word) {
  const uint32_t offset = rv32_field(word, 31, 1) << 12 | rv32_field(word, 7, 1) << 11 |
                          rv32_field(word, 25, 6) << 5 | rv32_field(word, 8, 4) << 1;
  return (uint32_t)rv32_signed(offset, 13);
}

static uint32_t jump_offset(uint32_t word) {
  const uint32_t offset = rv32_field(word, 31, 1) << 20 | rv32_field(word, 12, 8) << 12 |
                          rv32_field(word, 20, 1) << 11 | rv32_field(word, 21, 10) << 1;
  return (uint32_t)rv32_signed(offset, 21);
}

static uint32_t loaded(rv32_core *core, uint32_t funct3, uint32_t address) {
  switch (funct3) {
    case 0: return (uint32_t)rv32_signed(rv32_load(core, address, 1), 8);
    case 1: return (uint32_t)rv32_signed(rv32_load(core, address, 2), 16);
    case 2: return rv32_load(core, address, 4);
    case 4: return rv32_load(core, address, 1);
    default: return rv32_load(core, address, 2);
  }
}

/* Executes a standard instruction of `bytes` bytes and moves pc on; returns 0 when it is none. */
static int standard(rv32_core *core, uint32_t word, uint32_t bytes) {
  uint32_t *const x = core->x;
  const uint32_t rd = rv32_field(word, 7, 5);
  const uint32_t funct3 = rv32_field(word, 12, 3);
  const uint32_t a = x[rv32_field(word, 15, 5)];
  const uint32_t b = x[rv32_field(word, 20, 5)];
  const uint32_t immediate = (uint32_t)((int32_t)word >> 20);
  const uint32_t funct7 = word >> 25;
  uint32_t next = core->pc + bytes;
  switch (word & 0x7FU) {
    case 0x37: x[rd] = word & ~0xFFFU; break;
    case 0x17: x[rd] = core->pc + (word & ~0xFFFU); break;
    case 0x6F:
      x[rd] = next;
      next = core->pc + jump_offset(word);
      break;
    case 0x67:
      x[rd] = next;
      next = (a + immediate) & ~1U;
      break;
    case 0x63:
      if (funct3 == 2 || funct3 == 3) {
        return 0;
      }
      next = taken(funct3, a, b) ? core->pc + branch_offset(word) : next;
      break;
    case 0x03:
      if (funct3 == 3 || funct3 > 5) {
        return 0;
      }
      x[rd] = loaded(core, funct3, a + immediate);
      break;
    case 0x23:
      if (funct3 > 2) {
        return 0;
      }
      rv32_store(core, a + ((immediate & ~31U) | rd), 1U << funct3, b);
      break;
    case 0x13: x[rd] = computed(funct3, funct3 == 5 && (funct7 & 32U) != 0, a, immediate); break;
    case 0x33:
      if (funct7 == 1) {
        x[rd] = multiplied(funct3, a, b);
      } else if (funct7 == 0 || funct7 == 32) {
        x[rd] = computed(funct3, funct7 == 32, a, b);
      } else {
        return 0;
      }
      break;
    default: return 0;
  }
  core->pc = next;
  return 1;
}

/* The end of a hardware loop's body leads to its begin; the inner loop is the first. */
static void go_round(rv32_core *core, uint32_t done) {
  for (int level = 0; level < 2; level++) {
    rv32_loop *const loop = &core->loop[level];
    if (loop->left > 0 && loop->end == done) {
      loop->left--;
      if (loop->left > 0) {
        core->pc = loop->begin;
        return;
      }
    }
  }
}

int32_t rv32_run(rv32_core *core, uint32_t stop, uint32_t pause, int64_t limit) {
  core->ended = RETURNED;
  for (; core->pc != stop; limit--) {
    const uint32_t here = core->pc;
    if (here == pause) {
      return PAUSED;
    }
    uint32_t word = rv32_load(core, here, 2);
    uint32_t bytes = 2;
    if ((word & 3U) == 3U) {
      word |= rv32_load(core, here + 2, 2) << 16;
      bytes = 4;
    } else {
      word = rv32_expanded(word);
    }
    if (core->ended != RETURNED) {
      return core->ended;
    }
    if (rv32_xpulp(core, word)) {
      core->pc += bytes;
    } else if (!standard(core, word, bytes)) {
      return UNKNOWN_INSTRUCTION;
    }
    core->x[0] = 0;
    if (core->ended != RETURNED || limit == 0) {
      core->pc = here;
      return core->ended != RETURNED ? core->ended : TOO_LONG;
    }
    go_round(core, here);
  }
  return RETURNED;
}
