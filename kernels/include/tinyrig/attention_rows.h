/* Attention by panels of three queries. Variants differ in the tile's order (tile_3x2.h), and, with
 * TR_STREAM_16, widen keys and values once a head instead of once a tile. */
#ifndef TINYRIG_ATTENTION_ROWS_H
#define TINYRIG_ATTENTION_ROWS_H

#include "tinyrig/attention.h"
#include "tinyrig/gather.h"
#include "tinyrig/row_tiles.h"

#define TR_QUERIES 3

/* Sums held before they are scaled in a form that no tile ends in; their buffer is on the stack. */
#define TR_HELD_COLUMNS 24

/* What one (batch, head) works on. Keys, values and queries are read in place, or from copies
 * where their rows are short or not contiguous. */
typedef struct {
  const tr_attention_s8_params *p;
  const int8_t *key;
  int32_t key_row;
  const int8_t *value; /* column c at c * value_row */
  int32_t value_row;
  int32_t width;     /* columns of a query or key row: p, at least a unit */
  int32_t length;    /* keys, rounded up to whole units */
  int8_t *query;     /* room for a copy of three queries */
  int query_copied;
  int8_t *scores;    /* [row][length], the smallest behind the last key */
  uint32_t *weights; /* a panel of exponentials */
  uint32_t *panel;   /* three queries */
  tr_rows keys;      /* as tiles read them */
  tr_rows values;
  uint32_t kept[4];  /* which exponentials of a row's last unit are of keys, in a panel's order */
} tr_head;

/* The scores of three packed queries in any form of requantisation. */
TR_NOINLINE void tr_score_any(const tr_head *h, const int32_t *start) {
  const tr_requant form = h->p->score;
  int32_t dot[TR_QUERIES * TR_HELD_COLUMNS];
  for (int32_t j = 0; j < h->p->t; j += TR_HELD_COLUMNS) {
    const int32_t columns = h->p->t - j < TR_HELD_COLUMNS ? h->p->t - j : TR_HELD_COLUMNS;
    tr_products_3x2(h->panel, h->key + j * h->key_row, h->key_row, h->width, columns, dot);
    for (int32_t n = 0; n < TR_QUERIES * columns; n++) {
      const int32_t acc = tr_wrapping_add(start[n % TR_QUERIES], dot[n]);
      h->scores[n % TR_QUERIES * h->length + j + n / TR_QUERIES] =
          (int8_t)tr_finish(&form, 0, acc, *form.multiplier);
    }
  }
}

TR_NOINLINE void tr_score(const tr_head *h, const int32_t *start) {
  const tr_attention_s8_params *const p = h->p;
  if (!tr_finish_is_narrow(&p->score)) {
    tr_score_any(h, start);
    return;
  }
  tr_row_narrow f = {tr_rows_frame(&h->keys, p->t, h->panel, tr_units(h->width), start, h->scores,
                                   h->length, 1),
                     *p->score.multiplier,
                     0};
  if (p->t > 1) {
    tr_rows_narrow(&f, h->keys.w, h->keys.row);
  }
  if (p->t % 2 != 0) {
    const int8_t *const odd = tr_rows_odd(&h->keys, p->t, &f.to);
    tr_rows_narrow(&f, odd, 0);
  }
}

/* Three queries of one or two columns, widened, and where their scores begin. */
typedef struct {
  uint32_t query[TR_QUERIES];
  int32_t start[TR_QUERIES];
} tr_short_queries;

TR_INLINE tr_short_queries tr_short_of(const tr_attention_s8_params *p, const int8_t *q) {
  tr_short_queries s;
  for (int i = 0; i < TR_QUERIES; i++) {
    const int32_t low = q[0] - p->q_zero_point;
    const int32_t high = p->p == 2 ? q[p->q_stride[3]] - p->q_zero_point : 0;
    s.query[i] = tr_pair(low, high);
    s.start[i] = tr_wrapping_mls(p->score_start, p->k_zero_point, low + high);
    q += p->q_stride[2];
  }
  return s;
}

/* The scores of keys [first, t) in any form: one product each. */
TR_NOINLINE void tr_score_short(const tr_head *h, const tr_short_queries *s, int32_t first) {
  const tr_attention_s8_params *const p = h->p;
  const int32_t second = p->p == 2 ? p->k_stride[3] : 0;
  const int8_t *key = h->key + first * h->key_row;
  for (int32_t j = first; j < p->t; j++) {
    const uint32_t pair = tr_pair(key[0], key[second]);
    for (int i = 0; i < TR_QUERIES; i++) {
      const int32_t acc = tr_dot2(s->query[i], pair, s->start[i]);
      h->scores[i * h->length + j] = (int8_t)tr_finish(&p->score, 0, acc, *p->score.multiplier);
    }
    key += h->key_row;
  }
}

#if defined(__ARM_FEATURE_DSP)

/* Two keys: a word of their columns. r0 key, r1 scores, r2 step to the next row, r3 multiplier, r4-r6
 * queries, r8-r10 starts, r7, r11, r12 and lr temporaries. */
#define TR_SCORE_ROW(query, start, at0, at1)     \
  "smlad r11, " query ", r7, " start "\n\t"      \
  "smlad lr, " query ", r12, " start "\n\t"      \
  "smmul r11, r11, r3\n\t"                       \
  "smmul lr, lr, r3\n\t"                         \
  "ssat r11, #8, r11\n\t"                        \
  "ssat lr, #8, lr\n\t"                          \
  "strb r11, [r1, #" at0 "]\n\t"                 \
  "strb lr, [r1, #" at1 "]\n\t"

#define TR_SCORE_KEYS(at0, at1)                  \
  "ldr r7, [r0], #4\n\t"                         \
  "sxtb16 r11, r7\n\t"                           \
  "sxtb16 r12, r7, ror #8\n\t"                   \
  "pkhbt r7, r11, r12, lsl #16\n\t"              \
  "pkhtb r12, r12, r11, asr #16\n\t"             \
  TR_SCORE_ROW("r4", "r8", at0, at1)             \
  "add.w r1, r1, r2\n\t"                         \
  TR_SCORE_ROW("r5", "r9", at0, at1)             \
  "add.w r1, r1, r2\n\t"                         \
  TR_SCORE_ROW("r6", "r10", at0, at1)            \
  "sub.w r1, r1, r2, lsl #1\n\t"

#endif

/* The scores of all keys but an odd last one, side by side, that a saturating high multiply ends. */
TR_NOINLINE void tr_score_twos(const tr_head *h, const tr_short_queries *s) {
  const int32_t m = *h->p->score.multiplier;
  const int8_t *const end = h->key + h->p->t / 2 * 4;
#if defined(__ARM_FEATURE_DSP)
  register uint32_t r0 __asm__("r0") = (uint32_t)(uintptr_t)h->key;
  const uint32_t odd = (uint32_t)h->p->t & 2U; /* the loop's second pair of keys comes first */
  register uint32_t r1 __asm__("r1") = (uint32_t)(uintptr_t)h->scores - odd;
  register uint32_t r2 __asm__("r2") = (uint32_t)h->length;
  register uint32_t r3 __asm__("r3") = (uint32_t)m;
  register uint32_t r4 __asm__("r4") = (uint32_t)(uintptr_t)s;
  register uint32_t r5 __asm__("r5") = (uint32_t)(uintptr_t)end;
  register uint32_t r12 __asm__("r12") = odd;
  __asm__ volatile("push {r5, r7}\n\t" /* r7 may be the frame pointer */
                   "ldm r4, {r4, r5, r6, r8, r9, r10}\n\t"
                   "cmp r12, #0\n\t"
                   "bne 2f\n\t"
                   ".p2align 2\n\t"
                   "1:\n\t" TR_SCORE_KEYS("0", "1") "2:\n\t" TR_SCORE_KEYS("2", "3")
                   "ldr.w r7, [sp]\n\t"
                   "add.w r1, r1, #4\n\t"
                   "cmp.w r0, r7\n\t"
                   "bne.w 1b\n\t"
                   "pop {r5, r7}\n\t"
                   : "+r"(r0), "+r"(r1), "+r"(r2), "+r"(r3), "+r"(r4), "+r"(r5), "+r"(r12)
                   :
                   : "r6", "r8", "r9", "r10", "r11", "lr", "cc", "memory");
#else
  const int8_t *key = h->key;
  for (int8_t *to = h->scores; key != end; to++) {
    const uint32_t pair = tr_pair(key[0], key[1]);
    for (int i = 0; i < TR_QUERIES; i++) {
      const int32_t acc = tr_dot2(s->query[i], pair, s->start[i]);
      to[i * h->length] = (int8_t)tr_finish_narrow(acc, m);
    }
    key += 2;
  }
#endif
}

TR_NOINLINE void tr_score_pairs(const tr_head *h, const int8_t *q) {
  const tr_attention_s8_params *const p = h->p;
  const tr_short_queries s = tr_short_of(p, q);
  int32_t done = 0;
  if (p->p == 2 && p->k_stride[3] == 1 && h->key_row == 2 && p->t >= 2 &&
      tr_finish_is_narrow(&p->score)) {
    tr_score_twos(h, &s);
    done = p->t / 2 * 2;
  }
  if (done < p->t) {
    tr_score_short(h, &s, done);
  }
}

/* The largest of a row's scores, in four bytes. */
TR_INLINE uint32_t tr_largest_score(const tr_head *h, const int8_t *row) {
  uint32_t largest = 0x80808080U;
  const int8_t *const end = row + h->length;
  if (h->length / TR_UNIT % 2 != 0) {
    largest = tr_max4(largest, tr_max4(tr_load4(row), tr_load4(row + 4)));
    row += TR_UNIT;
  }
  TR_NO_UNROLL
  for (; row < end; row += 2 * TR_UNIT) {
    const uint32_t a = tr_load4(row);
    const uint32_t b = tr_load4(row + 4);
    const uint32_t c = tr_load4(row + 8);
    const uint32_t d = tr_load4(row + 12);
    largest = tr_max4(tr_max4(tr_max4(tr_max4(largest, a), b), c), d);
  }
  largest = tr_max4(largest, largest >> 16 | largest << 16);
  return tr_max4(largest, largest >> 8 | largest << 24);
}

#if defined(__ARM_FEATURE_DSP)
/* Four exponentials: pairs (0, 2) and (1, 3) of the bytes in `below`, the second in o. Look-ups stand
 * together. */
#define TR_LOOK_UP(below)                                     \
  "ubfx %[o], %[" below "], #8, #8\n\t"                       \
  "ubfx %[c], %[" below "], #16, #8\n\t"                      \
  "lsr.w %[d], %[" below "], #24\n\t"                         \
  "uxtb.w %[" below "], %[" below "]\n\t"                     \
  "ldrh.w %[o], [%[exp], %[o], lsl #1]\n\t"                   \
  "ldrh.w %[c], [%[exp], %[c], lsl #1]\n\t"                   \
  "ldrh.w %[d], [%[exp], %[d], lsl #1]\n\t"                   \
  "ldrh.w %[" below "], [%[exp], %[" below "], lsl #1]\n\t"   \
  "orr.w %[o], %[o], %[d], lsl #16\n\t"                       \
  "orr.w %[" below "], %[" below "], %[c], lsl #16\n\t"
#endif

/* Turns the scores [row, end), whole units, into exponentials in the order of a panel at slot;
 * returns their sum. */
TR_INLINE int32_t tr_look_up_row(const int8_t *row, const int8_t *end, uint32_t largest,
                                 const uint16_t *exp, uint32_t *slot) {
  const uint32_t ones = 0x00010001U;
  int32_t sum = 0;
  uint32_t a;
  uint32_t b;
#if defined(__ARM_FEATURE_DSP)
  uint32_t at = (uint32_t)(uintptr_t)row - 4;
  const uint32_t last = (uint32_t)(uintptr_t)end - 4;
  uint32_t c;
  uint32_t d;
  uint32_t o;
  __asm__(".p2align 2\n\t"
          "1:\n\t"
          "ldr.w %[a], [%[at], #4]\n\t"
          "ldr %[b], [%[at], #8]!\n\t"
          "usub8 %[a], %[largest], %[a]\n\t"
          "usub8 %[b], %[largest], %[b]\n\t" TR_LOOK_UP("a")
          "str %[a], [%[slot]], #48\n\t"
          "str %[o], [%[slot], #-44]\n\t"
          "smlad %[sum], %[a], %[ones], %[sum]\n\t"
          "smlad %[sum], %[o], %[ones], %[sum]\n\t" TR_LOOK_UP("b")
          "str %[b], [%[slot], #-24]\n\t"
          "str %[o], [%[slot], #-20]\n\t"
          "smlad %[sum], %[b], %[ones], %[sum]\n\t"
          "smlad %[sum], %[o], %[ones], %[sum]\n\t"
          "cmp.w %[at], %[last]\n\t"
          "bne.w 1b\n\t"
          : [a] "=&r"(a), [b] "=&r"(b), [c] "=&r"(c), [d] "=&r"(d), [o] "=&r"(o), [sum] "+r"(sum),
            [at] "+r"(at), [slot] "+r"(slot)
          : [last] "r"(last), [largest] "r"(largest), [exp] "r"(exp), [ones] "r"(ones)
          : "cc", "memory");
#else
  for (; row != end; row += 4) {
    const uint32_t below = tr_sub4(largest, tr_load4(row));
    a = exp[below & 0xFFU] | (uint32_t)exp[below >> 16 & 0xFFU] << 16;
    b = exp[below >> 8 & 0xFFU] | (uint32_t)exp[below >> 24] << 16;
    slot[0] = a;
    slot[1] = b;
    sum = tr_dot2(b, ones, tr_dot2(a, ones, sum));
    slot += 2 * TR_QUERIES;
  }
#endif
  return sum;
}

/* Turns the scores of row i into exponentials in the order of a panel, zeros behind the last;
 * returns their sum. */
TR_NOINLINE uint32_t tr_exponentials(const tr_head *h, int32_t i) {
  const uint16_t *const exp = h->p->exp;
  const int8_t *const row = h->scores + i * h->length;
  uint32_t *const slot = h->weights + 2 * i;
  const uint32_t largest = tr_largest_score(h, row);
  int32_t sum = tr_look_up_row(row, row + h->length, largest, exp, slot);
  const int32_t absent = h->length - h->p->t;
  if (absent != 0) {
    uint32_t *const last = slot + tr_panel_words(TR_QUERIES, h->length - TR_UNIT);
    last[0] &= h->kept[0];
    last[1] &= h->kept[1];
    last[2 * TR_QUERIES] &= h->kept[2];
    last[2 * TR_QUERIES + 1] &= h->kept[3];
    sum -= absent * exp[(largest + 0x80U) & 0xFFU]; /* as many scores of -128 */
  }
  return (uint32_t)sum;
}

/* Where a zero point may join the rounding of a row scale without leaving int32. */
#define TR_LARGEST_FOLDED_SHIFT 22

/* The weighted values that a saturation ends, of rows with small shifts. */
TR_INLINE void tr_values_plain(const tr_head *h, const tr_row_multiplier *scale,
                               const int32_t *start, int8_t *y) {
  const tr_attention_s8_params *const p = h->p;
  tr_row_scaled_frame f = {tr_rows_frame(&h->values, p->r, h->weights, h->length / TR_UNIT, start, y,
                                         p->y_stride[2], p->y_stride[3]),
                           {0}};
  for (int i = 0; i < TR_QUERIES; i++) {
    f.scale[3 * i] = scale[i].multiplier;
    f.scale[3 * i + 1] = (1 << (scale[i].shift - 1)) + p->y_zero_point * (1 << scale[i].shift);
    f.scale[3 * i + 2] = scale[i].shift;
  }
  if (p->r > 1) {
    tr_rows_scaled(&f, h->values.w, h->values.row);
  }
  if (p->r % 2 != 0) {
    const int8_t *const odd = tr_rows_odd(&h->values, p->r, &f.to);
    tr_rows_scaled(&f, odd, 0);
  }
}

/* The same for every clamp and shift. */
TR_NOINLINE void tr_values_any(const tr_head *h, const tr_row_multiplier *scale,
                               const int32_t *start, int8_t *y) {
  const tr_attention_s8_params *const p = h->p;
  const uint32_t *const panel = h->weights;
  int32_t dot[TR_QUERIES * TR_HELD_COLUMNS];
  for (int32_t c = 0; c < p->r; c += TR_HELD_COLUMNS) {
    const int32_t columns = p->r - c < TR_HELD_COLUMNS ? p->r - c : TR_HELD_COLUMNS;
    tr_products_3x2(panel, h->value + c * h->value_row, h->value_row, h->length, columns, dot);
    for (int32_t n = 0; n < TR_QUERIES * columns; n++) {
      const int i = n % TR_QUERIES;
      const int32_t acc = tr_wrapping_add(start[i], dot[n]);
      const int32_t output = p->y_zero_point + tr_row_scaled(scale[i], acc);
      y[i * p->y_stride[2] + (c + n / TR_QUERIES) * p->y_stride[3]] =
          (int8_t)tr_clamp(output, p->lo, p->hi);
    }
  }
}

TR_NOINLINE void tr_weighted_values(const tr_head *h, const uint32_t *sum, int8_t *y) {
  const tr_attention_s8_params *const p = h->p;
  int plain = p->lo == INT8_MIN && p->hi == INT8_MAX;
  tr_row_multiplier scale[TR_QUERIES];
  int32_t start[TR_QUERIES];
  for (int i = 0; i < TR_QUERIES; i++) {
    scale[i] = tr_row_scale_for(p->value, sum[i]);
    start[i] = -p->v_zero_point * (int32_t)sum[i];
    plain = plain && scale[i].shift <= TR_LARGEST_FOLDED_SHIFT;
  }
  if (plain) {
    tr_values_plain(h, scale, start, y);
  } else {
    tr_values_any(h, scale, start, y);
  }
}

/* The scores of queries of any width. */
TR_NOINLINE void tr_score_panel(const tr_head *h, const int8_t *q) {
  const tr_attention_s8_params *const p = h->p;
  int32_t query_row = p->q_stride[2];
  int32_t start[TR_QUERIES];
  if (h->query_copied) {
    tr_gather_rows(h->query, h->width, q, query_row, p->q_stride[3], TR_QUERIES, p->p, p->q_zero_point);
    q = h->query;
    query_row = h->width;
  }
  tr_panel_pack(h->panel, q, query_row, h->width, TR_QUERIES,
                tr_pair(-p->q_zero_point, -p->q_zero_point));
  for (int i = 0; i < TR_QUERIES; i++) {
    const int32_t total = tr_panel_sum(h->panel, i, TR_QUERIES, h->width);
    start[i] = tr_wrapping_mls(p->score_start, p->k_zero_point, total);
  }
  tr_score(h, start);
}

TR_NOINLINE void tr_three_queries(const tr_head *h, const int8_t *q, int8_t *y) {
  uint32_t sum[TR_QUERIES];
  if (h->p->p <= 2) {
    tr_score_pairs(h, q);
  } else {
    tr_score_panel(h, q);
  }
  for (int i = 0; i < TR_QUERIES; i++) {
    sum[i] = tr_exponentials(h, i);
  }
  tr_weighted_values(h, sum, y);
}

#if defined(TR_STREAM_16)

/* Words of the keys and values widened. */
TR_INLINE int32_t tr_wide_words(const tr_attention_s8_params *p, int32_t width, int32_t length) {
  const int32_t keys = p->p > 2 ? (p->t + 1) / 2 * tr_panel_words(2, width) : 0;
  return keys + (p->r + 1) / 2 * tr_panel_words(2, length);
}

/* Widens `count` rows of k bytes, an odd last one twice; returns what lies behind. */
TR_NOINLINE uint32_t *tr_widen_rows(uint32_t *to, const int8_t *w, int32_t row, int32_t k,
                                    int32_t count) {
  for (; count > 0; count -= 2) {
    tr_panel_pack(to, w, count > 1 ? row : 0, k, 2, 0);
    to += tr_panel_words(2, k);
    w += 2 * row;
  }
  return to;
}

TR_INLINE void tr_choose_rows(tr_head *h, uint32_t *wide) {
  const tr_attention_s8_params *const p = h->p;
  if (p->p > 2) {
    h->keys = (tr_rows){(const int8_t *)wide, 0, 4 * tr_panel_words(2, h->width), 0};
    wide = tr_widen_rows(wide, h->key, h->key_row, h->width, p->t);
  }
  h->values = (tr_rows){(const int8_t *)wide, 0, 4 * tr_panel_words(2, h->length), 0};
  (void)tr_widen_rows(wide, h->value, h->value_row, h->length, p->r);
}

#else

TR_INLINE int32_t tr_wide_words(const tr_attention_s8_params *p, int32_t width, int32_t length) {
  (void)p;
  (void)width;
  (void)length;
  return 0;
}

TR_INLINE void tr_choose_rows(tr_head *h, uint32_t *wide) {
  (void)wide;
  h->keys = (tr_rows){h->key, h->key_row, 2 * h->key_row, h->width};
  h->values = (tr_rows){h->value, h->value_row, 2 * h->value_row, h->length};
}

#endif

TR_NOINLINE void tr_attend(const tr_attention_s8_params *p, const int8_t *q, const int8_t *k,
                   const int8_t *v, int8_t *y, void *scratch) {
  const int32_t width = p->p < TR_UNIT ? TR_UNIT : p->p;
  const int32_t length = tr_units(p->t) * TR_UNIT;
  uint32_t *const panel = (uint32_t *)scratch + TR_QUERIES * length / 2;
  uint32_t *const wide = panel + (p->p > 2 ? tr_panel_words(TR_QUERIES, width) : 0);
  int8_t *const scores = (int8_t *)(wide + tr_wide_words(p, width, length));
  int8_t *copy = scores + TR_QUERIES * length;
  tr_head h = {p, k, p->k_stride[2], v, p->v_stride[3], width, length, 0,
            width != p->p || p->q_stride[3] != 1, scores, scratch, panel, {0}, {0}, {0}};
  if (p->v_stride[2] != 1 || p->v_stride[3] < length) {
    tr_gather_rows(copy, length, v, p->v_stride[3], p->v_stride[2], p->r, p->t, 0);
    h.value = copy;
    h.value_row = length;
    copy += p->r * length;
  }
  if (p->p > 2 && (p->k_stride[3] != 1 || p->p + p->k_slack < width)) {
    tr_gather_rows(copy, width, k, p->k_stride[2], p->k_stride[3], p->t, p->p, 0);
    h.key = copy;
    h.key_row = width;
    copy += p->t * width;
  }
  h.query = copy;
  tr_choose_rows(&h, wide);
  for (int32_t i = 0; i < 4; i++) {
    const int32_t key = length - TR_UNIT + i / 2 * 4 + i % 2;
    h.kept[i] = key + 2 < p->t ? 0xFFFFFFFFU : (key < p->t ? 0x0000FFFFU : 0U);
  }
  for (int32_t j = p->t; j < length; j++) {
    for (int i = 0; i < TR_QUERIES; i++) {
      scores[i * length + j] = INT8_MIN;
    }
  }
  for (int32_t n = 0; n < p->s; n += TR_QUERIES) {
    const int32_t row = n < p->s - TR_QUERIES ? n : p->s - TR_QUERIES; /* the last block may overlap */
    tr_three_queries(&h, q + row * p->q_stride[2], y + row * p->y_stride[2]);
  }
}

TR_INLINE void tr_attention_rows(const tr_attention_s8_params *p, const int8_t *q,
                                 const int8_t *k, const int8_t *v, int8_t *y, void *scratch) {
  for (int32_t i = 0; i < p->batch0; i++) {
    for (int32_t j = 0; j < p->batch1; j++) {
      tr_attend(p, q + i * p->q_stride[0] + j * p->q_stride[1],
             k + i * p->k_stride[0] + j * p->k_stride[1],
             v + i * p->v_stride[0] + j * p->v_stride[1],
             y + i * p->y_stride[0] + j * p->y_stride[1], scratch);
    }
  }
}

#endif
