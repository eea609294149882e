/* Rows by the steps of arm/layernorm_row.h, written out: what the schedules of the cores share. */
#ifndef TINYRIG_LAYERNORM_TAME_H
#define TINYRIG_LAYERNORM_TAME_H

#include "arm/layernorm_row.h"

/* Rows [x, x + length) still to come, each followed by a gap. */
typedef struct {
  const int8_t *x;
  int8_t *y;
  int32_t rows;
} tr_norm_rows_left;

typedef tr_norm_rows_left tr_tame_rows(const tr_layernorm_s8_params *p, tr_norm_rows_left at);

/* All rows: those that are tame by the schedule, the others by themselves. */
TR_INLINE void tr_layernorm_rows(tr_tame_rows *tame, const tr_layernorm_s8_params *p,
                                 const int8_t *x, int8_t *y) {
  const int upper = tr_finish_is_plain(&p->requant, 0) && *p->requant.multiplier == 1 << 16;
  const int written = upper && p->start[TR_NORM_LEAST] != 0;
  tr_norm_rows_left at = {x, y, p->rows};
  while (at.rows > 0) {
    if (written) {
      at = tame(p, at);
    }
    if (at.rows > 0) {
      tr_norm_row(p, upper, at.x, at.y);
      at.x += p->x_row;
      at.y += p->y_row;
      at.rows--;
    }
  }
}

#if defined(__ARM_FEATURE_DSP)

/* Sums of four elements, as tr_raised_four. */
#define TR_TAME_SUM_WORD(w)            \
  "sxtab16 r11, lr, " w ", ror #8\n\t" \
  "usada8 r4, " w ", r12, r4\n\t"      \
  "sxtab16 " w ", lr, " w "\n\t"       \
  "smlad r5, r11, r11, r5\n\t"         \
  "smlad r5, " w ", " w ", r5\n\t"

/* From r4 bytes and r5 raised: r4 the sum, r6 the sum of squares. What the variance needs
 * is loaded while Cortex-M7 waits. */
#define TR_TAME_MOMENTS         \
  "sub r5, r5, r4, lsl #15\n\t" \
  "ldr r2, [sp, #0]\n\t"        \
  "ldr r3, [sp, #4]\n\t"        \
  "ldr.w r8, [sp, #8]\n\t"      \
  "ldr.w r9, [sp, #12]\n\t"     \
  "ldr.w r10, [sp, #16]\n\t"    \
  "ldr.w r12, [sp, #20]\n\t"    \
  "ubfx r6, r5, #0, #23\n\t"    \
  "subs r5, r6, r5\n\t"         \
  "lsrs r5, r5, #23\n\t"        \
  "sub r4, r4, r5, lsl #8\n\t"

/* r3 = V, shifted, r9 = -mean * 2^fraction and r11 what the products with the root move up, which
 * makes them high words. To 90 where the row is not tame. */
#define TR_TAME_VARIANCE          \
  "mla r3, r6, r2, r3\n\t"        \
  "mla r9, r4, r9, r10\n\t"       \
  "mla r3, r10, r4, r3\n\t"       \
  "mla r3, r9, r4, r3\n\t"        \
  "cmp r3, r8\n\t"                \
  "blo.w 90f\n\t"                 \
  "clz r10, r3\n\t"               \
  "add r11, r12, r10, lsr #1\n\t" \
  "bic r10, r10, #1\n\t"          \
  "lsls r3, r10\n\t"

/* A round of tr_inverse_root_of: r5 the root, r3 = v, r6 = 3 * 2^30. */
#define TR_TAME_NEWTON         \
  "umull r8, r4, r5, r5\n\t"   \
  "umull r8, r4, r4, r3\n\t"   \
  "lsls r5, r5, #1\n\t"        \
  "sub r4, r6, r4, lsl #2\n\t" \
  "umull r8, r5, r4, r5\n\t"

/* r3 = factor * 2^8, r4 = offset, as tr_normaliser_of. */
#define TR_TAME_NORMALISER                     \
  "movw r5, #0x3700\n\t"                       \
  "movt r5, #0x8917\n\t"                       \
  "sub r5, r5, r3, lsr #2\n\t"                 \
  "sub r5, r5, r3, lsr #4\n\t"                 \
  "mov r6, #0xC0000000\n\t"                    \
  TR_TAME_NEWTON TR_TAME_NEWTON TR_TAME_NEWTON \
  "lsl r3, r2, r11\n\t"                        \
  "smmulr r3, r3, r5\n\t"                      \
  "lsl r4, r9, r11\n\t"                        \
  "smmulr r4, r4, r5\n\t"                      \
  "lsls r3, r3, #8\n\t"

/* No load follows the store of the four before: that would cost Cortex-M4 a cycle. */
#define TR_TAME_FOUR_FIRST(store) \
  "ldr.w r8, [r0], #4\n\t"        \
  "and.w r9, r5, r8\n\t"          \
  store                           \
  "and.w r8, r5, r8, lsl #8\n\t"

#define TR_TAME_FOUR_STORE "str.w r6, [r1], #4\n\t"

/* As tr_norm_two. */
#define TR_TAME_TWO(y, x, n)           \
  "ldr.w r12, [r2, #4]\n\t"            \
  "ldr.w lr, [r2, #8]\n\t"             \
  "ldr.w r11, [r2], #12\n\t"           \
  "smlawb " n ", r3, " x ", r4\n\t"    \
  "smlawt " x ", r3, " x ", r4\n\t"    \
  "smlawb r11, " n ", lr, r11\n\t"     \
  "smlawt r12, " x ", lr, r12\n\t"     \
  "pkhtb " y ", r12, r11, asr #16\n\t" \
  "ssat16 " y ", #8, " y "\n\t"

#define TR_TAME_FOUR_SECOND      \
  TR_TAME_TWO("r6", "r8", "r6")  \
  TR_TAME_TWO("r9", "r9", "r8")  \
  "and.w r9, r5, r9, lsl #8\n\t" \
  "uxtab16 r6, r9, r6\n\t"

/* What a row has beyond its sixteens: r6 elements. */
#define TR_TAME_SUM_TAIL        \
  "lsrs.w r8, r6, #2\n\t"       \
  "beq 2f\n\t"                  \
  "1:\n\t"                      \
  "ldr.w r10, [r2], #4\n\t"     \
  TR_TAME_SUM_WORD("r10")       \
  "subs.w r8, r8, #1\n\t"       \
  "bne 1b\n\t"                  \
  "2:\n\t"                      \
  "ands.w r6, r6, #3\n\t"       \
  "beq.w 20b\n\t"               \
  "3:\n\t"                      \
  "ldrb.w r10, [r2], #1\n\t"    \
  "add r4, r10\n\t"             \
  "sxtb.w r10, r10\n\t"         \
  "add.w r10, r10, #0x4000\n\t" \
  "mla r5, r10, r10, r5\n\t"    \
  "subs r6, #1\n\t"             \
  "bne 3b\n\t"                  \
  "b.w 20b\n\t"

/* One of the last three elements; `multiply` takes its gamma from one half of a word. */
#define TR_TAME_ONE(start, gammas, multiply) \
  "ldrsb.w r8, [r0], #1\n\t"                 \
  "ldr.w r9, [r2, #" gammas "]\n\t"          \
  "ldr.w r11, [r2, #" start "]\n\t"          \
  "mla r8, r8, r3, r4\n\t"                   \
  multiply " r11, r8, r9, r11\n\t"           \
  "ssat r11, #8, r11, asr #16\n\t"           \
  "strb.w r11, [r1], #1\n\t"                 \
  "subs r6, #1\n\t"                          \
  "beq.w 40b\n\t"

#define TR_TAME_NORMALISE_TAIL                                  \
  "lsrs.w r10, r6, #2\n\t"                                      \
  "beq 2f\n\t"                                                  \
  "1:\n\t"                                                      \
  TR_TAME_FOUR_FIRST("") TR_TAME_FOUR_SECOND TR_TAME_FOUR_STORE \
  "subs.w r10, r10, #1\n\t"                                     \
  "bne.w 1b\n\t"                                                \
  "2:\n\t"                                                      \
  "ldr r6, [sp, #44]\n\t"                                       \
  "ands.w r6, r6, #3\n\t"                                       \
  "beq.w 40b\n\t"                                               \
  "lsrs r3, r3, #8\n\t"                                         \
  TR_TAME_ONE("0", "8", "smlawb")                               \
  TR_TAME_ONE("12", "20", "smlawb")                             \
  TR_TAME_ONE("4", "8", "smlawt")

/* Rows up to the first that is not tame, where the requantisation is the upper half of the
 * accumulator. Written out because compilers keep too little of a row in registers. On the stack
 * lie the head of the constants, the raised sum to begin with, the constants, the gaps, how many
 * rows are left, and how many elements are beyond the sixteens and in them. A schedule is the sums
 * of sixteen elements and the loop of a row's sixteens: x, y and constants in r0, r1 and r2, factor,
 * offset and mask in r3 to r5, the end of x in r10; r6 to r9, r11, r12 and lr are free. */
#define TR_TAME_ROWS(name, sum_sixteen, normalise_sixteens)                                  \
  TR_INLINE tr_norm_rows_left name(const tr_layernorm_s8_params *p, tr_norm_rows_left at) {  \
    register const int8_t *r0 __asm__("r0") = at.x;                                          \
    register int8_t *r1 __asm__("r1") = at.y;                                                \
    register const int32_t *r2 __asm__("r2") = p->start;                                     \
    register uint32_t r5 __asm__("r5") = 0U - ((uint32_t)p->length << 28);                   \
    register const int32_t *r6 __asm__("r6") = p->start + TR_NORM_HEAD;                      \
    register int32_t r8 __asm__("r8") = p->x_row - p->length;                                \
    register int32_t r9 __asm__("r9") = p->y_row - p->length;                                \
    register int32_t r10 __asm__("r10") = at.rows;                                           \
    register int32_t r11 __asm__("r11") = p->length % 16;                                    \
    register int32_t r12 __asm__("r12") = p->length / 16 * 16;                               \
    __asm__ volatile("push {r7}\n\tpush.w {r5, r6, r8, r9, r10, r11, r12}\n\t"               \
                     "ldm.w r2, {r2, r3, r4, r5, r6, r8}\n\t"                                \
                     "push.w {r2, r3, r4, r5, r6, r8}\n\t"                                   \
                     "10:\n\t"                                                               \
                     "ldr r3, [sp, #48]\n\t"                                                 \
                     "ldr r5, [sp, #24]\n\t"                                                 \
                     "mov r2, r0\n\t"                                                        \
                     "add r3, r0\n\t"                                                        \
                     "movs r4, #0\n\t"                                                       \
                     "mov.w r12, #0\n\t"                                                     \
                     "mov.w lr, #0x40004000\n\t"                                             \
                     ".p2align 2\n\t"                                                        \
                     "11:\n\t" sum_sixteen                                                   \
                     "cmp r2, r3\n\t"                                                        \
                     "bne 11b\n\t"                                                           \
                     "ldr r6, [sp, #44]\n\t"                                                 \
                     "cmp r6, #0\n\t"                                                        \
                     "bne.w 50f\n\t"                                                         \
                     "20:\n\t"                                                               \
                     TR_TAME_MOMENTS TR_TAME_VARIANCE TR_TAME_NORMALISER                     \
                     "ldr r2, [sp, #28]\n\t"                                                 \
                     "ldr.w r10, [sp, #48]\n\t"                                              \
                     "mov.w r5, #0xFF00FF00\n\t"                                             \
                     "add r10, r0\n\t"                                                       \
                     normalise_sixteens                                                      \
                     "ldr r6, [sp, #44]\n\t"                                                 \
                     "cmp r6, #0\n\t"                                                        \
                     "bne.w 60f\n\t"                                                         \
                     "40:\n\t"                                                               \
                     "ldr r2, [sp, #32]\n\t"                                                 \
                     "ldr r3, [sp, #36]\n\t"                                                 \
                     "ldr r4, [sp, #40]\n\t"                                                 \
                     "add r0, r2\n\t"                                                        \
                     "add r1, r3\n\t"                                                        \
                     "subs r4, #1\n\t"                                                       \
                     "str r4, [sp, #40]\n\t"                                                 \
                     "bne.w 10b\n\t"                                                         \
                     "b.w 90f\n\t"                                                           \
                     "50:\n\t" TR_TAME_SUM_TAIL                                              \
                     "60:\n\t" TR_TAME_NORMALISE_TAIL                                        \
                     "90:\n\t"                                                               \
                     "ldr.w r10, [sp, #40]\n\t"                                              \
                     "add sp, #52\n\tpop {r7}\n\t"                                           \
                     : "+r"(r0), "+r"(r1), "+r"(r2), "+r"(r5), "+r"(r6), "+r"(r8), "+r"(r9), \
                       "+r"(r10), "+r"(r11), "+r"(r12)                                       \
                     :                                                                       \
                     : "r3", "r4", "lr", "cc", "memory");                                    \
    const tr_norm_rows_left left = {r0, r1, r10};                                            \
    return left;                                                                             \
  }

#else

#define TR_TAME_ROWS(name, sum_sixteen, normalise_sixteens)                              \
  static tr_norm_rows_left name(const tr_layernorm_s8_params *p, tr_norm_rows_left at) { \
    (void)p;                                                                             \
    return at;                                                                           \
  }

#endif

#endif
