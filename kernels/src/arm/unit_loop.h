/* The loop over the units of a tile, four at a time: the first time round enters where a multiple of
 * four is left. In r3 is the end of a panel, in r4 its beginning; label 2 is the loop, 3 its second
 * unit, 4 the tile, 6 what follows the loop. The entry is pushed; r8 and r9 are lost. */
#ifndef TINYRIG_UNIT_LOOP_H
#define TINYRIG_UNIT_LOOP_H

/* r3 becomes the entry behind as many units as its bits from `bit` on, modulo four, say. */
#define TR_ENTRY_BEHIND(bit)          \
  "adr.w r8, 2f\n\t"                  \
  "adr.w r9, 3f\n\t"                  \
  "subs r9, r9, r8\n\t"               \
  "ubfx r3, r3, #" bit ", #2\n\t"     \
  "mla r8, r9, r3, r8\n\t"

/* Wide instructions run best from whole words, and a loop of as many bytes as a cache of code holds
 * from whole lines: `align` is the power of two that a tile begins at. */
#define TR_PUSH_ENTRY_AT(align) \
  "orr r8, r8, #1\n\t"          \
  "push {r8}\n\t"               \
  ".p2align " align "\n\t"      \
  "4:\n\t"
#define TR_PUSH_ENTRY TR_PUSH_ENTRY_AT("2")

/* Panels of three rows, whose first unit has been done: minus the number of the others, modulo four,
 * is three times it, and they are 48 bytes each. */
#define TR_ENTER_BEHIND_FIRST_AT(align) \
  "subs r3, r3, r4\n\t"                 \
  "adr.w r8, 6f\n\t"                    \
  "subs r3, r3, #48\n\t"                \
  "beq 1f\n\t"                          \
  TR_ENTRY_BEHIND("4")                  \
  "1:\n\t" TR_PUSH_ENTRY_AT(align)
#define TR_ENTER_BEHIND_FIRST TR_ENTER_BEHIND_FIRST_AT("2")

/* Panels of two rows: units of 32 bytes. */
#define TR_ENTER_PAIR        \
  "subs r3, r4, r3\n\t"      \
  TR_ENTRY_BEHIND("5")       \
  TR_PUSH_ENTRY

#endif
