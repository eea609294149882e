/* Texts that end a pair of columns: sums of three rows, or two, become bytes of outputs. */
#ifndef TINYRIG_PUT_PAIR_H
#define TINYRIG_PUT_PAIR_H

/* The first column's bytes are in r3, r4 and r5, the second's in r6, r7 and r8; the rows' places in
 * r11, r9 and r10, lr the step to the next column. */
#define TR_STORE_FOUR      \
  "strb r3, [r11]\n\t"     \
  "strb r6, [r11, lr]\n\t" \
  "strb r4, [r9]\n\t"      \
  "strb r7, [r9, lr]\n\t"

#define TR_STORE_SIX             \
  TR_STORE_FOUR                  \
  "strb r5, [r10]\n\t"           \
  "strb r8, [r10, lr]\n\t"

#define TR_BYTE_OF(table, sum) "ldrsb " sum ", [" table ", " sum "]\n\t"

#define TR_LOOK_UP_FOUR(table)                       \
  TR_BYTE_OF(table, "r3") TR_BYTE_OF(table, "r4")    \
  TR_BYTE_OF(table, "r6") TR_BYTE_OF(table, "r7")

#define TR_LOOK_UP_SIX(table)                                              \
  TR_BYTE_OF(table, "r3") TR_BYTE_OF(table, "r4") TR_BYTE_OF(table, "r5")  \
  TR_BYTE_OF(table, "r6") TR_BYTE_OF(table, "r7") TR_BYTE_OF(table, "r8")

/* Stores, by way of the table in r2 where it is not 0, keeps the place of the next pair `at` bytes
 * up the stack, and goes on at 4 until the stream in r1 is at its end in r0. The comparison stands
 * beside the narrow branch: what follows fills whole words. */
#define TR_PUT_PAIR(store, look_up, at) \
  "cbnz r2, 5f\n\t"                     \
  "7:\n\t"                              \
  "cmp r1, r0\n\t" store                \
  "add r11, r11, lr, lsl #1\n\t"        \
  "str r11, [sp, #" at "]\n\t"          \
  "bne.w 4b\n\t"                        \
  "b 8f\n\t"                            \
  "5:\n\t" look_up                      \
  "b 7b\n\t"                            \
  "8:\n\t"

#endif
