/* The XpulpV2 instructions the kernels use, from one of three back-ends:
 *   TR_XPULP_INSN     assembler words by .insn, for any RISC-V compiler (clang, GCC);
 *   TR_XPULP_BUILTIN  the builtins of the PULP compilers, which make hardware loops and
 *                     post-increment accesses themselves;
 *   neither           exact portable C.
 * Bytes and halfwords are numbered from the least significant; memory is little-endian. A "pair"
 * is two int16 in one word. Sums wrap. */
#ifndef TINYRIG_XPULP_H
#define TINYRIG_XPULP_H

#include <stdint.h>

#include "common/dsp.h"

#if defined(TR_XPULP_INSN)

/* The text of one R-type instruction; operands are given as %0, %1 ... or %[name]. */
#define TR_XP_R(opcode, funct3, funct7, rd, rs1, rs2) \
  ".insn r " #opcode ", " #funct3 ", " #funct7 ", " rd ", " rs1 ", " rs2 "\n\t"

#define TR_XP_SDOTSP4(rd, a, b) TR_XP_R(0x57, 1, 0x5c, rd, a, b)
#define TR_XP_SDOTUSP4(rd, a, b) TR_XP_R(0x57, 1, 0x54, rd, a, b)
#define TR_XP_SDOTSP2(rd, a, b) TR_XP_R(0x57, 0, 0x5c, rd, a, b)
#define TR_XP_MAX4(rd, a, b) TR_XP_R(0x57, 1, 0x18, rd, a, b)
#define TR_XP_MIN4(rd, a, b) TR_XP_R(0x57, 1, 0x10, rd, a, b)
#define TR_XP_SHUFFLE4(rd, a, mask) TR_XP_R(0x57, 1, 0x64, rd, a, mask)
#define TR_XP_PACK2(rd, high, low) TR_XP_R(0x57, 0, 0x68, rd, high, low)
#define TR_XP_PACK_HIGH(rd, b3, b2) TR_XP_R(0x57, 1, 0x6c, rd, b3, b2)
#define TR_XP_PACK_LOW(rd, b1, b0) TR_XP_R(0x57, 1, 0x70, rd, b1, b0)
#define TR_XP_PACK(rd, b0, b1, b2, b3) TR_XP_PACK_LOW(rd, b1, b0) TR_XP_PACK_HIGH(rd, b3, b2)
#define TR_XP_LAST_ONE(rd, a) TR_XP_R(0x33, 1, 0x08, rd, a, "x0")
#define TR_XP_MAC(rd, a, b) TR_XP_R(0x33, 0, 0x21, rd, a, b)
#define TR_XP_MAX(rd, a, b) TR_XP_R(0x33, 6, 0x02, rd, a, b)
#define TR_XP_MIN(rd, a, b) TR_XP_R(0x33, 4, 0x02, rd, a, b)
#define TR_XP_CLIP8(rd, a) TR_XP_R(0x33, 1, 0x0a, rd, a, "x8")
#define TR_XP_CLIP(rd, a, bound) TR_XP_R(0x33, 5, 0x0a, rd, a, bound)
#define TR_XP_MULS16(rd, a, b) TR_XP_R(0x5b, 0, 0x50, rd, a, b)
#define TR_XP_MACS16(rd, a, b) TR_XP_R(0x5b, 1, 0x50, rd, a, b)
#define TR_XP_ADD_ROUND(rd, a, shift) TR_XP_R(0x5b, 6, 0x20, rd, a, shift)

/* p.lw or p.lb rd, step(from!) and p.lw rd, bytes(from!): loads, then moves the pointer. */
#define TR_XP_LOAD_STEP(rd, from, step) TR_XP_R(0x0b, 7, 0x10, rd, from, step)
#define TR_XP_LOAD_NEXT(rd, from, bytes) ".insn i 0x0b, 2, " rd ", " from ", " #bytes "\n\t"
#define TR_XP_LOADU8_NEXT(rd, from, bytes) ".insn i 0x0b, 4, " rd ", " from ", " #bytes "\n\t"
#define TR_XP_LOAD8_STEP(rd, from, step) TR_XP_R(0x0b, 7, 0x00, rd, from, step)
/* p.lb and p.lhu rd, offset(base): both registers. */
#define TR_XP_LOAD8_AT(rd, base, offset) TR_XP_R(0x03, 7, 0x00, rd, base, offset)
#define TR_XP_LOADU16_AT(rd, base, offset) TR_XP_R(0x03, 7, 0x28, rd, base, offset)
#define TR_XP_LOAD_AT(rd, base, offset) TR_XP_R(0x03, 7, 0x10, rd, base, offset)
#define TR_XP_STORE8_NEXT(byte, to, bytes) ".insn s 0x2b, 0, " byte ", " #bytes "(" to ")\n\t"
#define TR_XP_STORE8_STEP(byte, to, step) TR_XP_R(0x2b, 4, 0x00, step, to, byte)
#define TR_XP_STORE_NEXT(word, to, bytes) ".insn s 0x2b, 2, " word ", " #bytes "(" to ")\n\t"

/* lp.setup: runs the `words` instructions that follow `count` times, count >= 1. They are not
 * compressed, and none of them jumps. */
#define TR_XP_LOOP(level, count, words) \
  ".insn i 0x7b, 4, x" #level ", " count ", (2 * " #words ")\n\t"

/* Around code with hardware loops. */
#define TR_XP_BEGIN ".p2align 2\n\t.option push\n\t.option norvc\n\t"
#define TR_XP_END ".option pop\n\t"

#define TR_XP_BINARY(text, type, a, b)                      \
  type result;                                              \
  __asm__(text("%0", "%1", "%2") : "=r"(result) : "r"(a), "r"(b)); \
  return result

#define TR_XP_ADDING(text, acc, a, b)                         \
  __asm__(text("%0", "%1", "%2") : "+r"(acc) : "r"(a), "r"(b)); \
  return acc

#endif

#if defined(TR_XPULP_BUILTIN)
typedef int8_t tr_xp_bytes __attribute__((vector_size(4)));
typedef uint8_t tr_xp_ubytes __attribute__((vector_size(4)));
typedef int16_t tr_xp_pair __attribute__((vector_size(4)));
#endif

TR_INLINE int32_t tr_xp_byte(uint32_t word, int index) {
  return (int8_t)(word >> (8 * index) & 0xFFU);
}

/* Four bytes from any address: one load, which costs a cycle more when it crosses a word. */
TR_INLINE uint32_t tr_xp_load(const void *address) {
  uint32_t word;
#if defined(TR_XPULP_INSN)
  __asm__("lw %0, %1" : "=r"(word) : "m"(*(const int8_t(*)[4])address));
#else
  __builtin_memcpy(&word, address, sizeof word);
#endif
  return word;
}

TR_INLINE void tr_xp_store(void *address, uint32_t word) {
#if defined(TR_XPULP_INSN)
  __asm__("sw %1, %0" : "=m"(*(int8_t(*)[4])address) : "r"(word));
#else
  __builtin_memcpy(address, &word, sizeof word);
#endif
}

/* acc + the products of four signed bytes. */
TR_INLINE int32_t tr_xp_sdotsp4(uint32_t a, uint32_t b, int32_t acc) {
#if defined(TR_XPULP_INSN)
  TR_XP_ADDING(TR_XP_SDOTSP4, acc, a, b);
#elif defined(TR_XPULP_BUILTIN)
  return __builtin_pulp_sdotsp4((tr_xp_bytes)a, (tr_xp_bytes)b, acc);
#else
  uint32_t sum = (uint32_t)acc;
  for (int i = 0; i < 4; i++) {
    sum += (uint32_t)(tr_xp_byte(a, i) * tr_xp_byte(b, i));
  }
  return (int32_t)sum;
#endif
}

/* The same, the bytes of a unsigned. */
TR_INLINE int32_t tr_xp_sdotusp4(uint32_t a, uint32_t b, int32_t acc) {
#if defined(TR_XPULP_INSN)
  TR_XP_ADDING(TR_XP_SDOTUSP4, acc, a, b);
#elif defined(TR_XPULP_BUILTIN)
  return __builtin_pulp_sdotusp4((tr_xp_ubytes)a, (tr_xp_bytes)b, acc);
#else
  uint32_t sum = (uint32_t)acc;
  for (int i = 0; i < 4; i++) {
    sum += (uint32_t)((int32_t)(a >> (8 * i) & 0xFFU) * tr_xp_byte(b, i));
  }
  return (int32_t)sum;
#endif
}

/* acc + the products of two pairs. */
TR_INLINE int32_t tr_xp_sdotsp2(uint32_t a, uint32_t b, int32_t acc) {
#if defined(TR_XPULP_INSN)
  TR_XP_ADDING(TR_XP_SDOTSP2, acc, a, b);
#elif defined(TR_XPULP_BUILTIN)
  return __builtin_pulp_sdotsp2((tr_xp_pair)a, (tr_xp_pair)b, acc);
#else
  return (int32_t)((uint32_t)acc + (uint32_t)(tr_low(a) * tr_low(b)) +
                   (uint32_t)(tr_high(a) * tr_high(b)));
#endif
}

/* The larger, and the smaller, of two bytes, four times. */
TR_INLINE uint32_t tr_xp_max4(uint32_t a, uint32_t b) {
#if defined(TR_XPULP_INSN)
  TR_XP_BINARY(TR_XP_MAX4, uint32_t, a, b);
#elif defined(TR_XPULP_BUILTIN)
  return (uint32_t)__builtin_pulp_max4((tr_xp_bytes)a, (tr_xp_bytes)b);
#else
  uint32_t larger = 0;
  for (int i = 0; i < 4; i++) {
    const uint32_t word = tr_xp_byte(a, i) > tr_xp_byte(b, i) ? a : b;
    larger |= word & (0xFFU << (8 * i));
  }
  return larger;
#endif
}

TR_INLINE uint32_t tr_xp_min4(uint32_t a, uint32_t b) {
#if defined(TR_XPULP_INSN)
  TR_XP_BINARY(TR_XP_MIN4, uint32_t, a, b);
#elif defined(TR_XPULP_BUILTIN)
  return (uint32_t)__builtin_pulp_min4((tr_xp_bytes)a, (tr_xp_bytes)b);
#else
  return ~tr_xp_max4(~a, ~b);
#endif
}

/* The pair (low, high) of the low halves of its operands. */
TR_INLINE uint32_t tr_xp_pack2(int32_t low, int32_t high) {
#if defined(TR_XPULP_INSN)
  TR_XP_BINARY(TR_XP_PACK2, uint32_t, high, low);
#elif defined(TR_XPULP_BUILTIN)
  return (uint32_t)__builtin_pulp_pack2((int16_t)low, (int16_t)high);
#else
  return tr_pair(low, high);
#endif
}

/* The low bytes of four words in one. */
TR_INLINE uint32_t tr_xp_pack4(int32_t b0, int32_t b1, int32_t b2, int32_t b3) {
#if defined(TR_XPULP_INSN)
  uint32_t word;
  __asm__("" : "=r"(word)); /* both halves are written below */
  __asm__(TR_XP_PACK_LOW("%0", "%1", "%2") : "+r"(word) : "r"(b1), "r"(b0));
  __asm__(TR_XP_PACK_HIGH("%0", "%1", "%2") : "+r"(word) : "r"(b3), "r"(b2));
  return word;
#elif defined(TR_XPULP_BUILTIN)
  return (uint32_t)__builtin_pulp_pack4((int8_t)b0, (int8_t)b1, (int8_t)b2, (int8_t)b3);
#else
  return ((uint32_t)b0 & 0xFFU) | ((uint32_t)b1 & 0xFFU) << 8 | ((uint32_t)b2 & 0xFFU) << 16 |
         (uint32_t)b3 << 24;
#endif
}

/* Byte i is byte mask_i % 4 of `first`, or of `second` where bit 2 of mask_i is set. */
TR_INLINE uint32_t tr_xp_shuffle4(uint32_t first, uint32_t second, uint32_t mask) {
#if defined(TR_XPULP_INSN)
  __asm__(TR_XP_SHUFFLE4("%0", "%1", "%2") : "+r"(first) : "r"(second), "r"(mask));
  return first;
#elif defined(TR_XPULP_BUILTIN)
  return (uint32_t)__builtin_shuffle((tr_xp_bytes)first, (tr_xp_bytes)second,
                                     (tr_xp_bytes)mask);
#else
  uint32_t word = 0;
  for (int i = 0; i < 4; i++) {
    const uint32_t chosen = mask >> (8 * i);
    const uint32_t from = (chosen & 4U) != 0 ? second : first;
    word |= (from >> (8 * (chosen & 3U)) & 0xFFU) << (8 * i);
  }
  return word;
#endif
}

/* The value clamped to eight bits. */
TR_INLINE int32_t tr_xp_clip8(int32_t value) {
#if defined(TR_XPULP_INSN)
  int32_t clipped;
  __asm__(TR_XP_CLIP8("%0", "%1") : "=r"(clipped) : "r"(value));
  return clipped;
#elif defined(TR_XPULP_BUILTIN)
  return __builtin_pulp_clip_r(value, INT8_MAX);
#else
  return value < INT8_MIN ? INT8_MIN : (value > INT8_MAX ? INT8_MAX : value);
#endif
}

/* The value clamped to [-bound - 1, bound]. */
TR_INLINE int32_t tr_xp_clip(int32_t value, int32_t bound) {
#if defined(TR_XPULP_INSN)
  TR_XP_BINARY(TR_XP_CLIP, int32_t, value, bound);
#elif defined(TR_XPULP_BUILTIN)
  return __builtin_pulp_clip_r(value, bound);
#else
  return value < -bound - 1 ? -bound - 1 : (value > bound ? bound : value);
#endif
}

TR_INLINE int32_t tr_xp_max(int32_t a, int32_t b) {
#if defined(TR_XPULP_INSN)
  TR_XP_BINARY(TR_XP_MAX, int32_t, a, b);
#elif defined(TR_XPULP_BUILTIN)
  return __builtin_pulp_maxsi(a, b);
#else
  return a > b ? a : b;
#endif
}

TR_INLINE int32_t tr_xp_min(int32_t a, int32_t b) {
#if defined(TR_XPULP_INSN)
  TR_XP_BINARY(TR_XP_MIN, int32_t, a, b);
#elif defined(TR_XPULP_BUILTIN)
  return __builtin_pulp_minsi(a, b);
#else
  return a < b ? a : b;
#endif
}

/* acc + a * b. */
TR_INLINE int32_t tr_xp_mac(int32_t a, int32_t b, int32_t acc) {
#if defined(TR_XPULP_INSN)
  TR_XP_ADDING(TR_XP_MAC, acc, a, b);
#elif defined(TR_XPULP_BUILTIN)
  return __builtin_pulp_mac(a, b, acc);
#else
  return (int32_t)((uint32_t)acc + (uint32_t)a * (uint32_t)b);
#endif
}

/* (a * b) >> 16 and (acc + a * b) >> 16, of the low halves of a and b. */
TR_INLINE int32_t tr_xp_muls16(int32_t a, int32_t b) {
#if defined(TR_XPULP_INSN)
  TR_XP_BINARY(TR_XP_MULS16, int32_t, a, b);
#elif defined(TR_XPULP_BUILTIN)
  return __builtin_pulp_mulsN(a, b, 16);
#else
  return tr_low((uint32_t)a) * tr_low((uint32_t)b) >> 16;
#endif
}

TR_INLINE int32_t tr_xp_macs16(int32_t a, int32_t b, int32_t acc) {
#if defined(TR_XPULP_INSN)
  TR_XP_ADDING(TR_XP_MACS16, acc, a, b);
#elif defined(TR_XPULP_BUILTIN)
  return __builtin_pulp_macsN(a, b, acc, 16);
#else
  return (acc + tr_low((uint32_t)a) * tr_low((uint32_t)b)) >> 16;
#endif
}

/* (a + b + 2^(shift-1)) >> shift, 1 <= shift <= 31. */
TR_INLINE int32_t tr_xp_add_round(int32_t a, int32_t b, int32_t shift) {
#if defined(TR_XPULP_INSN)
  __asm__(TR_XP_ADD_ROUND("%0", "%1", "%2") : "+r"(a) : "r"(b), "r"(shift));
  return a;
#elif defined(TR_XPULP_BUILTIN)
  return __builtin_pulp_addRN_r(a, b, shift);
#else
  return (int32_t)((uint32_t)a + (uint32_t)b + (1U << (shift - 1))) >> shift;
#endif
}

/* Zeros above the highest one; value > 0. */
TR_INLINE int32_t tr_xp_leading_zeros(uint32_t value) {
#if defined(TR_XPULP_INSN)
  int32_t last;
  __asm__(TR_XP_LAST_ONE("%0", "%1") : "=r"(last) : "r"(value));
  return 31 - last;
#else
  return (int32_t)__builtin_clz(value);
#endif
}

/* (a * b) >> 32. */
TR_INLINE int32_t tr_xp_high(int32_t a, int32_t b) {
  return (int32_t)(((int64_t)a * b) >> 32);
}

#endif
