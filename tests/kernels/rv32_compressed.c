#include "rv32.h"

enum { LOAD = 0x03, ADD_IMMEDIATE = 0x13, STORE = 0x23, ADD = 0x33, LUI = 0x37, BRANCH = 0x63 };
enum { JALR = 0x67, JAL = 0x6F, RA = 1, SP = 2 };

static uint32_t i_type(uint32_t opcode, uint32_t funct3, uint32_t rd, uint32_t rs1,
                       uint32_t value) {
  return value << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode;
}

static uint32_t s_type(uint32_t rs1, uint32_t rs2, uint32_t value) {
  return (value >> 5) << 25 | rs2 << 20 | rs1 << 15 | 2U << 12 | (value & 31U) << 7 | STORE;
}

static uint32_t r_type(uint32_t funct7, uint32_t funct3, uint32_t rd, uint32_t rs1, uint32_t rs2) {
  return funct7 << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | ADD;
}

static uint32_t jump(uint32_t rd, uint32_t half) {
  const uint32_t packed = rv32_field(half, 12, 1) << 11 | rv32_field(half, 8, 1) << 10 |
                          rv32_field(half, 9, 2) << 8 | rv32_field(half, 6, 1) << 7 |
                          rv32_field(half, 7, 1) << 6 | rv32_field(half, 2, 1) << 5 |
                          rv32_field(half, 11, 1) << 4 | rv32_field(half, 3, 3) << 1;
  const uint32_t offset = (uint32_t)rv32_signed(packed, 12);
  return rv32_field(offset, 20, 1) << 31 | rv32_field(offset, 1, 10) << 21 |
         rv32_field(offset, 11, 1) << 20 | rv32_field(offset, 12, 8) << 12 | rd << 7 | JAL;
}

static uint32_t branch(uint32_t funct3, uint32_t rs1, uint32_t half) {
  const uint32_t packed = rv32_field(half, 12, 1) << 8 | rv32_field(half, 5, 2) << 6 |
                          rv32_field(half, 2, 1) << 5 | rv32_field(half, 10, 2) << 3 |
                          rv32_field(half, 3, 2) << 1;
  const uint32_t offset = (uint32_t)rv32_signed(packed, 9);
  return rv32_field(offset, 12, 1) << 31 | rv32_field(offset, 5, 6) << 25 | rs1 << 15 |
         funct3 << 12 | rv32_field(offset, 1, 4) << 8 | rv32_field(offset, 11, 1) << 7 | BRANCH;
}

static uint32_t quadrant_0(uint32_t half) {
  const uint32_t rd = 8 + rv32_field(half, 2, 3);
  const uint32_t rs1 = 8 + rv32_field(half, 7, 3);
  const uint32_t word_offset = rv32_field(half, 10, 3) << 3 | rv32_field(half, 6, 1) << 2 |
                               rv32_field(half, 5, 1) << 6;
  const uint32_t from_sp = rv32_field(half, 11, 2) << 4 | rv32_field(half, 7, 4) << 6 |
                           rv32_field(half, 6, 1) << 2 | rv32_field(half, 5, 1) << 3;
  switch (half >> 13) {
    case 0: return from_sp == 0 ? 0 : i_type(ADD_IMMEDIATE, 0, rd, SP, from_sp);
    case 2: return i_type(LOAD, 2, rd, rs1, word_offset);
    case 6: return s_type(rs1, rd, word_offset);
    default: return 0;
  }
}

static uint32_t arithmetic(uint32_t half) {
  static const uint32_t funct3[4] = {0, 4, 6, 7}; /* sub, xor, or, and */
  const uint32_t rd = 8 + rv32_field(half, 7, 3);
  const uint32_t value = rv32_field(half, 12, 1) << 5 | rv32_field(half, 2, 5);
  const uint32_t kind = rv32_field(half, 5, 2);
  switch (rv32_field(half, 10, 2)) {
    case 0: return i_type(ADD_IMMEDIATE, 5, rd, rd, value);
    case 1: return i_type(ADD_IMMEDIATE, 5, rd, rd, 0x400U | value);
    case 2: return i_type(ADD_IMMEDIATE, 7, rd, rd, (uint32_t)rv32_signed(value, 6));
    default:
      if (rv32_field(half, 12, 1) != 0) {
        return 0;
      }
      return r_type(kind == 0 ? 32 : 0, funct3[kind], rd, rd, 8 + rv32_field(half, 2, 3));
  }
}

static uint32_t quadrant_1(uint32_t half) {
  const uint32_t rd = rv32_field(half, 7, 5);
  const uint32_t low = 8 + rv32_field(half, 7, 3);
  const uint32_t six = rv32_field(half, 12, 1) << 5 | rv32_field(half, 2, 5);
  const uint32_t value = (uint32_t)rv32_signed(six, 6);
  const uint32_t to_sp = rv32_field(half, 12, 1) << 9 | rv32_field(half, 3, 2) << 7 |
                         rv32_field(half, 5, 1) << 6 | rv32_field(half, 2, 1) << 5 |
                         rv32_field(half, 6, 1) << 4;
  switch (half >> 13) {
    case 0: return i_type(ADD_IMMEDIATE, 0, rd, rd, value);
    case 1: return jump(RA, half);
    case 2: return i_type(ADD_IMMEDIATE, 0, rd, 0, value);
    case 3:
      return rd == SP ? i_type(ADD_IMMEDIATE, 0, SP, SP, (uint32_t)rv32_signed(to_sp, 10))
                      : value << 12 | rd << 7 | LUI;
    case 4: return arithmetic(half);
    case 5: return jump(0, half);
    case 6: return branch(0, low, half);
    default: return branch(1, low, half);
  }
}

static uint32_t quadrant_2(uint32_t half) {
  const uint32_t rd = rv32_field(half, 7, 5);
  const uint32_t rs2 = rv32_field(half, 2, 5);
  const uint32_t load = rv32_field(half, 12, 1) << 5 | rv32_field(half, 4, 3) << 2 |
                        rv32_field(half, 2, 2) << 6;
  const uint32_t store = rv32_field(half, 9, 4) << 2 | rv32_field(half, 7, 2) << 6;
  switch (half >> 13) {
    case 0: return i_type(ADD_IMMEDIATE, 1, rd, rd, rs2);
    case 2: return i_type(LOAD, 2, rd, SP, load);
    case 4:
      if (rs2 == 0) {
        return rd == 0 ? 0 : i_type(JALR, 0, rv32_field(half, 12, 1), rd, 0);
      }
      return r_type(0, 0, rd, rv32_field(half, 12, 1) != 0 ? rd : 0, rs2);
    case 6: return s_type(SP, rs2, store);
    default: return 0;
  }
}

uint32_t rv32_expanded(uint32_t half) {
  switch (half & 3U) {
    case 0: return quadrant_0(half);
    case 1: return quadrant_1(half);
    default: return quadrant_2(half);
  }
}
