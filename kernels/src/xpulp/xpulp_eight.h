/* Weighted values of attention over at most eight keys on an XpulpV2 core: a query's exponentials
 * of fifteen bits stay in four registers, as two planes of bytes, while the columns stream past. */
#ifndef TINYRIG_XPULP_EIGHT_H
#define TINYRIG_XPULP_EIGHT_H

#include "xpulp/xpulp_finish.h"

/* The exponentials of eight keys, zeros behind the last: words of low bytes, of high bytes. */
typedef struct {
  uint32_t low[2];
  uint32_t high[2];
} tr_xp_eight;

/* What turns a query's sum into an output:
 * sat8((((sum * multiplier) >> 32) + offset + 2^(shift-1)) >> shift), sums starting at start. */
typedef struct {
  int32_t start;
  int32_t multiplier;
  int32_t shift;
  int32_t offset;
} tr_xp_eight_scale;

/* `count` outputs, y_step apart, from columns of eight values, v_step apart. */
TR_INLINE void tr_xp_eight_values(const tr_xp_eight *e, const tr_xp_eight_scale *s,
                                  const int8_t *v, int32_t v_step, int32_t count, int8_t *y,
                                  int32_t y_step) {
#if defined(TR_XPULP_INSN)
  uint32_t v0;
  uint32_t v1;
  int32_t sum;
  __asm__ volatile(TR_XP_BEGIN TR_XP_LOOP(0, "%[count]", 13)
                   TR_XP_LOAD_NEXT("%[v0]", "%[v]", 4)
                   TR_XP_LOAD_STEP("%[v1]", "%[v]", "%[step]")
                   "li %[sum], 0\n\t"
                   TR_XP_SDOTUSP4("%[sum]", "%[h0]", "%[v0]")
                   TR_XP_SDOTUSP4("%[sum]", "%[h1]", "%[v1]")
                   "slli %[sum], %[sum], 8\n\t"
                   TR_XP_SDOTUSP4("%[sum]", "%[l0]", "%[v0]")
                   TR_XP_SDOTUSP4("%[sum]", "%[l1]", "%[v1]")
                   "add %[sum], %[sum], %[start]\n\t"
                   "mulh %[sum], %[sum], %[m]\n\t"
                   TR_XP_ADD_ROUND("%[sum]", "%[offset]", "%[shift]")
                   TR_XP_CLIP8("%[sum]", "%[sum]")
                   TR_XP_STORE8_STEP("%[sum]", "%[y]", "%[y_step]") TR_XP_END
                   : [v] "+&r"(v), [y] "+&r"(y), [v0] "=&r"(v0), [v1] "=&r"(v1), [sum] "=&r"(sum)
                   : [count] "r"(count), [step] "r"(v_step - 4), [y_step] "r"(y_step),
                     [l0] "r"(e->low[0]), [l1] "r"(e->low[1]), [h0] "r"(e->high[0]),
                     [h1] "r"(e->high[1]), [start] "r"(s->start), [m] "r"(s->multiplier),
                     [shift] "r"(s->shift), [offset] "r"(s->offset)
                   : "memory");
#else
  for (int32_t c = 0; c < count; c++) {
    int32_t high = 0;
    int32_t low = s->start;
    for (int i = 0; i < 2; i++) {
      const uint32_t values = tr_xp_load(v + 4 * i);
      high = tr_xp_sdotusp4(e->high[i], values, high);
      low = tr_xp_sdotusp4(e->low[i], values, low);
    }
    const int32_t sum = tr_wrapping_add((int32_t)((uint32_t)high << 8), low);
    const int32_t scaled = tr_xp_high(sum, s->multiplier);
    y[c * y_step] = (int8_t)tr_xp_clip8(tr_xp_add_round(scaled, s->offset, s->shift));
    v += v_step;
  }
#endif
}

#endif
