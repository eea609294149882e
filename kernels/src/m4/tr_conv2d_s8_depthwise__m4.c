#include "arm/finish.h"
#include "common/dsp.h"
#include "tinyrig/conv.h"

#define CHANNELS 4
#define CELLS 4

/* One output row of four channels. Rows of the window are taken two at a time, so that one SMLAD
 * multiplies a column of both: pairs [channel][column][pair of rows], weight [j][pair of rows]; so
 * what a cell needs stands in one piece. */
typedef struct {
  const tr_conv2d_s8_params *p;
  int32_t row_pairs;
  int32_t columns; /* of the image, padding included, that an output row reads */
  uint32_t *pairs;
  uint32_t *weight;
} strip;

/* Interleaves `count` columns of two rows, the bytes of four channels each; columns are `next`
 * pairs apart, channels `channel`. */
TR_NOINLINE void interleave(uint32_t *to, int32_t next, int32_t channel, const int8_t *upper,
                            int32_t upper_step, const int8_t *lower, int32_t lower_step,
                            int32_t count) {
  uint32_t *second = to + 2 * channel;
  TR_NO_UNROLL
  for (; count > 0; count--) {
    uint32_t pair[4];
    tr_byte_pairs(tr_load4(upper), tr_load4(lower), pair);
    to[0] = pair[0];
    to[channel] = pair[1];
    second[0] = pair[2];
    second[channel] = pair[3];
    upper += upper_step;
    lower += lower_step;
    to += next;
    second += next;
  }
}

/* The pairs of two rows of the image, the upper one `top`; `single` has no lower row. */
TR_NOINLINE void pair_rows(const strip *s, const int8_t *x, int32_t top, int single,
                           uint32_t *to) {
  static const int8_t nothing[CHANNELS] = {0};
  const tr_window *const g = &s->p->window;
  const int8_t zero = (int8_t)s->p->x_zero_point;
  const int8_t outside[CHANNELS] = {zero, zero, zero, zero};
  const int32_t channel = s->row_pairs * s->columns;
  const int32_t step = g->x_stride[3];
  const int upper_inside = top >= 0 && top < g->in_h;
  const int lower_inside = !single && top + 1 >= 0 && top + 1 < g->in_h;
  const int8_t *const upper = upper_inside ? x + top * g->x_stride[2] : outside;
  const int8_t *const below = single ? nothing : outside;
  const int8_t *const lower = lower_inside ? x + (top + 1) * g->x_stride[2] : below;
  const int32_t rest = s->columns - g->pad_left;
  const int32_t inside = rest < g->in_w ? rest : g->in_w;
  const int32_t next = s->row_pairs;
  interleave(to, next, channel, outside, 0, below, 0, g->pad_left);
  to += g->pad_left * next;
  interleave(to, next, channel, upper, upper_inside ? step : 0, lower, lower_inside ? step : 0,
             inside);
  interleave(to + inside * next, next, channel, outside, 0, below, 0, rest - inside);
}

/* The weights of one channel, by pairs of rows. */
TR_NOINLINE void pair_weights(const strip *s, const int8_t *w, uint32_t *line) {
  const int32_t width = s->p->window.kernel_w;
  int32_t rows = s->p->window.kernel_h;
  for (; rows > 0; rows -= 2) {
    const int8_t *const lower = rows > 1 ? w + width : w;
    const uint32_t both = rows > 1 ? 0xFFFFFFFFU : 0xFFFFU;
    uint32_t *to = line++;
    TR_NO_UNROLL
    for (int32_t j = 0; j < width; j++) {
      *to = tr_pair(w[j], lower[j]) & both;
      to += s->row_pairs;
    }
    w += 2 * width;
  }
}

/* Four neighbouring cells of stride 1, whose pairs are `next` words apart: `taps` products. */
#if defined(__ARM_FEATURE_DSP)

/* Loads stand together: Cortex-M4 pipelines neighbouring loads, and compilers part them. */
#define TR_FOUR_CELLS(one, two, three)    \
  "ldr %[x1], [%[from], #" one "]\n\t"    \
  "ldr %[x2], [%[from], #" two "]\n\t"    \
  "ldr %[x3], [%[from], #" three "]\n\t"  \
  "ldr %[x0], [%[from]], #4\n\t"          \
  "ldr %[w], [%[by]], #4\n\t"             \
  "smlad %[a0], %[x0], %[w], %[a0]\n\t"   \
  "smlad %[a1], %[x1], %[w], %[a1]\n\t"   \
  "smlad %[a2], %[x2], %[w], %[a2]\n\t"   \
  "smlad %[a3], %[x3], %[w], %[a3]\n\t"

#define TR_CELLS_LOOP(one, two, three)                                                          \
  __asm__("tst %[taps], #1\n\t"                                                                 \
          "add %[taps], %[by], %[taps], lsl #2\n\t"                                             \
          "bne 2f\n\t"                                                                          \
          ".p2align 2\n\t"                                                                      \
          "1:\n\t" TR_FOUR_CELLS(one, two, three)                                               \
          "2:\n\t" TR_FOUR_CELLS(one, two, three)                                               \
          "cmp %[by], %[taps]\n\t"                                                              \
          "bne 1b\n\t"                                                                          \
          : [from] "+r"(pairs), [by] "+r"(weight), [taps] "+r"(taps), [a0] "+r"(acc[0]),        \
            [a1] "+r"(acc[1]), [a2] "+r"(acc[2]), [a3] "+r"(acc[3]), [x0] "=&r"(x0),            \
            [x1] "=&r"(x1), [x2] "=&r"(x2), [x3] "=&r"(x3), [w] "=&r"(w)                        \
          :                                                                                     \
          : "cc", "memory")

TR_INLINE void neighbours(const uint32_t *pairs, const uint32_t *weight, int32_t taps,
                          int32_t next, int32_t *acc) {
  uint32_t x0;
  uint32_t x1;
  uint32_t x2;
  uint32_t x3;
  uint32_t w;
  if (next == 1) {
    TR_CELLS_LOOP("4", "8", "12");
  } else if (next == 2) {
    TR_CELLS_LOOP("8", "16", "24");
  } else {
    TR_CELLS_LOOP("12", "24", "36");
  }
}

#else

TR_INLINE void neighbours(const uint32_t *pairs, const uint32_t *weight, int32_t taps,
                          int32_t next, int32_t *acc) {
  for (int32_t tap = 0; tap < taps; tap++) {
    for (int cell = 0; cell < CELLS; cell++) {
      acc[cell] = tr_dot2(pairs[tap + cell * next], weight[tap], acc[cell]);
    }
  }
}

#endif

/* `count` cells whose pairs are `next` words apart: `taps` products each. */
TR_INLINE void distant(const uint32_t *pairs, const uint32_t *weight, int32_t taps, int32_t next,
                       int32_t count, int32_t *acc) {
  for (int32_t cell = 0; cell < count; cell++) {
    TR_UNROLL_4
    for (int32_t tap = 0; tap < taps; tap++) {
      acc[cell] = tr_dot2(pairs[tap], weight[tap], acc[cell]);
    }
    pairs += next;
  }
}

/* Requantises `count` sums of one channel. */
TR_NOINLINE void finish(const tr_conv2d_s8_params *p, const int32_t *acc, int32_t multiplier,
                        int32_t count, int8_t *y) {
  for (int32_t i = 0; i < count; i++) {
    *y = (int8_t)tr_finish(&p->requant, p->lut, acc[i], multiplier);
    y += p->window.y_stride[3];
  }
}

/* An output row of channel o, four cells at a time; the last four may overlap. */
TR_NOINLINE void row_of_neighbours(const strip *s, const uint32_t *pairs, int32_t o, int8_t *y) {
  const tr_conv2d_s8_params *const p = s->p;
  const int32_t multiplier = p->requant.multiplier[o * p->requant.channel_step];
  const int32_t start = p->start[o];
  const int32_t step = p->window.y_stride[3];
  const int32_t next = s->row_pairs;
  const int32_t taps = next * p->window.kernel_w;
  const int32_t last = p->window.out_w - CELLS;
  const int plain = tr_finish_is_plain(&p->requant, p->lut);
  TR_NO_UNROLL
  for (int32_t v = 0; v < last + CELLS; v += CELLS) {
    const int32_t cell = v < last ? v : last;
    int8_t *to = y + cell * step;
    int32_t acc[CELLS] = {start, start, start, start};
    neighbours(pairs + cell * next, s->weight, taps, next, acc);
    if (plain) {
      *to = (int8_t)tr_finish_narrow(acc[0], multiplier);
      to += step;
      *to = (int8_t)tr_finish_narrow(acc[1], multiplier);
      to += step;
      *to = (int8_t)tr_finish_narrow(acc[2], multiplier);
      to += step;
      *to = (int8_t)tr_finish_narrow(acc[3], multiplier);
    } else {
      finish(p, acc, multiplier, CELLS, to);
    }
  }
}

/* An output row of channel o; pairs are the channel's. */
static void channel_row(const strip *s, const uint32_t *pairs, int32_t o, int8_t *y) {
  const tr_conv2d_s8_params *const p = s->p;
  const tr_window *const g = &p->window;
  if (g->stride_w == 1 && g->out_w >= CELLS && s->row_pairs <= 3) {
    row_of_neighbours(s, pairs, o, y);
    return;
  }
  const int32_t start = p->start[o];
  const int32_t next = s->row_pairs * g->stride_w;
  for (int32_t v = 0; v < g->out_w; v += CELLS) {
    const int32_t count = g->out_w - v < CELLS ? g->out_w - v : CELLS;
    int32_t acc[CELLS] = {start, start, start, start};
    distant(pairs + v * next, s->weight, s->row_pairs * g->kernel_w, next, count, acc);
    finish(p, acc, p->requant.multiplier[o * p->requant.channel_step], count,
           y + v * g->y_stride[3]);
  }
}

/* Output rows of four channels from c on. */
static void channels(strip *s, const int8_t *x, int8_t *y, int32_t c) {
  const tr_conv2d_s8_params *const p = s->p;
  const tr_window *const g = &p->window;
  const int32_t taps = g->kernel_h * g->kernel_w;
  const int32_t size = s->row_pairs * g->kernel_w;
  uint32_t *const weights = s->weight;
  for (int32_t i = 0; i < CHANNELS; i++) {
    pair_weights(s, p->weight + (c + i) * taps, weights + i * size);
  }
  for (int32_t h = 0; h < g->out_h; h++) {
    const int32_t top = h * g->stride_h - g->pad_top;
    for (int32_t i = 0; i < s->row_pairs; i++) {
      pair_rows(s, x + c, top + 2 * i, 2 * i + 1 == g->kernel_h, s->pairs + i);
    }
    for (int32_t i = 0; i < CHANNELS; i++) {
      s->weight = weights + i * size;
      channel_row(s, s->pairs + i * s->row_pairs * s->columns, c + i,
                  y + (c + i) * g->y_stride[1] + h * g->y_stride[2]);
    }
  }
  s->weight = weights;
}

void tr_conv2d_s8_depthwise__m4(const tr_conv2d_s8_params *p, const int8_t *x, int8_t *y,
                                void *scratch) {
  const tr_window *const g = &p->window;
  const int32_t row_pairs = (g->kernel_h + 1) / 2;
  const int32_t columns = (g->out_w - 1) * g->stride_w + g->kernel_w;
  uint32_t *const pairs = scratch;
  strip s = {p, row_pairs, columns, pairs, pairs + CHANNELS * row_pairs * columns};
  for (int32_t b = 0; b < g->batch; b++) {
    for (int32_t block = 0; block < g->in_c; block += CHANNELS) {
      const int32_t c = block < g->in_c - CHANNELS ? block : g->in_c - CHANNELS;
      channels(&s, x + b * g->x_stride[0], y + b * g->y_stride[0], c);
    }
  }
}
