/* The PULP compilers' builtins that xpulp.h names, for a compiler that has none of them. Written
 * from their documentation, apart from the kernels' portable code. */
#ifndef XPULP_BUILTINS_H
#define XPULP_BUILTINS_H

#include <stdint.h>

typedef int8_t v4s __attribute__((vector_size(4)));
typedef uint8_t v4u __attribute__((vector_size(4)));
typedef int16_t v2s __attribute__((vector_size(4)));

static inline int32_t pulp_wrap(int64_t value) { return (int32_t)(uint32_t)(uint64_t)value; }

static inline int32_t pulp_sdotsp4(v4s a, v4s b, int32_t acc) {
  return pulp_wrap((int64_t)acc + a[0] * b[0] + a[1] * b[1] + a[2] * b[2] + a[3] * b[3]);
}

static inline int32_t pulp_sdotusp4(v4u a, v4s b, int32_t acc) {
  return pulp_wrap((int64_t)acc + a[0] * b[0] + a[1] * b[1] + a[2] * b[2] + a[3] * b[3]);
}

static inline int32_t pulp_sdotsp2(v2s a, v2s b, int32_t acc) {
  return pulp_wrap((int64_t)acc + (int64_t)a[0] * b[0] + (int64_t)a[1] * b[1]);
}

static inline v4s pulp_max4(v4s a, v4s b) {
  const v4s chosen = a > b;
  return (a & chosen) | (b & ~chosen);
}

static inline v4s pulp_min4(v4s a, v4s b) {
  const v4s chosen = a < b;
  return (a & chosen) | (b & ~chosen);
}

static inline v2s pulp_pack2(int16_t low, int16_t high) { return (v2s){low, high}; }

static inline v4s pulp_pack4(int8_t b0, int8_t b1, int8_t b2, int8_t b3) {
  return (v4s){b0, b1, b2, b3};
}

static inline int32_t pulp_clip_r(int32_t value, int32_t bound) {
  return value > bound ? bound : (value < -bound - 1 ? -bound - 1 : value);
}

static inline int32_t pulp_mulsN(int32_t a, int32_t b, int32_t n) {
  return (int32_t)(int16_t)a * (int16_t)b >> n;
}

static inline int32_t pulp_macsN(int32_t a, int32_t b, int32_t acc, int32_t n) {
  return pulp_wrap((int64_t)acc + (int32_t)(int16_t)a * (int16_t)b) >> n;
}

static inline int32_t pulp_addRN_r(int32_t a, int32_t b, int32_t n) {
  return pulp_wrap((int64_t)a + b + ((int64_t)1 << (n - 1))) >> n;
}

#define __builtin_pulp_sdotsp4 pulp_sdotsp4
#define __builtin_pulp_sdotusp4 pulp_sdotusp4
#define __builtin_pulp_sdotsp2 pulp_sdotsp2
#define __builtin_pulp_max4 pulp_max4
#define __builtin_pulp_min4 pulp_min4
#define __builtin_pulp_pack2 pulp_pack2
#define __builtin_pulp_pack4 pulp_pack4
#define __builtin_pulp_clip_r pulp_clip_r
#define __builtin_pulp_maxsi(a, b) ((a) > (b) ? (a) : (b))
#define __builtin_pulp_minsi(a, b) ((a) < (b) ? (a) : (b))
#define __builtin_pulp_mac(a, b, acc) pulp_wrap((int64_t)(acc) + (int64_t)(a) * (b))
#define __builtin_pulp_mulsN pulp_mulsN
#define __builtin_pulp_macsN pulp_macsN
#define __builtin_pulp_addRN_r pulp_addRN_r

#endif
