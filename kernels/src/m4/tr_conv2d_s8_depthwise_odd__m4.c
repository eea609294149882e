#include <stddef.h>

#include "arm/finish.h"
#include "common/dsp.h"
#include "tinyrig/conv.h"

#define CHANNELS 4
#define CELLS 4

/* Four channels at a time. Columns of the image are taken two at a time, widened, so that one SMLAD
 * multiplies both: pairs [row][pair of columns][channel]. The window's rows lie in a ring: row r
 * of the padded image at r modulo the window's height.
 *
 * A cell at an even column takes weights (0, 1), (2, 3) ..., one at an odd column takes 0 and the
 * upper half of the first pair, then (1, 2), (3, 4) ...; so a row has kernel_w - 1 words, [channel]
 * [row]{(0, 1), (1, 2), (2, 3) ...}. Rows stand there twice, because the ring begins anywhere. */
typedef struct {
  const tr_conv2d_s8_params *p;
  int32_t groups; /* of four cells an output row has */
  int32_t line;   /* pairs of a row */
  uint32_t *pairs;
  uint32_t *weight;
  int32_t *sums; /* of cells that are no whole group, or not in the plain form */
} strip;

/* The words of four channels of two columns. */
TR_INLINE void put_pair(uint32_t *to, uint32_t a, uint32_t b) {
  const uint32_t a_even = tr_even_bytes(a);
  const uint32_t a_odd = tr_odd_bytes(a);
  const uint32_t b_even = tr_even_bytes(b);
  const uint32_t b_odd = tr_odd_bytes(b);
  to[0] = tr_low_halves(a_even, b_even);
  to[1] = tr_low_halves(a_odd, b_odd);
  to[2] = tr_high_halves(a_even, b_even);
  to[3] = tr_high_halves(a_odd, b_odd);
}

TR_NOINLINE void put_pairs(uint32_t *to, const int8_t *x, int32_t step, int32_t count) {
  TR_NO_UNROLL
  for (; count > 0; count--) {
    put_pair(to, tr_load4(x), tr_load4(x + step));
    x += 2 * step;
    to += CHANNELS;
  }
}

/* A row of the padded image, `row` counted in the image. */
TR_NOINLINE void put_row(const strip *s, const int8_t *x, int32_t row, uint32_t *to) {
  const tr_window *const g = &s->p->window;
  const uint32_t zero = 0x01010101U * (uint8_t)s->p->x_zero_point;
  const int inside = row >= 0 && row < g->in_h;
  const int32_t step = g->x_stride[3];
  const int8_t *const line = inside ? x + row * g->x_stride[2] : x;
  const int32_t right = inside ? g->in_w : 0; /* columns from here on are outside */
  int32_t column = -g->pad_left;
  for (int32_t pair = 0; pair < s->line; pair++) {
    if (column >= 0 && column + 1 < right) {
      const int32_t left = s->line - pair;
      const int32_t whole = (right - column) / 2;
      const int32_t count = whole < left ? whole : left;
      put_pairs(to, line + column * step, step, count);
      to += CHANNELS * count;
      column += 2 * count;
      pair += count - 1;
    } else {
      const int a = column >= 0 && column < right;
      const int b = column + 1 >= 0 && column + 1 < right;
      put_pair(to, a ? tr_load4(line + column * step) : zero,
               b ? tr_load4(line + (column + 1) * step) : zero);
      to += CHANNELS;
      column += 2;
    }
  }
}

/* The weights of one channel, twice but for the last row. */
TR_NOINLINE void put_weights(const tr_window *g, const int8_t *w, uint32_t *to) {
  const int32_t words = g->kernel_w - 1;
  uint32_t *again = to + g->kernel_h * words;
  for (int32_t row = 0; row < g->kernel_h; row++) {
    TR_NO_UNROLL
    for (int32_t i = 0; i < words; i++) {
      const uint32_t both = tr_pair(w[i], w[i + 1]);
      *to++ = both;
      if (row < g->kernel_h - 1) {
        *again++ = both;
      }
    }
    w += g->kernel_w;
  }
}

/* An output row of one channel, whole groups of cells: requantised in the plain form to y, or, where
 * y_step is 0, as sums. The assembly knows the order. */
typedef struct {
  const uint32_t *pairs;
  int32_t pitch; /* bytes of a row of pairs */
  void *y;
  const void *y_end;
  int32_t start;
  const uint32_t *weight;
  int32_t next;               /* bytes from behind the last row to the next four cells */
  const uint32_t *weight_end; /* behind the last row of the window */
  uint32_t skip;              /* rows missing to a multiple of three */
  int32_t multiplier;
  int32_t y_step;
} row;

#if defined(__ARM_FEATURE_DSP)

_Static_assert(offsetof(row, pitch) == 4 && offsetof(row, y) == 8, "ROW_OF reads three words");
_Static_assert(offsetof(row, y_end) == 12 && offsetof(row, start) == 16, "and eight");
_Static_assert(offsetof(row, weight) == 20 && offsetof(row, next) == 24, "in this order:");
_Static_assert(offsetof(row, weight_end) == 28 && offsetof(row, skip) == 32, "where to begin");
_Static_assert(offsetof(row, multiplier) == 36 && offsetof(row, y_step) == 40, "and to end");

/* Pairs in r8, r9, r10, weights in r11, r12, lr, sums in r3 to r6. Loads stand together: Cortex-M4
 * pipelines neighbouring loads, and compilers part them. */
#define EVEN_AND_ODD(a, b, even, odd)       \
  "smlad r3, " a ", " even ", r3\n\t"       \
  "smlad r4, " a ", " odd ", r4\n\t"        \
  "smlad r5, " b ", " even ", r5\n\t"       \
  "smlad r6, " b ", " odd ", r6\n\t"

#define FIRST(a, b, even)                   \
  "smlad r3, " a ", " even ", r3\n\t"       \
  "smlatb r4, " a ", " even ", r4\n\t"      \
  "smlad r5, " b ", " even ", r5\n\t"       \
  "smlatb r6, " b ", " even ", r6\n\t"

#define LAST(a, b, odd)                     \
  "smlabt r3, " a ", " odd ", r3\n\t"       \
  "smlad r4, " a ", " odd ", r4\n\t"        \
  "smlabt r5, " b ", " odd ", r5\n\t"       \
  "smlad r6, " b ", " odd ", r6\n\t"

#define ROW_3                               \
  "ldr.w r8, [r0]\n\t"                      \
  "ldr.w r9, [r0, #16]\n\t"                 \
  "ldr.w r10, [r0, #32]\n\t"                \
  "ldr.w r12, [r1, #4]\n\t"                 \
  "ldr r11, [r1], #8\n\t"                   \
  "add.w r0, r0, r2\n\t" FIRST("r8", "r9", "r11") LAST("r9", "r10", "r12")

#define TWO_STEPS                           \
  "ldr.w r8, [r0]\n\t"                      \
  "ldr.w r9, [r0, #16]\n\t"                 \
  "ldr.w r10, [r0, #32]\n\t"                \
  "ldr.w r12, [r1, #4]\n\t"                 \
  "ldr.w lr, [r1, #8]\n\t"                  \
  "ldr r11, [r1], #12\n\t" FIRST("r8", "r9", "r11") EVEN_AND_ODD("r9", "r10", "lr", "r12")

#define ROW_5                               \
  TWO_STEPS                                 \
  "ldr.w r8, [r0, #48]\n\t"                 \
  "ldr r11, [r1], #4\n\t"                   \
  "add.w r0, r0, r2\n\t" LAST("r10", "r8", "r11")

#define ROW_7                               \
  TWO_STEPS                                 \
  "ldr.w r8, [r0, #48]\n\t"                 \
  "ldr.w r9, [r0, #64]\n\t"                 \
  "ldr.w lr, [r1, #4]\n\t"                  \
  "ldr.w r12, [r1, #8]\n\t"                 \
  "ldr r11, [r1], #12\n\t"                  \
  "add.w r0, r0, r2\n\t" EVEN_AND_ODD("r10", "r8", "lr", "r11") LAST("r8", "r9", "r12")

/* Rows run three at a time; the first time round enters where a multiple of three is left. r7 may be
 * the frame pointer, so it is saved here and not declared. */
#define ROW_OF(name, code)                                                                    \
  TR_NOINLINE void name(const row *s) {                                                       \
    register uint32_t r0 __asm__("r0") = (uint32_t)(uintptr_t)s;                              \
    __asm__ volatile("push {r7}\n\t"                                                          \
                     "add.w r8, r0, #12\n\t"                                                  \
                     "ldm r8, {r3, r4, r5, r6, r8, r9, r10, r11}\n\t"                         \
                     "adr.w r1, 2f\n\t"                                                       \
                     "adr.w r2, 3f\n\t"                                                       \
                     "subs r2, r2, r1\n\t"                                                    \
                     "mla r9, r2, r9, r1\n\t"                                                 \
                     "orr r9, r9, #1\n\t"                                                     \
                     "push {r3, r4, r5, r6, r8, r9, r10, r11}\n\t"                            \
                     "ldm r0, {r0, r2, r7}\n\t"                                               \
                     "b 5f\n\t"                                                               \
                     ".p2align 2\n\t"                                                         \
                     "4:\n\t"                                                                 \
                     "ldr.w r8, [sp, #12]\n\t"                                                \
                     "add.w r0, r0, r8\n\t"                                                   \
                     "5:\n\t"                                                                 \
                     "ldr.w r3, [sp, #4]\n\t"                                                 \
                     "ldr.w r1, [sp, #8]\n\t"                                                 \
                     "ldr.w r9, [sp, #20]\n\t"                                                \
                     "mov.w r4, r3\n\t"                                                       \
                     "mov.w r5, r3\n\t"                                                       \
                     "mov.w r6, r3\n\t"                                                       \
                     "bx r9\n\t"                                                              \
                     ".p2align 2\n\t"                                                         \
                     "2:\n\t" code "3:\n\t" code code                                         \
                     "ldr.w r8, [sp, #16]\n\t"                                                \
                     "cmp r1, r8\n\t"                                                         \
                     "bne.w 2b\n\t"                                                           \
                     "ldr.w r8, [sp]\n\t"                                                     \
                     "ldr.w r9, [sp, #24]\n\t"                                                \
                     "ldr.w r1, [sp, #28]\n\t"                                                \
                     "cbz r1, 6f\n\t"                                                         \
                     "smmul r3, r3, r9\n\t"                                                   \
                     "smmul r4, r4, r9\n\t"                                                   \
                     "smmul r5, r5, r9\n\t"                                                   \
                     "smmul r6, r6, r9\n\t"                                                   \
                     "add.w r9, r7, r1, lsl #1\n\t"                                           \
                     "ssat r3, #8, r3\n\t"                                                    \
                     "ssat r4, #8, r4\n\t"                                                    \
                     "ssat r5, #8, r5\n\t"                                                    \
                     "ssat r6, #8, r6\n\t"                                                    \
                     "strb.w r3, [r7]\n\t"                                                    \
                     "strb.w r4, [r7, r1]\n\t"                                                \
                     "strb.w r5, [r9]\n\t"                                                    \
                     "strb.w r6, [r9, r1]\n\t"                                                \
                     "add.w r7, r9, r1, lsl #1\n\t"                                           \
                     "cmp r7, r8\n\t"                                                         \
                     "bne.w 4b\n\t"                                                           \
                     "b 7f\n\t"                                                               \
                     "6:\n\t"                                                                 \
                     "str r3, [r7], #4\n\t"                                                   \
                     "str r4, [r7], #4\n\t"                                                   \
                     "str r5, [r7], #4\n\t"                                                   \
                     "str r6, [r7], #4\n\t"                                                   \
                     "cmp r7, r8\n\t"                                                         \
                     "bne.w 4b\n\t"                                                           \
                     "7:\n\t"                                                                 \
                     "add sp, sp, #32\n\t"                                                    \
                     "pop {r7}\n\t"                                                           \
                     : "+r"(r0)                                                               \
                     :                                                                        \
                     : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12",   \
                       "lr", "cc", "memory");                                                 \
  }

ROW_OF(row_of_3, ROW_3)
ROW_OF(row_of_5, ROW_5)
ROW_OF(row_of_7, ROW_7)

TR_INLINE void make_row(const row *s, int32_t width) {
  if (width == 3) {
    row_of_3(s);
  } else if (width == 5) {
    row_of_5(s);
  } else {
    row_of_7(s);
  }
}

#else

/* The sum of one cell. */
TR_INLINE int32_t cell_sum(const row *s, int32_t words, int32_t cell) {
  const int32_t rows = (int32_t)(s->weight_end - s->weight) / words;
  int32_t sum = s->start;
  for (int32_t i = 0; i < rows; i++) {
    const uint32_t *x = s->pairs + i * s->pitch / 4 + cell / 2 * CHANNELS;
    const uint32_t *w = s->weight + i * words;
    sum += cell % 2 == 0 ? tr_low(x[words / 2 * CHANNELS]) * tr_high(w[words - 1])
                         : tr_high(x[0]) * tr_low(w[0]);
    for (int32_t k = cell % 2; k < words; k += 2) {
      sum = tr_dot2(x[(k + 1) / 2 * CHANNELS], w[k], sum);
    }
  }
  return sum;
}

TR_INLINE void make_row(const row *s, int32_t width) {
  int8_t *y = s->y;
  int32_t *sums = s->y;
  for (int32_t cell = 0; (s->y_step != 0 ? (void *)y : (void *)sums) != s->y_end; cell++) {
    const int32_t sum = cell_sum(s, width - 1, cell);
    if (s->y_step != 0) {
      *y = (int8_t)tr_finish_narrow(sum, s->multiplier);
      y += s->y_step;
    } else {
      *sums++ = sum;
    }
  }
}

#endif

/* Requantises `count` sums in any form. */
TR_NOINLINE void finish(const tr_conv2d_s8_params *p, const int32_t *sums, int32_t multiplier,
                        int32_t count, int8_t *y) {
  for (; count > 0; count--) {
    *y = (int8_t)tr_finish(&p->requant, p->lut, *sums++, multiplier);
    y += p->window.y_stride[3];
  }
}

/* `cells` cells of a row, whole groups, from the even one `first` on, straight to y. */
TR_INLINE void straight(const strip *s, row *r, const uint32_t *pairs, int32_t first, int32_t cells,
                        int8_t *y) {
  const tr_window *const g = &s->p->window;
  const int32_t step = g->y_stride[3];
  r->pairs = pairs + first / 2 * CHANNELS;
  r->y = y + first * step;
  r->y_end = y + (first + cells) * step;
  r->y_step = step;
  make_row(r, g->kernel_w);
}

/* An output row of the channel that r describes, of which `whole` groups go straight to y. The last
 * group of a row of an even number of cells overlaps the one before. */
TR_INLINE void channel_row(const strip *s, row *r, const uint32_t *pairs, int32_t whole,
                           int8_t *y) {
  const tr_window *const g = &s->p->window;
  if (whole != 0) {
    straight(s, r, pairs, 0, CELLS * whole, y);
  }
  if (whole == s->groups) {
    return;
  }
  if (whole != 0 && g->out_w % 2 == 0) {
    straight(s, r, pairs, g->out_w - CELLS, CELLS, y);
    return;
  }
  const int32_t done = CELLS * whole;
  r->pairs = pairs + done / 2 * CHANNELS;
  r->y = s->sums;
  r->y_end = s->sums + CELLS * s->groups - done;
  r->y_step = 0;
  make_row(r, g->kernel_w);
  finish(s->p, s->sums, r->multiplier, g->out_w - done, y + done * g->y_stride[3]);
}

/* The output rows of four channels from c on. */
static void channels(const strip *s, const int8_t *x, int8_t *y, int32_t c) {
  const tr_conv2d_s8_params *const p = s->p;
  const tr_window *const g = &p->window;
  const int32_t words = g->kernel_w - 1;
  const int32_t pitch = 4 * CHANNELS * s->line;
  int32_t loaded = 0; /* rows of the padded image */
  const int32_t whole = tr_finish_is_plain(&p->requant, p->lut) ? g->out_w / CELLS : 0;
  row r;
  r.pitch = pitch;
  r.next = 2 * 4 * CHANNELS - g->kernel_h * pitch;
  r.skip = (uint32_t)((3 - g->kernel_h % 3) % 3);
  for (int32_t h = 0; h < g->out_h; h++) {
    const int32_t top = h * g->stride_h;
    for (loaded = loaded < top ? top : loaded; loaded < top + g->kernel_h; loaded++) {
      put_row(s, x + c, loaded - g->pad_top, s->pairs + loaded % g->kernel_h * (pitch / 4));
    }
    const int32_t turn = top % g->kernel_h;
    r.weight = s->weight + (turn == 0 ? 0 : g->kernel_h - turn) * words;
    for (int32_t i = 0; i < CHANNELS; i++) {
      r.weight_end = r.weight + g->kernel_h * words;
      r.start = p->start[c + i];
      r.multiplier = p->requant.multiplier[(c + i) * p->requant.channel_step];
      channel_row(s, &r, s->pairs + i, whole, y + (c + i) * g->y_stride[1] + h * g->y_stride[2]);
      r.weight += (2 * g->kernel_h - 1) * words;
    }
  }
}

void tr_conv2d_s8_depthwise_odd__m4(const tr_conv2d_s8_params *p, const int8_t *x, int8_t *y,
                                    void *scratch) {
  const tr_window *const g = &p->window;
  const int32_t words = g->kernel_w - 1;
  const int32_t groups = (g->out_w + CELLS - 1) / CELLS;
  const int32_t line = 2 * groups - 1 + (g->kernel_w + 1) / 2;
  uint32_t *const pairs = scratch;
  uint32_t *const weight = pairs + CHANNELS * g->kernel_h * line;
  const int32_t channel = (2 * g->kernel_h - 1) * words;
  const strip s = {p, groups, line, pairs, weight, (int32_t *)(weight + CHANNELS * channel)};
  for (int32_t block = 0; block < g->in_c; block += CHANNELS) {
    const int32_t c = block < g->in_c - CHANNELS ? block : g->in_c - CHANNELS;
    for (int32_t i = 0; i < CHANNELS; i++) {
      put_weights(g, p->weight + (c + i) * g->kernel_h * g->kernel_w, weight + i * channel);
    }
    for (int32_t b = 0; b < g->batch; b++) {
      channels(&s, x + b * g->x_stride[0], y + b * g->y_stride[0], c);
    }
  }
}
