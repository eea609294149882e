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

/* Where the next keys and values are read, and minus their zero points, in pairs. Keys lie by rows of
 * any step. So do values, or by columns: then `value_row` is from one column to the other. */
typedef struct {
  const int8_t *key;
  const int8_t *value;
  int32_t key_row;
  int32_t value_row;
  uint32_t key_offset;
  uint32_t value_offset;
} tr_key_source;

/* How they lie: keys side by side and values by columns; keys by rows; both by rows. */
typedef enum { TR_KEYS_DENSE, TR_KEYS_BY_ROWS, TR_ALL_BY_ROWS } tr_key_order;

/* Two rows of two bytes, one behind the other. */
TR_INLINE uint32_t tr_two_rows(const int8_t *first, const int8_t *second) {
  return tr_load2(first) | tr_load2(second) << 16;
}

/* The bytes of a group: of two and two keys, and of both columns of values, or, by rows, of the first
 * and third and of the second and fourth row of values; moves the source on. */
TR_INLINE void tr_take_group(tr_key_source *from, uint32_t *keys, uint32_t *values,
                             const tr_key_order order) {
  const int8_t *const key = from->key;
  const int8_t *const value = from->value;
  const int32_t row = from->key_row;
  const int32_t value_row = from->value_row;
  if (order == TR_KEYS_DENSE) {
    keys[0] = tr_load4(key);
    keys[1] = tr_load4(key + 4);
    from->key += 8;
  } else {
    keys[0] = tr_two_rows(key, key + row);
    keys[1] = tr_two_rows(key + 2 * row, key + 3 * row);
    from->key += 4 * row;
  }
  if (order == TR_ALL_BY_ROWS) {
    values[0] = tr_two_rows(value, value + 2 * value_row);
    values[1] = tr_two_rows(value + value_row, value + 3 * value_row);
    from->value += 4 * value_row;
  } else {
    values[0] = tr_load4(value);
    values[1] = tr_load4(value + value_row);
    from->value += 4;
  }
}

/* Places of what value bytes are widened to: pairs of the first word, then of the second. */
#define TR_VALUES_BY_COLUMNS(form) form("c", "20", "24") form("d", "28", "32")
#define TR_VALUES_BY_ROWS(form) form("c", "20", "28") form("d", "24", "32")

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

#define TR_WIDEN_GROUP(value_pairs)                                                                \
  __asm__ volatile(TR_WIDEN_TWO_KEYS("a", "4", "8") TR_WIDEN_TWO_KEYS("b", "12", "16") value_pairs \
                   : [a] "+&r"(k[0]), [b] "+&r"(k[1]), [e] "=&r"(e), [f] "=&r"(f)                  \
                   : [c] "r"(v[0]), [d] "r"(v[1]), [to] "r"(to), [keys] "r"(from->key_offset),     \
                     [values] "r"(from->value_offset)                                              \
                   : "memory")

/* Widens whole groups, and moves their source on. */
TR_INLINE void tr_widen_groups(tr_four_keys *to, const tr_four_keys *end, tr_key_source *from,
                               const int kept, const tr_key_order order) {
  uint32_t k[2];
  uint32_t v[2];
  uint32_t e;
  uint32_t f;
  TR_NO_UNROLL
  for (; to < end; to = tr_groups_on(to, 1, kept)) {
    tr_take_group(from, k, v, order);
    if (order == TR_ALL_BY_ROWS) {
      TR_WIDEN_GROUP(TR_VALUES_BY_ROWS(TR_WIDEN_VALUES));
    } else {
      TR_WIDEN_GROUP(TR_VALUES_BY_COLUMNS(TR_WIDEN_VALUES));
    }
  }
}

#else

TR_INLINE void tr_widen_groups(tr_four_keys *to, const tr_four_keys *end, tr_key_source *from,
                               const int kept, const tr_key_order order) {
  uint32_t k[2];
  uint32_t v[2];
  const int apart = order == TR_ALL_BY_ROWS ? 2 : 1; /* from a word's first pair to its second */
  for (; to < end; to = tr_groups_on(to, 1, kept)) {
    tr_take_group(from, k, v, order);
    for (int i = 0; i < 2; i++) {
      const uint32_t first = tr_add_even_bytes(from->key_offset, k[i]);
      const uint32_t second = tr_add_odd_bytes(from->key_offset, k[i]);
      uint32_t *const value = to->value + i * (3 - apart);
      to->key[2 * i] = tr_pair(tr_low(first), tr_low(second));
      to->key[2 * i + 1] = tr_pair(tr_high(first), tr_high(second));
      value[0] = tr_add_even_bytes(from->value_offset, v[i]);
      value[apart] = tr_add_odd_bytes(from->value_offset, v[i]);
    }
  }
}

#endif

/* The order of keys of two contiguous columns, and of values that are contiguous in one way. */
TR_INLINE tr_key_order tr_order_of(const tr_attention_s8_params *p) {
  if (p->v_stride[2] != 1) {
    return TR_ALL_BY_ROWS;
  }
  return p->k_stride[2] == 2 ? TR_KEYS_DENSE : TR_KEYS_BY_ROWS;
}

TR_NOINLINE void tr_widen(const tr_key_groups *g, const int8_t *key, const int8_t *value,
                          const int kept) {
  const tr_attention_s8_params *const p = g->p;
  const int32_t rest = p->t % 4;
  const tr_key_order order = tr_order_of(p);
  tr_four_keys *const whole = tr_groups_on(g->begin, p->t / 4, kept);
  tr_key_source from = {key,
                        value,
                        p->k_stride[2],
                        order == TR_ALL_BY_ROWS ? p->v_stride[2] : p->v_stride[3],
                        tr_pair(-p->k_zero_point, -p->k_zero_point),
                        tr_pair(-p->v_zero_point, -p->v_zero_point)};
  if (order == TR_KEYS_DENSE) {
    tr_widen_groups(g->begin, whole, &from, kept, TR_KEYS_DENSE);
  } else if (order == TR_KEYS_BY_ROWS) {
    tr_widen_groups(g->begin, whole, &from, kept, TR_KEYS_BY_ROWS);
  } else {
    tr_widen_groups(g->begin, whole, &from, kept, TR_ALL_BY_ROWS);
  }
  if (rest != 0) {
    int8_t keys[8];
    int8_t values[8];
    TR_NO_UNROLL
    for (int32_t i = 0; i < 4; i++) {
      const int32_t last = i < rest ? i : rest - 1;
      for (int32_t c = 0; c < 2; c++) {
        const int8_t *const at = from.value + last * p->v_stride[2] + c * p->v_stride[3];
        keys[2 * i + c] = from.key[last * p->k_stride[2] + c];
        values[4 * c + i] = i < rest ? *at : (int8_t)p->v_zero_point;
      }
    }
    from.key = keys;
    from.value = values;
    from.value_row = 4;
    tr_widen_groups(whole, g->end, &from, kept, TR_KEYS_DENSE);
  }
}

#if defined(__ARM_FEATURE_DSP)

/* Two groups of four a time; with an odd number of them the second one comes first. Branches and
 * comparisons are narrow, two in a word, as are loads that stand by twos: a row's code is hardly less
 * than a code cache of 1 KB holds. */
#define TR_TWO_GROUPS(group)    \
  "cmp %[a], #0\n\t"            \
  "bne.n 2f\n\t"                \
  ".p2align 2\n\t"              \
  "1:\n\t" group "2:\n\t" group \
  "cmp.n %[at], %[end]\n\t"     \
  "bne.n 1b\n\t"

/* The same where two groups are one piece: where their number, one at least, is odd, `group` does
 * the first one. */
#define TR_ODD_GROUP_FIRST(group, two_groups) \
  "cmp %[a], #0\n\t"                          \
  "beq.n 1f\n\t" group                       \
  "cmp.n %[at], %[end]\n\t"                   \
  "beq.n 2f\n\t"                              \
  ".p2align 2\n\t"                            \
  "1:\n\t" two_groups                        \
  "cmp.n %[at], %[end]\n\t"                   \
  "bne.n 1b\n\t"                              \
  "2:\n\t"

#endif

#endif
