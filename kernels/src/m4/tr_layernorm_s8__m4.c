#include "tinyrig/finish.h"
#include "tinyrig/inverse_sqrt.h"
#include "tinyrig/layernorm.h"

/* The sums of a row are taken in parts of at most so many elements. */
#define PART 480

/* Rows up to this long, and shifts up to this large, are normalised by pairs. */
#define LONGEST 4095
#define LARGEST_SHIFT 48

typedef struct {
  int32_t sum;
  int32_t squares;
} moments;

/* Sums in the making: of the bytes as unsigned numbers, and of (x + 2^14)^2, wrapping. */
typedef struct {
  uint32_t bytes;
  int32_t raised;
} sums;

#define RAISE 0x40004000U

#if defined(__ARM_FEATURE_DSP)
#define WORD(w)                                  \
  "sxtab16 %[o], %[raise], %[" w "], ror #8\n\t" \
  "usada8 %[b], %[" w "], %[zero], %[b]\n\t"     \
  "sxtab16 %[" w "], %[raise], %[" w "]\n\t"     \
  "smlad %[r], %[o], %[o], %[r]\n\t"             \
  "smlad %[r], %[" w "], %[" w "], %[r]\n\t"

/* Loads stand together: Cortex-M4 pipelines neighbouring loads, and compilers part them. */
#define FOUR_WORDS             \
  "ldr.w %[d], [%[x], #12]\n\t" \
  "ldr.w %[c], [%[x], #8]\n\t"  \
  "ldr.w %[e], [%[x], #4]\n\t"  \
  "ldr %[a], [%[x]], #16\n\t" WORD("a") WORD("e") WORD("c") WORD("d")

/* Elements [x, end), a multiple of 32. */
TR_INLINE const int8_t *add_many(sums *to, const int8_t *x, const int8_t *end) {
  uint32_t a;
  uint32_t c;
  uint32_t d;
  uint32_t e;
  uint32_t o;
  __asm__(".p2align 2\n\t"
          "1:\n\t" FOUR_WORDS FOUR_WORDS
          "cmp %[x], %[end]\n\t"
          "bne.w 1b\n\t"
          : [x] "+&r"(x), [b] "+&r"(to->bytes), [r] "+&r"(to->raised), [a] "=&r"(a), [c] "=&r"(c),
            [d] "=&r"(d), [e] "=&r"(e), [o] "=&r"(o)
          : [end] "r"(end), [zero] "r"(0), [raise] "r"(RAISE)
          : "cc", "memory");
  return x;
}
#endif

TR_INLINE void add_four(sums *to, uint32_t word) {
  const uint32_t even = tr_add_even_bytes(RAISE, word);
  const uint32_t odd = tr_add_odd_bytes(RAISE, word);
  to->bytes = tr_add_unsigned_bytes(to->bytes, word);
  to->raised = tr_dot2(odd, odd, tr_dot2(even, even, to->raised));
}

/* The sums of at most PART elements. One product a pair is enough for both: with `negative`
 * elements below 0, the sum of (x + 2^14)^2, less what is the same for all rows, less 2^15 times
 * the bytes, is the sum of x^2, which needs 23 bits, less 2^23 * negative. */
TR_INLINE moments moments_of(const int8_t *x, int32_t count) {
  sums s = {0, (int32_t)(0U - ((uint32_t)count << 28))};
  const int8_t *const end = x + count;
#if defined(__ARM_FEATURE_DSP)
  if (count >= 32) {
    x = add_many(&s, x, x + count / 32 * 32);
  }
#endif
  TR_NO_UNROLL
  for (; end - x >= 4; x += 4) {
    add_four(&s, tr_load4(x));
  }
  for (; x < end; x++) {
    const int32_t value = *x + (1 << 14);
    s.bytes += (uint8_t)*x;
    s.raised = tr_wrapping_add(s.raised, value * value);
  }
  const uint32_t mixed = (uint32_t)s.raised - (s.bytes << 15);
  const uint32_t squares = mixed & 0x7FFFFFU;
  const uint32_t negative = (squares - mixed) >> 23;
  const moments found = {(int32_t)(s.bytes - (negative << 8)), (int32_t)squares};
  return found;
}

/* The sums of a row of more than PART elements. */
TR_NOINLINE moments moments_of_parts(const int8_t *x, int32_t count) {
  moments all = {0, 0};
  while (count > 0) {
    const int32_t part = count < PART ? count : PART;
    const moments found = moments_of(x, part);
    all.sum += found.sum;
    all.squares += found.squares;
    x += part;
    count -= part;
  }
  return all;
}

/* Elements by pairs: y = sat8((start + n * gamma) * multiplier >> 32), where n is the upper half
 * of ((x * factor + offset) * root >> 32) + 2^15. */
typedef struct {
  uint32_t factor;
  uint32_t offset;
  int32_t root;
} affine;

#if defined(__ARM_FEATURE_DSP)

/* Constants and addresses take nine registers of fourteen, so two elements go at a time, written
 * out because compilers spill. Loads stand together by memory, and no load follows a store: both
 * would cost Cortex-M4 a cycle. */
#define PAIR_FIRST           \
  "ldrsb.w lr, [r0, #1]\n\t" \
  "ldrsb r9, [r0], #2\n\t"   \
  "mla lr, lr, r6, r5\n\t"   \
  "mla r9, r9, r6, r5\n\t"   \
  "smmla lr, lr, r4, r7\n\t"

#define PAIR_STORE       \
  "strb r11, [r1], #1\n\t" \
  "strb r12, [r1], #1\n\t"

#define PAIR_SECOND              \
  "smmla r9, r9, r4, r7\n\t"     \
  "ldr r10, [r2], #4\n\t"        \
  "ldr.w r12, [r3, #4]\n\t"      \
  "ldr r11, [r3], #8\n\t"        \
  "smlatt r12, lr, r10, r12\n\t" \
  "smlatb r11, r9, r10, r11\n\t" \
  "smmul r12, r12, r8\n\t"       \
  "smmul r11, r11, r8\n\t"

#define PAIR_CLIP          \
  "ssat r12, #8, r12\n\t"  \
  "ssat r11, #8, r11\n\t"

#define PAIR PAIR_FIRST PAIR_STORE PAIR_SECOND PAIR_CLIP
#define PAIR_BYTES 68

/* How many pairs a round has, and the odd address in it where `count` pairs begin. */
#define ROUND 16
#define PAIRS_ENTRY(count) ((uint32_t)(-(count) & (ROUND - 1)) * PAIR_BYTES + 1)

/* Pairs [x, end); the first of a round stores what the last of the one before made. */
TR_INLINE void normalise_pairs(const tr_layernorm_s8_params *p, affine a, uint32_t entry,
                               const int8_t *x, const int8_t *end, int8_t *y) {
  register const int8_t *r0 __asm__("r0") = x;
  register int8_t *r1 __asm__("r1") = y;
  register const int16_t *r2 __asm__("r2") = p->gamma;
  register const int32_t *r3 __asm__("r3") = p->start;
  register int32_t r4 __asm__("r4") = a.root;
  register uint32_t r5 __asm__("r5") = a.offset;
  register uint32_t r6 __asm__("r6") = a.factor;
  register int32_t r8 __asm__("r8") = *p->requant.multiplier;
  register const int8_t *r9 __asm__("r9") = end;
  register uint32_t r10 __asm__("r10") = entry;
  __asm__ volatile("push {r7, r9}\n\t" /* r7 may be the frame pointer, so it is not declared */
                   "mov.w r7, #0x8000\n\t"
                   "adr.w r9, 2f\n\t"
                   "add r10, r9\n\t" PAIR_FIRST
                   "bx r10\n\t"
                   ".p2align 2\n\t"
                   "1:\n\t" PAIR_FIRST PAIR_STORE
                   "2:\n\t" PAIR_SECOND PAIR_CLIP
                   PAIR PAIR PAIR PAIR PAIR PAIR PAIR PAIR PAIR PAIR PAIR PAIR PAIR PAIR
                   PAIR_FIRST PAIR_STORE PAIR_SECOND
                   "ldr.w r9, [sp, #4]\n\t" PAIR_CLIP
                   "cmp r0, r9\n\t"
                   "bne.w 1b\n\t" PAIR_STORE
                   "ldr r7, [sp], #8\n\t"
                   : "+r"(r0), "+r"(r1), "+r"(r2), "+r"(r3), "+r"(r9), "+r"(r10)
                   : "r"(r4), "r"(r5), "r"(r6), "r"(r8)
                   : "r11", "r12", "lr", "cc", "memory");
}

#else

#define PAIRS_ENTRY(count) 0U

TR_INLINE void normalise_pairs(const tr_layernorm_s8_params *p, affine a, uint32_t entry,
                               const int8_t *x, const int8_t *end, int8_t *y) {
  (void)entry;
  for (int32_t i = 0; x + i < end; i++) {
    const int32_t centred = (int32_t)((uint32_t)x[i] * a.factor + a.offset);
    const int32_t n = tr_high_multiply_add(centred, a.root, 1 << 15) >> 16;
    y[i] = (int8_t)tr_finish_narrow(p->start[i] + n * p->gamma[i], *p->requant.multiplier);
  }
}

#endif

/* Elements from `first` on in any form. (centred * root + 2^(shift-1)) >> shift from the high word
 * alone: where shift is below 33 the centred value moves up first. It is at most 2^(shift-15.5)
 * there, as |centred| <= sqrt(length * V) and V < 2^(2 * shift - 46), so nothing is lost. */
TR_NOINLINE void normalise_rest(const tr_layernorm_s8_params *p, tr_inverse_sqrt inverse,
                                int32_t sum, const int8_t *x, int8_t *y, int32_t first) {
  const int32_t up = inverse.shift < 33 ? 33 - inverse.shift : 0;
  const int32_t down = inverse.shift + up - 32;
  const int32_t half = (int32_t)(1U << (down - 1));
  const tr_requant form = p->requant;
  const int32_t multiplier = *form.multiplier;
  TR_NO_UNROLL
  for (int32_t i = first; i < p->length; i++) {
    const uint32_t centred = (uint32_t)(p->length * x[i] - sum) << up;
    const int32_t n = tr_high_multiply_add((int32_t)centred, inverse.root, half) >> down;
    y[i] = (int8_t)tr_finish(&form, 0, p->start[i] + n * p->gamma[i], multiplier);
  }
}

/* Rows of contiguous elements; the first `paired` of each are normalised by pairs. */
void tr_layernorm_s8__m4(const tr_layernorm_s8_params *p, const int8_t *x, int8_t *y,
                         void *scratch) {
  (void)scratch;
  const int32_t length = p->length;
  const int plain = tr_finish_is_plain(&p->requant, 0) && length <= LONGEST;
  const int32_t paired = plain ? length / 2 * 2 : 0;
  const uint32_t entry = PAIRS_ENTRY(paired / 2);
  for (int32_t i = p->rows; i > 0; i--) {
    const moments m = length <= PART ? moments_of(x, length) : moments_of_parts(x, length);
    const tr_inverse_sqrt inverse =
        tr_inverse_sqrt_of((int64_t)length * m.squares - (int64_t)m.sum * m.sum + p->eps);
    /* The centred value moves up until 2^16 times the normalised one is a high word. It stays an
     * int32: by the bounds at normalise_rest it is below 2^25 * sqrt(length). */
    const int32_t up = LARGEST_SHIFT - inverse.shift;
    const int32_t done = up >= 0 ? paired : 0;
    if (done != 0) {
      const affine a = {(uint32_t)length << up, 0U - ((uint32_t)m.sum << up), inverse.root};
      normalise_pairs(p, a, entry, x, x + done, y);
    }
    if (done != length) {
      normalise_rest(p, inverse, m.sum, x, y, done);
    }
    x += p->x_row;
    y += p->y_row;
  }
}
