/* The DSP instructions of ARMv7E-M: ACLE intrinsics where the core has them, exact portable
 * equivalents elsewhere. Bytes and halfwords are numbered from the least significant; memory is
 * little-endian. A "pair" is two int16 in one word. */
#ifndef TINYRIG_DSP_H
#define TINYRIG_DSP_H

#include <stdint.h>

#if defined(__ARM_FEATURE_DSP)
#include <arm_acle.h>
#endif

#define TR_INLINE static inline __attribute__((always_inline))
#define TR_NOINLINE static __attribute__((noinline, unused))
/* What few calls go through, or a small part of one: small rather than fast. */
#define TR_SMALL static __attribute__((noinline, unused, cold))

/* Before a loop that is unrolled by hand, or gains nothing; before one that gains by four. */
#if defined(__clang__)
#define TR_NO_UNROLL _Pragma("clang loop unroll(disable)")
#define TR_UNROLL_4 _Pragma("clang loop unroll_count(4)")
#else
#define TR_NO_UNROLL
#define TR_UNROLL_4
#endif

/* Four bytes from any address: one LDR. The compiler may not merge it into LDRD or LDM, which
 * fault on addresses that are no multiple of 4. */
TR_INLINE uint32_t tr_load4(const int8_t *address) {
  uint32_t word;
  __builtin_memcpy(&word, address, sizeof word);
  return word;
}

/* Two bytes from any address, the first one lowest. */
TR_INLINE uint32_t tr_load2(const int8_t *address) {
  uint16_t half;
  __builtin_memcpy(&half, address, sizeof half);
  return half;
}

TR_INLINE void tr_store4(int8_t *address, uint32_t word) {
  __builtin_memcpy(address, &word, sizeof word);
}

TR_INLINE int32_t tr_low(uint32_t pair) { return (int16_t)(pair & 0xFFFFU); }

TR_INLINE int32_t tr_high(uint32_t pair) { return (int16_t)(pair >> 16); }

TR_INLINE uint32_t tr_pair(int32_t low, int32_t high) {
  return ((uint32_t)low & 0xFFFFU) | ((uint32_t)high << 16);
}

/* The pairs of the low and of the high halves of two words. */
TR_INLINE uint32_t tr_low_halves(uint32_t a, uint32_t b) { return (a & 0xFFFFU) | b << 16; }

TR_INLINE uint32_t tr_high_halves(uint32_t a, uint32_t b) { return a >> 16 | (b & 0xFFFF0000U); }

/* The pair (byte 0, byte 2), sign-extended. */
TR_INLINE uint32_t tr_even_bytes(uint32_t bytes) {
#if defined(__ARM_FEATURE_DSP)
  return (uint32_t)__sxtb16((int8x4_t)bytes);
#else
  return tr_pair((int8_t)(bytes & 0xFFU), (int8_t)(bytes >> 16 & 0xFFU));
#endif
}

/* The pair (byte 1, byte 3), sign-extended. */
TR_INLINE uint32_t tr_odd_bytes(uint32_t bytes) { return tr_even_bytes(bytes >> 8 | bytes << 24); }

/* The four pairs (a byte of a, that of b), sign-extended. */
TR_INLINE void tr_byte_pairs(uint32_t a, uint32_t b, uint32_t *pair) {
  const uint32_t a_even = tr_even_bytes(a);
  const uint32_t a_odd = tr_odd_bytes(a);
  const uint32_t b_even = tr_even_bytes(b);
  const uint32_t b_odd = tr_odd_bytes(b);
  pair[0] = tr_low_halves(a_even, b_even);
  pair[1] = tr_low_halves(a_odd, b_odd);
  pair[2] = tr_high_halves(a_even, b_even);
  pair[3] = tr_high_halves(a_odd, b_odd);
}

/* A pair plus the pair (byte 0, byte 2), lane by lane, wrapping. */
TR_INLINE uint32_t tr_add_even_bytes(uint32_t pair, uint32_t bytes) {
#if defined(__ARM_FEATURE_DSP)
  return (uint32_t)__sxtab16((int16x2_t)pair, (int8x4_t)bytes);
#else
  const uint32_t even = tr_even_bytes(bytes);
  return tr_pair(tr_low(pair) + tr_low(even), tr_high(pair) + tr_high(even));
#endif
}

TR_INLINE uint32_t tr_add_odd_bytes(uint32_t pair, uint32_t bytes) {
  return tr_add_even_bytes(pair, bytes >> 8 | bytes << 24);
}

/* acc plus four bytes, each from 0 to 255. */
TR_INLINE uint32_t tr_add_unsigned_bytes(uint32_t acc, uint32_t bytes) {
#if defined(__ARM_FEATURE_DSP)
  return __usada8((uint8x4_t)bytes, 0, acc);
#else
  return acc + (bytes & 0xFFU) + (bytes >> 8 & 0xFFU) + (bytes >> 16 & 0xFFU) + (bytes >> 24);
#endif
}

/* The larger of two bytes, four times. */
TR_INLINE uint32_t tr_max4(uint32_t a, uint32_t b) {
#if defined(__ARM_FEATURE_DSP)
  uint32_t larger; /* one statement, because SSUB8 leaves its answer to SEL in the flags */
  __asm__("ssub8 %0, %1, %2\n\tsel %0, %1, %2" : "=&r"(larger) : "r"(a), "r"(b) : "cc");
  return larger;
#else
  uint32_t larger = 0;
  for (int shift = 0; shift < 32; shift += 8) {
    const int8_t one = (int8_t)(a >> shift & 0xFFU);
    const int8_t other = (int8_t)(b >> shift & 0xFFU);
    larger |= (uint32_t)((one > other ? one : other) & 0xFF) << shift;
  }
  return larger;
#endif
}

/* The smaller of two bytes, four times. */
TR_INLINE uint32_t tr_signed_min4(uint32_t a, uint32_t b) {
#if defined(__ARM_FEATURE_DSP)
  uint32_t smaller; /* one statement, as in tr_max4 */
  __asm__("ssub8 %0, %1, %2\n\tsel %0, %2, %1" : "=&r"(smaller) : "r"(a), "r"(b) : "cc");
  return smaller;
#else
  uint32_t smaller = 0;
  for (int shift = 0; shift < 32; shift += 8) {
    const int8_t one = (int8_t)(a >> shift & 0xFFU);
    const int8_t other = (int8_t)(b >> shift & 0xFFU);
    smaller |= (uint32_t)((one < other ? one : other) & 0xFF) << shift;
  }
  return smaller;
#endif
}

/* The smaller of two unsigned bytes, four times. */
TR_INLINE uint32_t tr_min4(uint32_t a, uint32_t b) {
#if defined(__ARM_FEATURE_DSP)
  uint32_t smaller; /* one statement, as in tr_max4 */
  __asm__("usub8 %0, %1, %2\n\tsel %0, %2, %1" : "=&r"(smaller) : "r"(a), "r"(b) : "cc");
  return smaller;
#else
  uint32_t smaller = 0;
  for (int shift = 0; shift < 32; shift += 8) {
    const uint32_t one = a >> shift & 0xFFU;
    const uint32_t other = b >> shift & 0xFFU;
    smaller |= (one < other ? one : other) << shift;
  }
  return smaller;
#endif
}

/* a - b byte by byte, wrapping. */
TR_INLINE uint32_t tr_sub4(uint32_t a, uint32_t b) {
#if defined(__ARM_FEATURE_DSP)
  return (uint32_t)__usub8((uint8x4_t)a, (uint8x4_t)b);
#else
  uint32_t difference = 0;
  for (int shift = 0; shift < 32; shift += 8) {
    difference |= (((a >> shift) - (b >> shift)) & 0xFFU) << shift;
  }
  return difference;
#endif
}

/* acc + a.low * b.low + a.high * b.high, wrapping. */
TR_INLINE int32_t tr_dot2(uint32_t a, uint32_t b, int32_t acc) {
#if defined(__ARM_FEATURE_DSP)
  return __smlad((int16x2_t)a, (int16x2_t)b, acc);
#else
  return (int32_t)((uint32_t)acc + (uint32_t)(tr_low(a) * tr_low(b)) +
                   (uint32_t)(tr_high(a) * tr_high(b)));
#endif
}

/* a + b and a - b * c, wrapping: sums that only their last value must bring back into int32. */
TR_INLINE int32_t tr_wrapping_add(int32_t a, int32_t b) {
  return (int32_t)((uint32_t)a + (uint32_t)b);
}

TR_INLINE int32_t tr_wrapping_mls(int32_t a, int32_t b, int32_t c) {
  return (int32_t)((uint32_t)a - (uint32_t)b * (uint32_t)c);
}

/* (a * b.low) >> 16 and (a * b.high) >> 16. */
TR_INLINE int32_t tr_multiply_low(int32_t a, uint32_t b) {
#if defined(__ARM_FEATURE_DSP)
#if defined(__clang__)
  return __smulwb(a, (int32_t)b);
#else
  int32_t high; /* GCC's arm_acle.h lacks it */
  __asm__("smulwb %0, %1, %2" : "=r"(high) : "r"(a), "r"(b));
  return high;
#endif
#else
  return (int32_t)(((int64_t)a * tr_low(b)) >> 16);
#endif
}

TR_INLINE int32_t tr_multiply_high(int32_t a, uint32_t b) {
#if defined(__ARM_FEATURE_DSP)
#if defined(__clang__)
  return __smulwt(a, (int32_t)b);
#else
  int32_t high; /* GCC's arm_acle.h lacks it */
  __asm__("smulwt %0, %1, %2" : "=r"(high) : "r"(a), "r"(b));
  return high;
#endif
#else
  return (int32_t)(((int64_t)a * tr_high(b)) >> 16);
#endif
}

/* c + ((a * b.low) >> 16) and c + ((a * b.high) >> 16). */
TR_INLINE int32_t tr_multiply_low_add(int32_t a, uint32_t b, int32_t c) {
#if defined(__ARM_FEATURE_DSP)
  return __smlawb(a, (int32_t)b, c);
#else
  return tr_multiply_low(a, b) + c;
#endif
}

TR_INLINE int32_t tr_multiply_high_add(int32_t a, uint32_t b, int32_t c) {
#if defined(__ARM_FEATURE_DSP)
  return __smlawt(a, (int32_t)b, c);
#else
  return tr_multiply_high(a, b) + c;
#endif
}

/* (a * b) >> 32. Spelled out, because compilers take the product apart where they know one
 * operand's bits, and lose by it. */
TR_INLINE int32_t tr_high_multiply(int32_t a, int32_t b) {
#if defined(__ARM_FEATURE_DSP)
  int32_t high;
  __asm__("smmul %0, %1, %2" : "=r"(high) : "r"(a), "r"(b));
  return high;
#else
  return (int32_t)(((int64_t)a * b) >> 32);
#endif
}

/* c + ((a * b) >> 32). */
TR_INLINE int32_t tr_high_multiply_add(int32_t a, int32_t b, int32_t c) {
#if defined(__ARM_FEATURE_DSP)
  int32_t sum;
  __asm__("smmla %0, %1, %2, %3" : "=r"(sum) : "r"(a), "r"(b), "r"(c));
  return sum;
#else
  return (int32_t)(((int64_t)a * b) >> 32) + c;
#endif
}

/* pair.low * b and pair.high * b, b an int16. */
TR_INLINE int32_t tr_low_times(uint32_t pair, int32_t b) {
#if defined(__ARM_FEATURE_DSP) && defined(__clang__)
  return __smulbb((int32_t)pair, b); /* GCC's arm_acle.h lacks it */
#else
  return tr_low(pair) * (int16_t)b;
#endif
}

TR_INLINE int32_t tr_high_times(uint32_t pair, int32_t b) {
#if defined(__ARM_FEATURE_DSP) && defined(__clang__)
  return __smultb((int32_t)pair, b); /* GCC's arm_acle.h lacks it */
#else
  return tr_high(pair) * (int16_t)b;
#endif
}

/* (a * b + 2^31) >> 32. */
TR_INLINE int32_t tr_high_multiply_round(int32_t a, int32_t b) {
#if defined(__ARM_FEATURE_DSP)
  int32_t high;
  __asm__("smmulr %0, %1, %2" : "=r"(high) : "r"(a), "r"(b));
  return high;
#else
  return (int32_t)(((int64_t)a * b + (int64_t)0x80000000) >> 32);
#endif
}

/* c + ((a * b + 2^31) >> 32). */
TR_INLINE int32_t tr_high_multiply_add_round(int32_t a, int32_t b, int32_t c) {
#if defined(__ARM_FEATURE_DSP)
  int32_t sum;
  __asm__("smmlar %0, %1, %2, %3" : "=r"(sum) : "r"(a), "r"(b), "r"(c));
  return sum;
#else
  return c + (int32_t)(((int64_t)a * b + (int64_t)0x80000000) >> 32);
#endif
}

/* GCC's arm_acle.h mixes signs in __ssat, which -Wconversion tells of where it is used. */
#if defined(__ARM_FEATURE_SAT) && defined(__clang__)
#define TR_SATURATE_TO(value, bits) __ssat(value, bits)
#elif defined(__ARM_FEATURE_SAT)
#define TR_SATURATE_TO(value, bits) ((int32_t)__builtin_arm_ssat(value, bits))
#else
#define TR_SATURATE_TO(value, bits)                                            \
  ((value) < -(1 << ((bits) - 1))      ? -(1 << ((bits) - 1))                  \
   : (value) > (1 << ((bits) - 1)) - 1 ? (1 << ((bits) - 1)) - 1 : (value))
#endif

/* The value clamped to [-128, 127], and to [-2^21, 2^21 - 1]. */
TR_INLINE int32_t tr_saturate8(int32_t value) { return TR_SATURATE_TO(value, 8); }

TR_INLINE int32_t tr_saturate22(int32_t value) { return TR_SATURATE_TO(value, 22); }

#endif
