/* Weights that are copied to scratch before they are read: flash that waits for every line of them
 * is read once, whatever rows there are. */
#ifndef TINYRIG_KEPT_H
#define TINYRIG_KEPT_H

#include "common/dsp.h"

#if defined(__ARM_FEATURE_DSP)

#define TR_KEPT_EIGHT                               \
  "ldmia.w %0!, {r3, r4, r5, r6, r8, r9, r10, r12}\n\t" \
  "stmia.w %1!, {r3, r4, r5, r6, r8, r9, r10, r12}\n\t"

#endif

/* `bytes`, a multiple of 16, from `from` on, both words; returns where the copy ends. */
TR_NOINLINE int8_t *tr_kept(const int8_t *from, int32_t bytes, int8_t *to) {
#if defined(__ARM_FEATURE_DSP)
  const int8_t *const most = from + (bytes & ~63);
  const int8_t *const end = from + bytes;
  __asm__ volatile("b.w 2f\n\t"
                   ".p2align 2\n\t"
                   "1:\n\t" TR_KEPT_EIGHT TR_KEPT_EIGHT "2:\n\tcmp %0, %2\n\tbne.w 1b\n\tb.w 4f\n\t"
                   ".p2align 2\n\t"
                   "3:\n\tldmia.w %0!, {r3, r4, r5, r6}\n\tstmia.w %1!, {r3, r4, r5, r6}\n\t"
                   "4:\n\tcmp %0, %3\n\tbne.w 3b\n\t"
                   : "+&r"(from), "+&r"(to)
                   : "r"(most), "r"(end)
                   : "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r12", "cc", "memory");
  return to;
#else
  for (int32_t i = 0; i < bytes; i += 4) {
    tr_store4(to + i, tr_load4(from + i));
  }
  return to + bytes;
#endif
}

#endif
