#include "rv32.h"

static int32_t byte(uint32_t word, int index) { return rv32_signed(word >> (8 * index), 8); }

static int32_t half(uint32_t word, int index) { return rv32_signed(word >> (16 * index), 16); }

static int32_t larger(int32_t a, int32_t b) { return a > b ? a : b; }

static int32_t smaller(int32_t a, int32_t b) { return a < b ? a : b; }

static uint32_t dot4(uint32_t sum, uint32_t a, uint32_t b, int a_unsigned) {
  for (int i = 0; i < 4; i++) {
    const int32_t left = a_unsigned ? (int32_t)(a >> (8 * i) & 0xFFU) : byte(a, i);
    sum += (uint32_t)(left * byte(b, i));
  }
  return sum;
}

static uint32_t dot2(uint32_t sum, uint32_t a, uint32_t b) {
  return sum + (uint32_t)(half(a, 0) * half(b, 0)) + (uint32_t)(half(a, 1) * half(b, 1));
}

static int32_t clipped(uint32_t value, int32_t lo, int32_t hi) {
  return larger(smaller((int32_t)value, hi), lo);
}

static uint32_t lanes(uint32_t a, uint32_t b, int32_t (*of)(int32_t, int32_t)) {
  uint32_t word = 0;
  for (int i = 0; i < 4; i++) {
    word |= ((uint32_t)of(byte(a, i), byte(b, i)) & 0xFFU) << (8 * i);
  }
  return word;
}

/* pv.shuffle2.b: of rd, or of rs1 where bit 2 of the mask's byte is set. */
static uint32_t shuffled(uint32_t d, uint32_t a, uint32_t mask) {
  uint32_t word = 0;
  for (int i = 0; i < 4; i++) {
    const uint32_t chosen = mask >> (8 * i);
    word |= ((chosen & 4U ? a : d) >> (8 * (chosen & 3U)) & 0xFFU) << (8 * i);
  }
  return word;
}

static int vector(uint32_t key, uint32_t a, uint32_t b, uint32_t *d) {
  switch (key) {
    case 0x5C1: *d = dot4(*d, a, b, 0); return 1;
    case 0x541: *d = dot4(*d, a, b, 1); return 1;
    case 0x5C0: *d = dot2(*d, a, b); return 1;
    case 0x181: *d = lanes(a, b, larger); return 1;
    case 0x101: *d = lanes(a, b, smaller); return 1;
    case 0x641: *d = shuffled(*d, a, b); return 1;
    case 0x680: *d = a << 16 | (b & 0xFFFFU); return 1;
    case 0x6C1: *d = (*d & 0xFFFFU) | (a & 0xFFU) << 24 | (b & 0xFFU) << 16; return 1;
    case 0x701: *d = (*d & ~0xFFFFU) | (a & 0xFFU) << 8 | (b & 0xFFU); return 1;
    default: return 0;
  }
}

static int32_t last_one(uint32_t value) {
  int32_t at = 31;
  while (at > 0 && (value >> at & 1U) == 0) {
    at--;
  }
  return value == 0 ? 32 : at;
}

/* Beside the standard ones of opcode 0x33. */
static int scalar(uint32_t key, uint32_t word, uint32_t a, uint32_t b, uint32_t *d) {
  const int32_t n = (int32_t)rv32_field(word, 20, 5);
  const int32_t bound = (int32_t)b;
  switch (key) {
    case 0x081: *d = (uint32_t)last_one(a); return 1;
    case 0x210: *d += a * b; return 1;
    case 0x026: *d = (uint32_t)larger((int32_t)a, bound); return 1;
    case 0x024: *d = (uint32_t)smaller((int32_t)a, bound); return 1;
    case 0x0A1: *d = (uint32_t)clipped(a, -(1 << (n - 1)), (1 << (n - 1)) - 1); return 1;
    case 0x0A5: *d = (uint32_t)clipped(a, -bound - 1, bound); return 1;
    default: return 0;
  }
}

static int shifting(uint32_t key, uint32_t a, uint32_t b, uint32_t *d) {
  switch (key) {
    case 0x500: *d = (uint32_t)(half(a, 0) * half(b, 0) >> 16); return 1;
    case 0x501:
      *d += (uint32_t)(half(a, 0) * half(b, 0));
      *d = (uint32_t)((int32_t)*d >> 16);
      return 1;
    case 0x206:
      *d += a + (1U << ((b - 1U) & 31U));
      *d = (uint32_t)((int32_t)*d >> (b & 31U));
      return 1;
    default: return 0;
  }
}

/* Loads that move their pointer. The core's manual leaves one register for both undefined. */
static int moving_load(rv32_core *core, uint32_t word, uint32_t key) {
  const uint32_t rd = rv32_field(word, 7, 5);
  const uint32_t rs1 = rv32_field(word, 15, 5);
  uint32_t *const x = core->x;
  const uint32_t address = x[rs1];
  uint32_t step = (uint32_t)((int32_t)word >> 20);
  uint32_t bytes = 4;
  switch (key & 7U) {
    case 0:
    case 4: bytes = 1; break;
    case 2: break;
    case 7:
      step = x[rv32_field(word, 20, 5)];
      bytes = key == 0x007 ? 1 : 4;
      if (key != 0x007 && key != 0x107) {
        return 0;
      }
      break;
    default: return 0;
  }
  if (rd == rs1) {
    core->ended = SAME_REGISTER;
    return 1;
  }
  const uint32_t value = rv32_load(core, address, bytes);
  const int is_signed = bytes == 1 && (key & 7U) != 4;
  x[rd] = is_signed ? (uint32_t)rv32_signed(value, 8) : value;
  x[rs1] = address + step;
  return 1;
}

static int moving_store(rv32_core *core, uint32_t word, uint32_t key) {
  uint32_t *const x = core->x;
  const uint32_t rs1 = rv32_field(word, 15, 5);
  const uint32_t split = (word >> 25) << 5 | rv32_field(word, 7, 5);
  uint32_t step = (uint32_t)rv32_signed(split, 12);
  switch (key & 7U) {
    case 0:
    case 2: break;
    case 4:
      step = x[rv32_field(word, 7, 5)];
      if (key != 0x004) {
        return 0;
      }
      break;
    default: return 0;
  }
  rv32_store(core, x[rs1], (key & 7U) == 2 ? 4 : 1, x[rv32_field(word, 20, 5)]);
  x[rs1] += step;
  return 1;
}

/* lp.setup: as often as rs1 says, up to the instruction 2 * immediate bytes on. */
static int loop(rv32_core *core, uint32_t word) {
  const uint32_t level = rv32_field(word, 7, 5);
  if (level > 1 || rv32_field(word, 12, 3) != 4) {
    return 0;
  }
  const uint32_t end = core->pc + 2 * (word >> 20);
  core->loop[level] = (rv32_loop){core->pc + 4, end, core->x[rv32_field(word, 15, 5)]};
  return 1;
}

int rv32_xpulp(rv32_core *core, uint32_t word) {
  const uint32_t a = core->x[rv32_field(word, 15, 5)];
  const uint32_t b = core->x[rv32_field(word, 20, 5)];
  uint32_t *const d = &core->x[rv32_field(word, 7, 5)];
  const uint32_t key = (word >> 25) << 4 | rv32_field(word, 12, 3); /* funct7 and funct3 */
  switch (word & 0x7FU) {
    case 0x57: return vector(key, a, b, d);
    case 0x33: return scalar(key, word, a, b, d);
    case 0x5B: return shifting(key, a, b, d);
    case 0x0B: return moving_load(core, word, key);
    case 0x2B: return moving_store(core, word, key);
    case 0x7B: return loop(core, word);
    case 0x03:
      if (key == 0x007) {
        *d = (uint32_t)rv32_signed(rv32_load(core, a + b, 1), 8);
      } else if (key == 0x287) {
        *d = rv32_load(core, a + b, 2);
      } else if (key == 0x107) {
        *d = rv32_load(core, a + b, 4);
      } else {
        return 0;
      }
      return 1;
    default: return 0;
  }
}
