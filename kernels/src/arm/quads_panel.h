/* Two rows times four columns, of five values a row and more, of four on a Cortex-M4: the rows are
 * widened into a panel once for all columns, whose weights are read once for two rows and held for
 * none. Cortex-M4 has no tables, and whole fours of values and columns alone.
 *
 * Constants (pack "longquads16"): as those of arm/quads.h for up to TR_QUADS_MOST values, of any
 * number. The panel has of each group the pairs (k0, k2) of the second row and of the first, then
 * their pairs (k1, k3); a word behind it is read. */
#ifndef TINYRIG_QUADS_PANEL_H
#define TINYRIG_QUADS_PANEL_H

#include <stddef.h>

#include "arm/finish.h"
#include "arm/form.h"
#include "arm/quads_m4.h"
#include "arm/quads_m7.h"

/* Words, in this order, for the text. */
typedef struct {
  const int8_t *stream;
  const int8_t *stream_end;
  int8_t *y;
  int32_t y_row;
  const uint32_t *panel;
  const int8_t *lut; /* its middle, for -128 to 127, or 0 */
  const uint32_t *panel_last;
  int32_t left_out; /* groups that the first block, of 2 to 17, has less than 17; Cortex-M4: 1 to 8 */
} tr_quads_pair;

TR_INLINE void tr_quads_widen_group(uint32_t *panel, const int8_t *one, const int8_t *two) {
  const uint32_t upper = tr_load4(one);
  const uint32_t lower = tr_load4(two);
  panel[0] = tr_even_bytes(lower);
  panel[1] = tr_even_bytes(upper);
  panel[2] = tr_odd_bytes(lower);
  panel[3] = tr_odd_bytes(upper);
}

/* A row of k values at one and one at two. */
TR_INLINE void tr_quads_widen(uint32_t *panel, const int8_t *one, const int8_t *two, int32_t k) {
  const int32_t over = k % 4;
  const uint32_t *const end = panel + (k + 3) / 4 * 4;
  if (over != 0) {
    tr_quads_widen_group(panel, one, two);
    panel += 4;
    one += over;
    two += over;
  }
  if ((k - over) % 8 != 0) {
    tr_quads_widen_group(panel, one, two);
    panel += 4;
    one += 4;
    two += 4;
  }
  TR_NO_UNROLL
  while (panel != end) {
#if defined(__ARM_FEATURE_DSP)
    uint32_t a;
    uint32_t b;
    uint32_t c;
    uint32_t d;
    uint32_t wide;
    __asm__ volatile("ldr %[b], [%[two]], #4\n\t"
                     "ldr %[a], [%[one]], #4\n\t"
                     "ldr %[d], [%[two]], #4\n\t"
                     "ldr %[c], [%[one]], #4\n\t"
                     "sxtb16 %[wide], %[b]\n\t"
                     "str %[wide], [%[to]], #32\n\t"
                     "sxtb16 %[wide], %[a]\n\t"
                     "str %[wide], [%[to], #-28]\n\t"
                     "sxtb16 %[b], %[b], ror #8\n\t"
                     "str %[b], [%[to], #-24]\n\t"
                     "sxtb16 %[a], %[a], ror #8\n\t"
                     "str %[a], [%[to], #-20]\n\t"
                     "sxtb16 %[wide], %[d]\n\t"
                     "str %[wide], [%[to], #-16]\n\t"
                     "sxtb16 %[wide], %[c]\n\t"
                     "str %[wide], [%[to], #-12]\n\t"
                     "sxtb16 %[d], %[d], ror #8\n\t"
                     "str %[d], [%[to], #-8]\n\t"
                     "sxtb16 %[c], %[c], ror #8\n\t"
                     "str %[c], [%[to], #-4]\n\t"
                     : [a] "=&r"(a), [b] "=&r"(b), [c] "=&r"(c), [d] "=&r"(d), [wide] "=&r"(wide),
                       [one] "+&r"(one), [two] "+&r"(two), [to] "+&r"(panel)
                     :
                     : "memory");
#else
    tr_quads_widen_group(panel, one, two);
    tr_quads_widen_group(panel + 4, one + 4, two + 4);
    panel += 8;
    one += 8;
    two += 8;
#endif
  }
}

#if defined(__ARM_FEATURE_DSP)

_Static_assert(sizeof(tr_quads_pair) == 32, "the text takes eight words");

TR_NOINLINE void tr_quads_of_panel_m4(const tr_quads_pair *pair) {
  register const tr_quads_pair *r0 __asm__("r0") = pair;
  __asm__ volatile(TR_QUADS_PANEL_TEXT_M4
                   : "+&r"(r0)
                   :
                   : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr",
                     "cc", "memory");
}

TR_NOINLINE void tr_quads_of_panel_m7(const tr_quads_pair *pair, int32_t last) {
  register const tr_quads_pair *r0 __asm__("r0") = pair;
  register int32_t r1 __asm__("r1") = last;
  __asm__ volatile(TR_QUADS_PANEL_TEXT
                   : "+&r"(r0), "+&r"(r1)
                   :
                   : "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "s0",
                     "cc", "memory");
}

/* `last` as in arm/quads.h; 0 on a Cortex-M4. */
TR_INLINE void tr_quads_of_panel(const tr_quads_pair *pair, int32_t last, const tr_form form) {
  if (tr_is_m7(form)) {
    tr_quads_of_panel_m7(pair, last);
  } else {
    tr_quads_of_panel_m4(pair);
  }
}

#else

TR_NOINLINE void tr_quads_of_panel(const tr_quads_pair *pair, int32_t last, const tr_form form) {
  (void)form;
  const int8_t *stream = pair->stream;
  for (int32_t quad = 0; stream != pair->stream_end + (last & ~3); quad++) {
    const int32_t column = 4 * quad - (stream == pair->stream_end ? last & 3 : 0);
    for (int32_t i = 0; i < 8; i++) {
      const int8_t *w = stream + i % 4 * 4;
      int32_t sum = (int32_t)tr_load4(w);
      for (const uint32_t *x = pair->panel + 1 - i / 4; x < pair->panel_last + 1; x += 2) {
        w += 16;
        sum = tr_dot2(*x, tr_load4(w), sum);
      }
      const int32_t q = tr_finish_narrow(sum, (int32_t)tr_load4(w + 16));
      pair->y[i / 4 * pair->y_row + column + i % 4] = (int8_t)(pair->lut != 0 ? pair->lut[q] : q);
    }
    stream += 32 + 8 * (pair->panel_last + 1 - pair->panel);
  }
}

#endif

/* A pair of rows of k values, and where its panel is. Of n columns, whole fours, `back` come again;
 * returns the `last` that says so. */
TR_INLINE int32_t tr_quads_panel_of(tr_quads_pair *pair, int32_t k, int32_t n, int32_t back,
                                    const uint32_t *panel, const tr_form form) {
  const int32_t values = (k + 3) / 4 * 4;
  const int32_t four = back != 0 ? 4 * (2 * values + 8) : 0;
  pair->stream_end = pair->stream + (2 * values + 8) * n - four;
  pair->panel = panel;
  pair->panel_last = panel + values - 1;
  pair->left_out = tr_is_m7(form) ? 15 - (values / 4 - 2) % 16 : 7 - (values / 4 - 1) % 8;
  return four + back;
}

/* `pairs` pairs of rows; the panel has room for two. */
TR_INLINE void tr_quads_panels(tr_quads_pair *pair, const int8_t *x, int32_t x_row, int32_t k,
                               int32_t n, int32_t back, int32_t pairs, uint32_t *panel,
                               const tr_form form) {
  const int32_t last = tr_quads_panel_of(pair, k, n, back, panel, form);
  for (; pairs > 0; pairs--) {
    tr_quads_widen(panel, x, x + x_row, k);
    tr_quads_of_panel(pair, last, form);
    x += 2 * x_row;
    pair->y += 2 * pair->y_row;
  }
}

#endif
