/* Tiles of four cells by two channels over the strips of arm/first_layer.h. */
#ifndef TINYRIG_FIRST_TILES_H
#define TINYRIG_FIRST_TILES_H

#include <stddef.h>

#include "arm/finish.h"

#define TR_FIRST_CELLS 4

/* Tiles side by side, of two channels. Words, in this order, for the text. */
typedef struct {
  int32_t start[2];
  int32_t multiplier[2];
  void *y;         /* bytes of outputs, or a tile's sums after another's where `sums` is set */
  int32_t y_step;  /* from a cell of a tile to the next */
  const uint32_t *weights;
  const uint16_t *x;
  const uint16_t *x_end; /* behind the last tile's first column */
  int32_t sums;
} tr_first_tiles;

#if defined(__ARM_FEATURE_DSP)

_Static_assert(sizeof(tr_first_tiles) == 40, "the text takes ten words");

#define TR_FIRST_MULTIPLY(zero, one, x) \
  "smlad " zero ", " x ", r2, " zero "\n\tsmlad " one ", " x ", r3, " one "\n\t"

/* Pair `i` of windows, `apart` bytes from one to the next: of the cell, and weights. */
#define TR_FIRST_X(to, i, apart, cell) "ldr.w " to ", [r0, #4*(" #i ")+" #cell "*" #apart "]\n\t"
#define TR_FIRST_W0(i) "ldr.w r2, [r1, #8*(" #i ")]\n\t"
#define TR_FIRST_W1(i) "ldr.w r3, [r1, #8*(" #i ")+4]\n\t"

/* Cortex-M4: loads stand together, in registers that let them be short, for flash is read through a
 * cache of 1 KB. Of cells far apart, the last two are long: words of code stay whole. The first pair
 * begins all sums with those of the first cell. */
#define TR_FIRST_FAR_12 "ldr "
#define TR_FIRST_FAR_16 "ldr "
#define TR_FIRST_FAR_36 "ldr.w "
#define TR_FIRST_SHORT_M4(to, i, apart, cell) \
  "ldr " to ", [r0, #4*(" #i ")+" #cell "*" #apart "]\n\t"
#define TR_FIRST_LAST_CELLS_M4(apart, i)                        \
  TR_FIRST_FAR_##apart "r4, [r0, #4*(" #i ")+2*" #apart "]\n\t" \
  TR_FIRST_FAR_##apart "r7, [r0, #4*(" #i ")+3*" #apart "]\n\t" \
  TR_FIRST_MULTIPLY("r10", "r11", "r4") TR_FIRST_MULTIPLY("r12", "lr", "r7")
#define TR_FIRST_WEIGHTS_M4(i) "ldr r2, [r1, #8*(" #i ")]\n\tldr r3, [r1, #8*(" #i ")+4]\n\t"
#define TR_FIRST_FIRST_CELLS_M4 \
  TR_FIRST_MULTIPLY("r5", "r6", "r4") TR_FIRST_MULTIPLY("r8", "r9", "r7")
#define TR_FIRST_PAIR_M4(apart, i)                             \
  TR_FIRST_WEIGHTS_M4(i) TR_FIRST_SHORT_M4("r4", i, apart, 0)  \
  TR_FIRST_SHORT_M4("r7", i, apart, 1) TR_FIRST_FIRST_CELLS_M4 \
  TR_FIRST_LAST_CELLS_M4(apart, i)
#define TR_FIRST_BEGIN(zero, one, x) \
  "smlad " zero ", " x ", r2, r5\n\tsmlad " one ", " x ", r3, r6\n\t"
#define TR_FIRST_ONE_M4(apart)                                            \
  TR_FIRST_WEIGHTS_M4(0) TR_FIRST_SHORT_M4("r4", 0, apart, 1)             \
  TR_FIRST_SHORT_M4("r7", 0, apart, 2) TR_FIRST_BEGIN("r8", "r9", "r4")   \
  TR_FIRST_BEGIN("r10", "r11", "r7") TR_FIRST_SHORT_M4("r4", 0, apart, 3) \
  TR_FIRST_SHORT_M4("r7", 0, apart, 0) TR_FIRST_BEGIN("r12", "lr", "r4")  \
  TR_FIRST_BEGIN("r5", "r6", "r7")
#define TR_FIRST_OPEN_M4(apart)
#define TR_FIRST_ENDED_M4 "vmov r4, s9\n\tvmov r0, s4\n\tvmov r1, s5\n\tcmp.w r4, #0\n\t"
#define TR_FIRST_LAST_M4(apart, i) TR_FIRST_PAIR_M4(apart, i) TR_FIRST_ENDED_M4

/* Pair `i`, to which strip and weights move on. */
#define TR_FIRST_MOVED_M4(apart, i)                                       \
  "ldr r3, [r1, #8*(" #i ")+4]\n\tldr.w r2, [r1, #8*(" #i ")]!\n\t"       \
  TR_FIRST_SHORT_M4("r7", i, apart, 1) "ldr.w r4, [r0, #4*(" #i ")]!\n\t" \
  TR_FIRST_FIRST_CELLS_M4 TR_FIRST_LAST_CELLS_M4(apart, 0)

/* Two pairs, and twice nine: all twenty one behind the other do not fit the cache. The flags, of which
 * NE is left by what comes before, tell the second time. */
#define TR_FIRST_40_M4(apart)                                                            \
  TR_FIRST_ONE_M4(apart) TR_FIRST_MOVED_M4(apart, 1)                                     \
  "3:\n\t" TR_FIRST_4(M4, apart, 1) TR_FIRST_4(M4, apart, 5) TR_FIRST_MOVED_M4(apart, 9) \
  "beq 7f\n\tcmp r0, r0\n\tb 3b\n\t.p2align 2\n\t7:\n\t" TR_FIRST_ENDED_M4

/* Cortex-M7: loads issue beside multiplications, two of them ahead of use. */
#define TR_FIRST_ONE_M7(apart) TR_FIRST_PAIR_M7(apart, 0)
#define TR_FIRST_OPEN_M7(apart) TR_FIRST_W0(0) TR_FIRST_X("r12", 0, apart, 0) TR_FIRST_W1(0)
#define TR_FIRST_STEP_M7(apart, i, next_x, next_w0, next_w1)                       \
  "smlad r4, r12, r2, r4\n\t" TR_FIRST_X("r7", i, apart, 1)                        \
  "smlad r5, r12, r3, r5\n\t" TR_FIRST_X("r12", i, apart, 2)                       \
  "smlad r6, r7, r2, r6\n\tsmlad r8, r7, r3, r8\n\t" TR_FIRST_X("r7", i, apart, 3) \
  "smlad r9, r12, r2, r9\n\tsmlad r10, r12, r3, r10\n\t" next_x                    \
  "smlad r11, r7, r2, r11\n\t" next_w0 "smlad lr, r7, r3, lr\n\t" next_w1
#define TR_FIRST_PAIR_M7(apart, i)                                                   \
  TR_FIRST_STEP_M7(apart, i, TR_FIRST_X("r12", i + 1, apart, 0), TR_FIRST_W0(i + 1), \
                TR_FIRST_W1(i + 1))
#define TR_FIRST_LAST_M7(apart, i) \
  TR_FIRST_STEP_M7(apart, i, "vmov r12, s9\n\t", "vmov r0, s4\n\tcmp.w r12, #0\n\t", "vmov r1, s5\n\t")

/* The pairs of windows of 9, 27 and 40 taps. */
#define TR_FIRST_4(core, apart, i)                                  \
  TR_FIRST_PAIR_##core(apart, i) TR_FIRST_PAIR_##core(apart, i + 1) \
  TR_FIRST_PAIR_##core(apart, i + 2) TR_FIRST_PAIR_##core(apart, i + 3)
#define TR_FIRST_3(core, apart, i) \
  TR_FIRST_PAIR_##core(apart, i) TR_FIRST_PAIR_##core(apart, i + 1) TR_FIRST_PAIR_##core(apart, i + 2)
#define TR_FIRST_OPENED(core, apart) \
  TR_FIRST_OPEN_##core(apart) TR_FIRST_ONE_##core(apart) TR_FIRST_3(core, apart, 1)
#define TR_FIRST_9(core, apart) TR_FIRST_OPENED(core, apart) TR_FIRST_LAST_##core(apart, 4)
#define TR_FIRST_27(core, apart)                                                     \
  TR_FIRST_OPENED(core, apart) TR_FIRST_4(core, apart, 4) TR_FIRST_4(core, apart, 8) \
  TR_FIRST_PAIR_##core(apart, 12) TR_FIRST_LAST_##core(apart, 13)
#define TR_FIRST_40_M7(apart)                                                  \
  TR_FIRST_OPENED(M7, apart) TR_FIRST_4(M7, apart, 4) TR_FIRST_4(M7, apart, 8) \
  TR_FIRST_4(M7, apart, 12) TR_FIRST_3(M7, apart, 16) TR_FIRST_LAST_M7(apart, 19)
#define TR_FIRST_40(core, apart) TR_FIRST_40_##core(apart)

/* Outputs of a tile; TR_FIRST_NEXT is then the next tile's first column, r0 where its outputs go. */
#define TR_FIRST_SCALE(zero, one) \
  "smmul " zero ", " zero ", r2\n\tsmmul " one ", " one ", r3\n\t"
#define TR_FIRST_PUT(zero, one)                              \
  "ssat " zero ", #8, " zero "\n\tstrb.w " zero ", [r0]\n\t" \
  "ssat " one ", #8, " one "\n\tstrb.w " one ", [r0, #1]\n\tadd.w r0, r0, r1\n\t"
#define TR_FIRST_OUTPUTS_M4(apart)                                                 \
  TR_FIRST_SCALE("r5", "r6") "vmov r4, s7\n\t" TR_FIRST_SCALE("r8", "r9")          \
  "add.w r4, r4, #4*" #apart "\n\t" TR_FIRST_SCALE("r10", "r11") "vmov s7, r4\n\t" \
  TR_FIRST_SCALE("r12", "lr") TR_FIRST_PUT("r5", "r6") TR_FIRST_PUT("r8", "r9")    \
  TR_FIRST_PUT("r10", "r11") TR_FIRST_PUT("r12", "lr")

/* Cortex-M7: outputs leave in pairs, for a byte keeps its bank for longer, as bytes 128 higher, which
 * leave no sign beside them. */
#define TR_FIRST_OUTPUTS_M7(apart)                                                                   \
  "mov.w r7, #128\n\tvmov r12, s7\n\t"                                                               \
  "smmla r4, r4, r2, r7\n\tsmmla r5, r5, r3, r7\n\tsmmla r6, r6, r2, r7\n\t"                         \
  "usat r4, #8, r4\n\tsmmla r8, r8, r3, r7\n\tusat r5, #8, r5\n\tsmmla r9, r9, r2, r7\n\t"           \
  "usat r6, #8, r6\n\tsmmla r10, r10, r3, r7\n\tusat r8, #8, r8\n\tsmmla r11, r11, r2, r7\n\t"       \
  "usat r9, #8, r9\n\tsmmla lr, lr, r3, r7\n\tusat r10, #8, r10\n\torr.w r4, r4, r5, lsl #8\n\t"     \
  "usat r11, #8, r11\n\torr.w r6, r6, r8, lsl #8\n\t"                                                \
  "usat lr, #8, lr\n\teor.w r4, r4, #0x80808080\n\torr.w r9, r9, r10, lsl #8\n\tstrh.w r4, [r0]\n\t" \
  "add.w r12, r12, #4*" #apart "\n\teor.w r6, r6, #0x80808080\n\tstrh.w r6, [r0, r1]\n\t"            \
  "add.w r0, r0, r1, lsl #1\n\torr.w r11, r11, lr, lsl #8\n\teor.w r9, r9, #0x80808080\n\t"          \
  "vmov s7, r12\n\teor.w r11, r11, #0x80808080\n\tstrh.w r9, [r0]\n\tstrh.w r11, [r0, r1]\n\t"       \
  "add.w r0, r0, r1, lsl #1\n\t"

#define TR_FIRST_ENTER_M4 "cmp.w r0, #0\n\t" /* NE */
#define TR_FIRST_ENTER_M7
#define TR_FIRST_NEXT_M4 "r4"
#define TR_FIRST_NEXT_M7 "r12"
#define TR_FIRST_SUMS_M4 "{r5, r6, r8, r9, r10, r11, r12, lr}\n\t"
#define TR_FIRST_SUMS_M7 "{r4, r5, r6, r8, r9, r10, r11, lr}\n\t"
#define TR_FIRST_START_M4 "vmov r5, s0\n\tvmov r6, s1\n\t"
#define TR_FIRST_START_M7                                                          \
  "vmov r4, s0\n\tvmov r5, s1\n\tmov.w r6, r4\n\tmov.w r8, r5\n\tmov.w r9, r4\n\t" \
  "mov.w r10, r5\n\tmov.w r11, r4\n\tmov.w lr, r5\n\t"

/* The last pair ends with outputs in r0, their step in r1 and the flags of `sums`.
 * Sums, two a cell, are those of TR_FIRST_SUMS; r0 strip, r1 weights. s0 to s9 are the words
 * of tr_first_tiles. r7 may be the frame pointer, so it is saved here. */
#define TR_FIRST_TEXT(core, taps, apart)                                                  \
  "push {r7}\n\tvldmia r0, {s0-s9}\n\t" TR_FIRST_ENTER_##core                             \
  ".p2align 2\n\t"                                                                        \
  "1:\n\t"                                                                                \
  "vmov r0, s7\n\tvmov r1, s6\n\t" TR_FIRST_START_##core TR_FIRST_##taps(core, apart)     \
  "bne.w 4f\n\t"                                                                          \
  "vmov r2, s2\n\tvmov r3, s3\n\t"                                                        \
  TR_FIRST_OUTPUTS_##core(apart)                                                          \
  "5:\n\tvmov s4, r0\n\tvmov r1, s8\n\tcmp.w " TR_FIRST_NEXT_##core ", r1\n\t"            \
  "bne.w 1b\n\tb 6f\n\t"                                                                  \
  "4:\n\tstm.w r0!, " TR_FIRST_SUMS_##core                                                \
  "vmov " TR_FIRST_NEXT_##core ", s7\n\tadd.w " TR_FIRST_NEXT_##core ", "                 \
  TR_FIRST_NEXT_##core ", #4*" #apart "\n\tvmov s7, " TR_FIRST_NEXT_##core "\n\tb 5b\n\t" \
  "6:\n\tpop {r7}\n\t"

/* `apart` is how many bytes lie between the cells of a tile. */
#define TR_FIRST_RUN(name, core, taps, apart)                                        \
  TR_NOINLINE void name(const tr_first_tiles *given) {                               \
    register const tr_first_tiles *tiles __asm__("r0") = given;                      \
    __asm__ volatile(TR_FIRST_TEXT(core, taps, apart)                                \
                     : "+&r"(tiles)                                                  \
                     :                                                               \
                     : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", \
                       "r12", "lr", "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7",  \
                       "s8", "s9", "cc", "memory");                                  \
  }

#else

/* One tile: its sums, and what becomes of them. */
TR_INLINE void tr_first_tile(const tr_first_tiles *t, const uint16_t *x, int32_t tile, int32_t taps,
                             int32_t apart) {
  for (int32_t cell = 0; cell < TR_FIRST_CELLS; cell++) {
    for (int32_t c = 0; c < 2; c++) {
      const uint16_t *const from = x + cell * apart / 2;
      int32_t sum = t->start[c];
      for (int32_t i = 0; i < taps; i += 2) {
        const uint32_t pair = from[i] | (uint32_t)from[i + 1] << 16;
        sum = tr_dot2(t->weights[i + c], pair, sum);
      }
      if (t->sums != 0) {
        ((int32_t *)t->y)[2 * (tile * TR_FIRST_CELLS + cell) + c] = sum;
      } else {
        int8_t *const y = t->y;
        y[(tile * TR_FIRST_CELLS + cell) * t->y_step + c] =
            (int8_t)tr_finish_narrow(sum, t->multiplier[c]);
      }
    }
  }
}

#define TR_FIRST_RUN(name, core, taps, apart)                                          \
  TR_NOINLINE void name(const tr_first_tiles *t) {                                     \
    int32_t tile = 0;                                                                  \
    for (const uint16_t *x = t->x; x != t->x_end; x += TR_FIRST_CELLS * (apart) / 2) { \
      tr_first_tile(t, x, tile++, taps, apart);                                        \
    }                                                                                  \
  }

#endif

typedef void tr_first_run(const tr_first_tiles *tiles);

#endif
