/* The keys and values of heads of two columns, in groups of four. */
#ifndef TINYRIG_KEY_GROUPS_H
#define TINYRIG_KEY_GROUPS_H

#include <stddef.h>

#include "arm/finish.h"
#include "tinyrig/attention.h"

/* Four keys, less their zero points: the complements of their scores as bytes from 0 to 255, the
 * keys' pairs, and the pairs (0, 2) and (1, 3) of the first and of the second column of values.
 * Where keys end, the last one is repeated, with values of zero. Where a row's exponentials are
 * `kept`, (0, 2) take the scores' place, and a word behind each group is for (1, 3). */
typedef struct {
  uint32_t score;
  uint32_t key[4];
  uint32_t value[4];
} tr_four_keys;

#define TR_GROUP_KEPT "40"
#define TR_GROUP_LOST "36"

/* `count` groups on. */
TR_INLINE tr_four_keys *tr_groups_on(tr_four_keys *from, int32_t count, const int kept) {
  const int32_t words = (int32_t)(sizeof *from / sizeof from->score) + (kept != 0);
  return (tr_four_keys *)(void *)((uint32_t *)(void *)from + count * words);
}

TR_INLINE uint32_t *tr_odd_exponentials(tr_four_keys *of) { return (uint32_t *)(void *)(of + 1); }

/* Exponentials of four scores in a, b, c and d, as the pairs (0, 2) in a and (1, 3) in b. */
#define TR_FOUR_LOOKED_UP                   \
  "ldrh.w %[a], [%[exp], %[a], lsl #1]\n\t" \
  "ldrh.w %[b], [%[exp], %[b], lsl #1]\n\t" \
  "ldrh.w %[c], [%[exp], %[c], lsl #1]\n\t" \
  "ldrh.w %[d], [%[exp], %[d], lsl #1]\n\t" \
  "orr.w %[a], %[a], %[c], lsl #16\n\t"     \
  "orr.w %[b], %[b], %[d], lsl #16\n\t"

/* One (batch, head), and what every row shares. */
typedef struct {
  const tr_attention_s8_params *p;
  tr_four_keys *begin;
  tr_four_keys *end;
  uint32_t odd;     /* whether there is an odd number of groups */
  int32_t repeated; /* how often the last group repeats the last key */
  int small;        /* no score is outside int16 before it saturates */
  int plain;        /* outputs end in a high multiply and a saturation */
} tr_key_groups;

/* The group of the last key. */
TR_INLINE const tr_four_keys *tr_last_group(const tr_key_groups *g, const int kept) {
  return tr_groups_on(g->end, -1, kept);
}

/* What a row's exponentials add up to. */
typedef struct {
  int32_t column[2];
  int32_t sum;
} tr_weighed;

/* Where the next keys, `key_row` apart, and both columns of values are read, and minus their zero
 * points, in pairs. */
typedef struct {
  const int8_t *key;
  int32_t key_row;
  const int8_t *value[2];
  uint32_t key_offset;
  uint32_t value_offset;
} tr_key_source;

/* The pairs of two keys, side by side as if they were contiguous; moves the source on. */
TR_INLINE uint32_t tr_two_keys(tr_key_source *from, const int side_by_side) {
  uint32_t both;
  if (side_by_side) {
    both = tr_load4(from->key);
    from->key += 4;
  } else {
    both = tr_load2(from->key);
    from->key += from->key_row;
    both |= tr_load2(from->key) << 16;
    from->key += from->key_row;
  }
  return both;
}

#if defined(__ARM_FEATURE_DSP)

_Static_assert(offsetof(tr_four_keys, key) == 4, "keys are loaded from the fourth byte on");
_Static_assert(offsetof(tr_four_keys, value) == 20, "and values from the twentieth");
_Static_assert(sizeof(tr_four_keys) == 36, "TR_GROUP_LOST, and TR_GROUP_KEPT has a word more");

#define TR_WIDEN_TWO_KEYS(word, at0, at1)                     \
  "sxtab16 %[e], %[keys], %[" word "]\n\t"                    \
  "sxtab16 %[" word "], %[keys], %[" word "], ror #8\n\t"     \
  "pkhbt %[f], %[e], %[" word "], lsl #16\n\t"                \
  "pkhtb %[e], %[" word "], %[e], asr #16\n\t"                \
  "str %[f], [%[to], #" at0 "]\n\t"                           \
  "str %[e], [%[to], #" at1 "]\n\t"

#define TR_WIDEN_VALUES(word, at0, at1)                       \
  "sxtab16 %[e], %[values], %[" word "]\n\t"                  \
  "sxtab16 %[f], %[values], %[" word "], ror #8\n\t"          \
  "str %[e], [%[to], #" at0 "]\n\t"                           \
  "str %[f], [%[to], #" at1 "]\n\t"

/* Widens whole groups, and moves their source on. */
TR_INLINE void tr_widen_groups(tr_four_keys *to, const tr_four_keys *end, tr_key_source *from,
                               const int kept, const int side_by_side) {
  uint32_t e;
  uint32_t f;
  TR_NO_UNROLL
  for (; to < end; to = tr_groups_on(to, 1, kept)) {
    uint32_t a = tr_two_keys(from, side_by_side);
    uint32_t b = tr_two_keys(from, side_by_side);
    __asm__ volatile(
        TR_WIDEN_TWO_KEYS("a", "4", "8")
        TR_WIDEN_TWO_KEYS("b", "12", "16")
        "ldr %[a], [%[one]], #4\n\t"
        "ldr %[b], [%[two]], #4\n\t" TR_WIDEN_VALUES("a", "20", "24")
        TR_WIDEN_VALUES("b", "28", "32")
        : [a] "+&r"(a), [b] "+&r"(b), [e] "=&r"(e), [f] "=&r"(f), [one] "+&r"(from->value[0]),
          [two] "+&r"(from->value[1])
        : [to] "r"(to), [keys] "r"(from->key_offset), [values] "r"(from->value_offset)
        : "memory");
  }
}

#else

TR_INLINE void tr_widen_groups(tr_four_keys *to, const tr_four_keys *end, tr_key_source *from,
                               const int kept, const int side_by_side) {
  for (; to < end; to = tr_groups_on(to, 1, kept)) {
    for (int i = 0; i < 4; i += 2) {
      const uint32_t both = tr_two_keys(from, side_by_side);
      const uint32_t first = tr_add_even_bytes(from->key_offset, both);
      const uint32_t second = tr_add_odd_bytes(from->key_offset, both);
      to->key[i] = tr_pair(tr_low(first), tr_low(second));
      to->key[i + 1] = tr_pair(tr_high(first), tr_high(second));
    }
    for (int c = 0; c < 2; c++) {
      const uint32_t values = tr_load4(from->value[c]);
      to->value[2 * c] = tr_add_even_bytes(from->value_offset, values);
      to->value[2 * c + 1] = tr_add_odd_bytes(from->value_offset, values);
      from->value[c] += 4;
    }
  }
}

#endif

/* Keys of two contiguous columns; values contiguous in both columns. */
TR_NOINLINE void tr_widen(const tr_key_groups *g, const int8_t *key, const int8_t *value,
                          const int kept) {
  const tr_attention_s8_params *const p = g->p;
  const int32_t rest = p->t % 4;
  tr_four_keys *const whole = tr_groups_on(g->begin, p->t / 4, kept);
  tr_key_source from = {key,
                        p->k_stride[2],
                        {value, value + p->v_stride[3]},
                        tr_pair(-p->k_zero_point, -p->k_zero_point),
                        tr_pair(-p->v_zero_point, -p->v_zero_point)};
  if (p->k_stride[2] == 2) {
    tr_widen_groups(g->begin, whole, &from, kept, 1);
  } else {
    tr_widen_groups(g->begin, whole, &from, kept, 0);
  }
  if (rest != 0) {
    int8_t keys[8];
    int8_t values[2][4];
    TR_NO_UNROLL
    for (int32_t i = 0; i < 4; i++) {
      const int32_t last = i < rest ? i : rest - 1;
      keys[2 * i] = from.key[last * p->k_stride[2]];
      keys[2 * i + 1] = from.key[last * p->k_stride[2] + 1];
      for (int c = 0; c < 2; c++) {
        values[c][i] = i < rest ? from.value[c][i] : (int8_t)p->v_zero_point;
      }
    }
    from.key = keys;
    from.value[0] = values[0];
    from.value[1] = values[1];
    tr_widen_groups(whole, g->end, &from, kept, 1);
  }
}

#if defined(__ARM_FEATURE_DSP)

/* Two groups of four a time; with an odd number of them the second one comes first. */
#define TR_TWO_GROUPS(group)    \
  "cmp %[a], #0\n\t"            \
  "bne.w 2f\n\t"                \
  ".p2align 2\n\t"              \
  "1:\n\t" group "2:\n\t" group \
  "cmp.w %[at], %[end]\n\t"     \
  "bne.w 1b\n\t"

/* The same where two groups are one piece: where their number, one at least, is odd, `group` does
 * the first one. */
#define TR_ODD_GROUP_FIRST(group, two_groups) \
  "cmp %[a], #0\n\t"                          \
  "beq.w 1f\n\t" group                       \
  "cmp.w %[at], %[end]\n\t"                   \
  "beq.w 2f\n\t"                              \
  ".p2align 2\n\t"                            \
  "1:\n\t" two_groups                        \
  "cmp.w %[at], %[end]\n\t"                   \
  "bne.w 1b\n\t"                              \
  "2:\n\t"

#endif

#endif
