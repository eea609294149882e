/* One unit of a 3 x 2 tile of halves (arm/half_stream.h), for the core. Registers as in
 * stream_unit.h: r0 and r1 are the addresses of the words before the next of the panel and of the
 * stream, r3-r8 the sums [column][row]; all others are temporaries, dead after the unit but for
 * TR_HALF_TAIL, into which `tail` may bring a word. w0 to w3 are the stream's words, the last
 * with what moves r1 on. */
#ifndef TINYRIG_HALF_UNIT_H
#define TINYRIG_HALF_UNIT_H

#define TR_HALF_MULTIPLY(sum, x, w) "smlad " sum ", " x ", " w ", " sum "\n\t"

#define TR_HALF_LOW(w) "and " w ", " w ", #0x00FF00FF\n\t"

/* Cortex-M4: neighbouring loads pipeline. */
#define TR_HALF_TAIL_M4 "r2"

#define TR_HALF_SIX                                                       \
  TR_HALF_MULTIPLY("r3", "r11", "r9") TR_HALF_MULTIPLY("r4", "r12", "r9") \
  TR_HALF_MULTIPLY("r5", "lr", "r9") TR_HALF_MULTIPLY("r6", "r11", "r10") \
  TR_HALF_MULTIPLY("r7", "r12", "r10") TR_HALF_MULTIPLY("r8", "lr", "r10")

#define TR_HALF_ROWS(x0, x1, x2) \
  "ldr r11, [r0, #" x0 "]\n\tldr r12, [r0, #" x1 "]\n\tldr lr, [r0, #" x2 "\n\t"

#define TR_HALF_GROUP_M4(w0, w1, u0, u1, u2, y0, y1, y2, tail)       \
  "ldr r9, [r1, #" w0 "]\n\tldr r10, [r1, #" w1 "\n\t"               \
  TR_HALF_ROWS(u0, u1, u2) TR_HALF_SIX TR_HALF_ROWS(y0, y1, y2) tail \
  TR_HALF_LOW("r9") TR_HALF_LOW("r10") TR_HALF_SIX

#define TR_HALF_UNIT_M4(w0, w1, w2, w3, tail)                          \
  TR_HALF_GROUP_M4(w0, w1 "]", "4", "12", "20]", "8", "16", "24]", "") \
  TR_HALF_GROUP_M4(w2, w3, "28", "36", "44]", "32", "40", "48]!", tail)

/* Cortex-M7: every multiplication issues beside another instruction. The registers of a group
 * (w0, w1, u0, u1, p, q) become (p, q, u0, w0, w1, u1). */
#define TR_HALF_TAIL_M7 "r10"

#define TR_HALF_GROUP_M7(w0, w1, u0, u1, p, q, this_u2, this_y0, this_y1, this_y2, n0, n1, n2, n3) \
  TR_HALF_MULTIPLY("r3", u0, w0) "ldr " p ", [r0, #" this_u2 "]\n\t"                               \
  TR_HALF_MULTIPLY("r6", u0, w1) "ldr " q ", [r0, #" this_y0 "]\n\t"                               \
  TR_HALF_MULTIPLY("r4", u1, w0) "ldr " u0 ", [r0, #" this_y1 "]\n\t"                              \
  TR_HALF_MULTIPLY("r7", u1, w1) "ldr " u1 ", [r0, #" this_y2 "\n\t"                               \
  TR_HALF_MULTIPLY("r5", p, w0) TR_HALF_LOW(w0)                                                    \
  TR_HALF_MULTIPLY("r8", p, w1) TR_HALF_LOW(w1)                                                    \
  TR_HALF_MULTIPLY("r3", q, w0)                                                                    \
  TR_HALF_MULTIPLY("r4", u0, w0) n0                                                                \
  TR_HALF_MULTIPLY("r6", q, w1) n1                                                                 \
  TR_HALF_MULTIPLY("r7", u0, w1)                                                                   \
  TR_HALF_MULTIPLY("r5", u1, w0) n2                                                                \
  TR_HALF_MULTIPLY("r8", u1, w1) n3

#define TR_HALF_UNIT_M7(w0, w1, w2, w3, tail)                                     \
  "ldr r9, [r1, #" w0 "]\n\t"                                                     \
  "ldr r11, [r0, #4]\n\t"                                                         \
  "ldr r10, [r1, #" w1 "]\n\t"                                                    \
  "ldr r12, [r0, #12]\n\t"                                                        \
  TR_HALF_GROUP_M7("r9", "r10", "r11", "r12", "lr", "r2", "20", "8", "16", "24]", \
                   "ldr lr, [r1, #" w2 "]\n\t", "ldr r2, [r1, #" w3 "\n\t",       \
                   "ldr r11, [r0, #28]\n\t", "ldr r9, [r0, #36]\n\t")             \
  TR_HALF_GROUP_M7("lr", "r2", "r11", "r9", "r10", "r12", "44", "32", "40", "48]!", tail, "", "", "")

#endif
