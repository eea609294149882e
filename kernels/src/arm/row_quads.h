/* One row times four columns. The row is widened once (arm/panel.h) and read beside the weights of
 * four columns, which stand in the order in which they are used: widened, or as bytes, for which
 * flash makes the core wait half as long.
 *
 * Bytes w0 + 128 and w1 of two weights are a half word H = 256 * w1 + u, u = w0 + 128, which is
 * multiplied as it lies; only the u are widened. Of two values x0 and x1
 *
 *   x1 * H + (256 * x0 - x1 + 127) * u = 256 * (x1 * w1 + x0 * w0) + 2^15 * x0 + 127 * u,
 *
 * where the sum in brackets just fits 16 bits. So 256 times the sum of a column is added up, modulo
 * 2^32: it must be less than 2^23. Of what is too much, that of u is in the start value and that of
 * x0, the same for all columns, is taken off once.
 *
 * Constants (packs "row16" and "row8"): for each four columns, the last four again where their
 * number is no multiple of four, their start values, those of bytes 256 times as large and less
 * 127 * u; for each pair ("row8": each group of four values) of a panel of one row that of each
 * column, a word each; their multipliers. */
#ifndef TINYRIG_ROW_QUADS_H
#define TINYRIG_ROW_QUADS_H

#include "arm/finish.h"
#include "arm/form.h"
#include "arm/panel.h"
#include "tinyrig/linear.h"

#if defined(__ARM_FEATURE_DSP)

#define TR_ROW_MULTIPLY(x, w0, w1, w2, w3)                         \
  "smlad r4, " x ", " w0 ", r4\n\tsmlad r5, " x ", " w1 ", r5\n\t" \
  "smlad r6, " x ", " w2 ", r6\n\tsmlad r8, " x ", " w3 ", r8\n\t"

/* Cortex-M4: of neighbouring loads all but one take a cycle, and so do those of one instruction. */
#define TR_ROW_STEP_M4(x) \
  "ldmia.w r1!, {r2, r3, r7, r12}\n\t" TR_ROW_MULTIPLY(x, "r2", "r3", "r7", "r12")
#define TR_ROW_UNIT_M4                  \
  "ldmia.w r0!, {r9, r10, r11, lr}\n\t" \
  TR_ROW_STEP_M4("r9") TR_ROW_STEP_M4("r10") TR_ROW_STEP_M4("r11") TR_ROW_STEP_M4("lr")
#define TR_ROW_UNITS_M4_WIDE                                  \
  "vmov s0, r3\n\ttst.w r2, #1\n\tbne.w 2f\n\t.p2align 2\n\t" \
  "1:\n\t" TR_ROW_UNIT_M4 "2:\n\t" TR_ROW_UNIT_M4             \
  "vmov r12, s0\n\tcmp.w r0, r12\n\tbne.w 1b\n\t"

/* Cortex-M7: each multiplication issues beside a load of what comes three or more later. The last
 * unit reads what stands behind both, the multipliers and spare scratch. */
#define TR_ROW_BESIDE(sum, x, w, load) "smlad " sum ", " x ", " w ", " sum "\n\t" load "\n\t"
#define TR_ROW_STEP_M7(x, first, w0, w1, w2)                                                  \
  TR_ROW_BESIDE("r4", x, "r2", first) TR_ROW_BESIDE("r5", x, "r3", "ldr.w r2, [r1, #" w0 "]") \
  TR_ROW_BESIDE("r6", x, "r7", "ldr.w r3, [r1, #" w1 "]")                                     \
  TR_ROW_BESIDE("r8", x, "r12", "ldr.w r7, [r1, #" w2 "]")
#define TR_ROW_UNITS_M7_WIDE                                       \
  "vmov s0, r3\n\tldrd r9, r10, [r0]\n\t"                          \
  "ldr.w r2, [r1]\n\tldr.w r3, [r1, #4]\n\tldr.w r7, [r1, #8]\n\t" \
  "1:\n\t"                                                         \
  "ldr.w r12, [r1, #12]\n\t"                                       \
  TR_ROW_STEP_M7("r9", "ldrd r11, lr, [r0, #8]", "16", "20", "24") \
  TR_ROW_STEP_M7("r10", "ldr.w r12, [r1, #28]", "32", "36", "40")  \
  "ldrd r9, r10, [r0, #16]\n\tadd.w r0, r0, #16\n\t"               \
  TR_ROW_STEP_M7("r11", "ldr.w r12, [r1, #44]", "48", "52", "56")  \
  TR_ROW_STEP_M7("lr", "ldr.w r12, [r1, #60]", "64", "68", "72")   \
  "vmov r12, s0\n\tadd.w r1, r1, #64\n\tcmp.w r0, r12\n\tbne.w 1b\n\t"

/* Bytes: r11 has the sums of a group's values, r12 its odd ones. */
#define TR_ROW_BYTES_M4(sum, w)                                \
  "uxtb16 lr, " w "\n\tsmlad " sum ", r12, " w ", " sum "\n\t" \
  "smlad " sum ", r11, lr, " sum "\n\t"
#define TR_ROW_GROUP_M4                                           \
  "ldmia.w r1!, {r2, r7, r9, r10}\n\tldrd r11, r12, [r0], #8\n\t" \
  TR_ROW_BYTES_M4("r4", "r2") TR_ROW_BYTES_M4("r5", "r7")         \
  TR_ROW_BYTES_M4("r6", "r9") TR_ROW_BYTES_M4("r8", "r10")
#define TR_ROW_UNITS_M4                                                             \
  "tst.w r2, #1\n\tbne.w 2f\n\t.p2align 2\n\t"                                      \
  "1:\n\t" TR_ROW_GROUP_M4 TR_ROW_GROUP_M4 "2:\n\t" TR_ROW_GROUP_M4 TR_ROW_GROUP_M4 \
  "cmp.w r0, r3\n\tbne.w 1b\n\t"

/* Cortex-M7: a multiplication issues beside a widening or a load of what comes later, but for what
 * begins the next group. The last unit reads on as above. */
#define TR_ROW_GROUP_M7(w3, w0, w1, w2, odd, sums)  \
  "ldr.w r10, " w3 "\n\tsmlad r4, r12, r2, r4\n\t"  \
  "ldr.w r2, " w0 "\n\tsmlad r4, r11, lr, r4\n\t"   \
  "uxtb16 lr, r7\n\tsmlad r5, r12, r7, r5\n\t"      \
  "ldr.w r7, " w1 "\n\tsmlad r5, r11, lr, r5\n\t"   \
  "uxtb16 lr, r9\n\tsmlad r6, r12, r9, r6\n\t"      \
  "ldr.w r9, " w2 "\n\tsmlad r6, r11, lr, r6\n\t"   \
  "uxtb16 lr, r10\n\tsmlad r8, r12, r10, r8\n\t"    \
  "ldr.w r12, " odd "\n\tsmlad r8, r11, lr, r8\n\t" \
  "uxtb16 lr, r2\n\tldr.w r11, " sums "\n\t"
#define TR_ROW_UNITS_M7                                                                         \
  "ldrd r11, r12, [r0]\n\tldrd r2, r7, [r1]\n\tldr.w r9, [r1, #8]\n\tuxtb16 lr, r2\n\t"         \
  ".p2align 2\n\t1:\n\t"                                                                        \
  TR_ROW_GROUP_M7("[r1, #12]", "[r1, #16]", "[r1, #20]", "[r1, #24]", "[r0, #12]", "[r0, #8]")  \
  TR_ROW_GROUP_M7("[r1, #28]", "[r1, #32]!", "[r1, #4]", "[r1, #8]", "[r0, #20]", "[r0, #16]!") \
  "cmp.w r0, r3\n\tbne.w 1b\n\t"

/* r7 may be the frame pointer, so it is saved here and not declared. */
#define TR_ROW_SUMS(core)                                                              \
  __asm__ volatile("push {r7}\n\t" TR_ROW_UNITS_##core "pop {r7}\n\t"                  \
                   : "+&r"(r0), "+&r"(r1), "+&r"(r2), "+&r"(r3), "+&r"(r4), "+&r"(r5), \
                     "+&r"(r6), "+&r"(r8)                                              \
                   :                                                                   \
                   : "r9", "r10", "r11", "r12", "lr", "s0", "cc", "memory")

/* sums += the panel of `units` times the weights at `w`; returns what is behind them. */
TR_INLINE const int8_t *tr_row_sums(const uint32_t *panel, const int8_t *w, int32_t units,
                                    int32_t sums[4], const tr_form form) {
  register const uint32_t *r0 __asm__("r0") = panel;
  register const int8_t *r1 __asm__("r1") = w;
  register int32_t r2 __asm__("r2") = units;
  register const uint32_t *r3 __asm__("r3") = panel + 4 * units;
  register int32_t r4 __asm__("r4") = sums[0];
  register int32_t r5 __asm__("r5") = sums[1];
  register int32_t r6 __asm__("r6") = sums[2];
  register int32_t r8 __asm__("r8") = sums[3];
  TR_BY_FORM(form, TR_ROW_SUMS);
  sums[0] = r4;
  sums[1] = r5;
  sums[2] = r6;
  sums[3] = r8;
  return r1;
}

#else

TR_INLINE const int8_t *tr_row_sums(const uint32_t *panel, const int8_t *w, int32_t units,
                                    int32_t sums[4], const tr_form form) {
  for (int32_t pair = 0; pair < 4 * units; pair += 2) {
    for (int32_t i = 0; i < 4; i++) {
      const uint32_t first = tr_load4(w + 4 * i);
      const int wide = tr_is_wide(form);
      const uint32_t second = wide ? tr_load4(w + 4 * i + 16) : first;
      sums[i] = tr_dot2(panel[pair], wide ? first : first & 0x00FF00FFU, sums[i]);
      sums[i] = tr_dot2(panel[pair + 1], second, sums[i]);
    }
    w += tr_is_wide(form) ? 32 : 16;
  }
  return w;
}

#endif

/* Makes a panel one for bytes; returns what each column's sum has too much because of it. */
TR_INLINE int32_t tr_row_for_bytes(uint32_t *panel, int32_t units) {
  int32_t even = 0;
  TR_NO_UNROLL
  for (uint32_t *const end = panel + 4 * units; panel != end; panel += 2) {
    even = tr_dot2(panel[0], 0x00010001U, even);
    panel[0] = (panel[0] & 0x00FF00FFU) << 8 | ((panel[1] & 0x00FF00FFU) ^ 0x007F007FU);
  }
  return (int32_t)((uint32_t)even << 15);
}

/* Four columns, whose sums are `excess` too much; returns what is behind their constants. */
TR_INLINE const int8_t *tr_row_four(const tr_linear_s8_params *p, const uint32_t *panel,
                                    int32_t excess, const int8_t *stream, int8_t *y,
                                    const int plain, const tr_form form) {
  int32_t sums[4];
  for (int32_t i = 0; i < 4; i++) {
    sums[i] = (int32_t)(tr_load4(stream + 4 * i) - (uint32_t)excess);
  }
  stream = tr_row_sums(panel, stream + 16, tr_units(p->k), sums, form);
  for (int32_t i = 0; i < 4; i++) {
    const int32_t m = (int32_t)tr_load4(stream + 4 * i);
    const int32_t sum = tr_is_wide(form) ? sums[i] : sums[i] >> 8;
    y[i * p->y_col] =
        (int8_t)(plain ? tr_finish_narrow(sum, m) : tr_finish(&p->requant, p->lut, sum, m));
  }
  return stream + 16;
}

TR_INLINE void tr_row_columns(const tr_linear_s8_params *p, const uint32_t *panel, int32_t excess,
                              int8_t *y, const int plain, const tr_form form) {
  const int8_t *stream = p->weight;
  TR_NO_UNROLL
  for (int32_t n = 0; n < p->n; n += 4) {
    int8_t *const to = y + (n < p->n - 4 ? n : p->n - 4) * p->y_col;
    stream = tr_row_four(p, panel, excess, stream, to, plain, form);
  }
}

TR_INLINE void tr_row_layer(const tr_linear_s8_params *p, const int8_t *x, int8_t *y, void *scratch,
                            const tr_form form) {
  uint32_t *const panel = scratch;
  tr_pack_rows(panel, x, 0, p->k, 1, 1, 0);
  const int32_t excess = tr_is_wide(form) ? 0 : tr_row_for_bytes(panel, tr_units(p->k));
  if (tr_finish_is_plain(&p->requant, p->lut)) {
    tr_row_columns(p, panel, excess, y, 1, form);
  } else {
    tr_row_columns(p, panel, excess, y, 0, form);
  }
}

#endif
