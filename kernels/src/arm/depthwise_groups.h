/* Depthwise 3x3 as arm/depthwise_3x3.h, whose constants and walk these are (pack "depthwise3"), in
 * groups of passes: what a pass of two lines of outputs costs beside its outputs is paid once a group.
 *
 * A strip has more slots, [column][4 channels][slots]: at stride 1 four, for three passes, each of two
 * neighbouring pair lines; at stride 2 three, all of which one pass reads. Groups rise through the
 * slots and fall in turn, so that the last pair line of one is the first of the next. Where lines are
 * short a Cortex-M4 has strips of several fours of channels, for which each text runs in turn: a small
 * cache of code then reads it once for them all. */
#ifndef TINYRIG_DEPTHWISE_GROUPS_H
#define TINYRIG_DEPTHWISE_GROUPS_H

#include "arm/depthwise_group_lines.h"
#include "arm/depthwise_group_rows.h"
#include "arm/walk.h"

#define TR_GROUP_PASSES 3

/* A group that rises or falls. */
typedef struct {
  int32_t falling;
  int32_t first; /* words from the strip to the first column of the slot that comes first */
  int32_t next;  /* bytes from behind a slot's columns to the next slot's first */
  int32_t begin; /* words to the slots of the first pass */
} tr_groups_turn;

typedef struct {
  tr_walk walk;
  int32_t stride;
  int32_t slots;
  int32_t most;   /* passes of a group */
  int32_t single; /* whether the last line has none below */
  int32_t last;   /* the last four's first channel */
  int32_t fours;   /* of channels, at most, that have strips */
  uint32_t *strip; /* of the first */
  int32_t outputs; /* words from a strip to its outputs, [pass][column][2 lines][4 channels] */
  int32_t words;   /* from strip to strip */
  int32_t inside;  /* words from a strip to its first column in the image */
  const int32_t *constants;
  tr_groups_turn turns[2];
  tr_group_lines lines;
  tr_group_rows rows[2];
  tr_group_put put;
} tr_depthwise_groups;

/* The columns outside the image, which no line changes. */
TR_NOINLINE void tr_groups_surround(uint32_t *strip, int32_t zero_point, int32_t before,
                                    int32_t inside, int32_t words) {
  const uint32_t zeros = tr_pair(zero_point, zero_point);
  TR_NO_UNROLL
  for (int32_t i = 0; i < before; i++) {
    *strip++ = zeros;
  }
  TR_NO_UNROLL
  for (int32_t i = before + inside; i < words; i++) {
    strip[inside] = zeros;
    strip++;
  }
}

/* The outputs of a group; the last one's last line may have none below. */
TR_INLINE void tr_groups_put_away(tr_group_put *put, int32_t passes, int32_t below, int single) {
  put->below = below;
  put->passes = passes - single;
  if (put->passes > 0) {
    tr_groups_store(put);
  }
  if (single) {
    put->from += put->passes * 2 * TR_GROUP_CHANNELS * put->count;
    put->y += put->passes * put->next;
    put->passes = 1;
    put->below = 0; /* the upper line goes over the lower one */
    tr_groups_store(put);
  }
}

/* The first channel of the next four: the last four overlaps where their number is no multiple. */
TR_INLINE int32_t tr_groups_next(const tr_depthwise_groups *d, int32_t channel) {
  return channel + TR_GROUP_CHANNELS < d->last ? channel + TR_GROUP_CHANNELS : d->last;
}

/* The pair lines of a group into the strips of `fours` of channels, from channel c on, `first` words into
 * each; returns the image from the line on that the next group begins with. */
TR_INLINE const int8_t *tr_groups_widen_all(tr_depthwise_groups *d, const int8_t *x, int32_t c,
                                            int32_t fours, int32_t first, const tr_form form) {
  const int32_t top = d->lines.top;
  uint32_t *strip = d->strip;
  for (int32_t four = 0; four < fours; four++) {
    d->lines.to = strip + first;
    d->lines.x = x + c;
    d->lines.top = top;
    tr_groups_gather(&d->lines, d->stride, form);
    x = four + 1 < fours ? x : d->lines.x - c;
    strip += d->words;
    c = tr_groups_next(d, c);
  }
  return x;
}

/* The outputs of a group into the buffers behind its strips, whose slots are `begin` words further. */
TR_INLINE void tr_groups_multiply_all(tr_depthwise_groups *d, tr_group_rows *rows, int32_t c,
                                      int32_t fours, int32_t begin, int32_t falling,
                                      const tr_form form) {
  uint32_t *strip = d->strip;
  for (int32_t four = 0; four < fours; four++) {
    rows->strip = strip + begin;
    rows->out = (int8_t *)(strip + d->outputs);
    rows->out_end = rows->out + rows->outputs;
    rows->constants = d->constants + c * TR_GROUP_CONSTANTS;
    rows->constants_end = rows->constants + TR_GROUP_CHANNELS * TR_GROUP_CONSTANTS;
    tr_groups_multiply(rows, d->stride, falling, form);
    strip += d->words;
    c = tr_groups_next(d, c);
  }
}

/* The outputs of a group out of their buffers; `single` as for tr_groups_put_away. */
TR_INLINE void tr_groups_put_all(tr_depthwise_groups *d, int8_t *y, int32_t c, int32_t fours,
                                 int32_t passes, int single) {
  uint32_t *strip = d->strip;
  for (int32_t four = 0; four < fours; four++) {
    d->put.from = (int8_t *)(strip + d->outputs);
    d->put.y = y + c;
    tr_groups_put_away(&d->put, passes, d->walk.into[1], single);
    strip += d->words;
    c = tr_groups_next(d, c);
  }
}

/* `fours` of channels of an image, from channel c on. */
TR_INLINE void tr_groups_image(tr_depthwise_groups *d, const int8_t *x, int8_t *y, int32_t c,
                               int32_t fours, const tr_form form) {
  const tr_groups_turn *turn = d->turns;
  int32_t first = d->inside; /* words to the first pair line to come */
  int32_t pairs = 1;         /* that a group has beside those of its passes */
  x -= d->walk.pad_lines * d->walk.place[1];
  d->lines.top = -d->walk.pad_lines;
  for (int32_t left = (d->walk.lines + 1) / 2; left > 0; left -= d->most) {
    const int32_t passes = left < d->most ? left : d->most;
    const int32_t falling = turn->falling;
    tr_group_rows *const rows = &d->rows[falling];
    d->lines.next = turn->next;
    d->lines.pairs = pairs + d->stride * passes;
    x = tr_groups_widen_all(d, x, c, fours, first, form);
    if (rows->passes != passes) {
      tr_groups_plan(rows, d->stride, passes, falling);
    }
    tr_groups_multiply_all(d, rows, c, fours, turn->begin, falling, form);
    tr_groups_put_all(d, y, c, fours, passes, left == passes && d->single);
    y += passes * d->put.next;
    pairs = 0;
    turn = &d->turns[!falling];
    first = turn->first;
  }
}

/* Where what lies in a strip, and what does not change from image to image. */
TR_INLINE void tr_groups_begin(tr_depthwise_groups *d, const tr_conv2d_s8_params *p, void *scratch,
                               const tr_form form) {
  const tr_window *const g = &p->window;
  d->walk = tr_longer_walk(g);
  d->stride = g->stride_h;
  d->slots = 5 - d->stride;
  d->last = g->in_c - TR_GROUP_CHANNELS;
  d->strip = (uint32_t *)scratch + 1;
  d->constants = (const int32_t *)(const void *)p->weight;
  const int32_t length = d->walk.length;
  const int32_t columns = (length - 1) * d->stride + 3;
  const int32_t inside = tr_clamp(columns - d->walk.pad, 0, d->walk.in_length);
  const int32_t column = d->slots * TR_GROUP_CHANNELS;
  d->most = d->stride == 1 ? tr_clamp((d->walk.lines + 1) / 2, 1, TR_GROUP_PASSES) : 1;
  d->single = d->walk.lines % 2;
  d->fours = 1;
  if (!tr_is_m7(form)) {
    d->fours += (length <= 12 && g->in_c > 4) + 2 * (length <= 6 && g->in_c > 12);
  }
  d->outputs = columns * column;
  d->words = d->outputs + 2 * length * d->most;
  d->inside = d->walk.pad * column;
  d->lines.step = d->walk.place[0];
  d->lines.line = d->walk.place[1];
  d->lines.in_lines = d->walk.in_lines;
  d->lines.count = inside;
  d->lines.outside = scratch;
  for (int32_t falling = 0; falling < 2; falling++) {
    d->turns[falling].falling = falling;
    d->turns[falling].first = d->inside + (falling ? d->slots - 2 : 1);
    d->turns[falling].next = (falling ? -4 : 4) - 4 * column * inside;
    d->turns[falling].begin = falling ? d->slots - 1 - d->stride : 0;
    d->rows[falling].length = length;
    d->rows[falling].passes = 0;
    d->rows[falling].entry = 0;
  }
  d->put.step = d->walk.into[0];
  d->put.next = 2 * d->walk.into[1];
  d->put.count = length;
}

/* What no line changes: a cell outside the image, and the columns there. */
TR_INLINE void tr_groups_outside(const tr_depthwise_groups *d, void *scratch, int32_t zero_point) {
  *(uint32_t *)scratch = 0x01010101U * (uint8_t)zero_point;
  for (int32_t four = 0; four < d->fours; four++) {
    tr_groups_surround(d->strip + four * d->words, zero_point, d->inside,
                       d->lines.count * d->slots * TR_GROUP_CHANNELS, d->outputs);
  }
}

TR_INLINE void tr_depthwise_3x3_groups(const tr_conv2d_s8_params *p, const int8_t *x, int8_t *y,
                                       void *scratch, const tr_form form) {
  const tr_window *const g = &p->window;
  tr_depthwise_groups d;
  tr_groups_begin(&d, p, scratch, form);
  tr_groups_outside(&d, scratch, (int8_t)p->x_zero_point);
  const int32_t fours = (g->in_c + TR_GROUP_CHANNELS - 1) / TR_GROUP_CHANNELS;
  for (int32_t b = 0; b < g->batch; b++) {
    const int8_t *const from = x + b * g->x_stride[0];
    int8_t *const to = y + b * g->y_stride[0];
    if (d.fours > 1) {
      for (int32_t done = 0; done < fours; done += d.fours) {
        const int32_t c = done * TR_GROUP_CHANNELS;
        tr_groups_image(&d, from, to, c < d.last ? c : d.last, tr_clamp(fours - done, 1, d.fours),
                        form);
      }
    } else { /* a text of its own, without loops over fours */
      for (int32_t done = 0; done < fours; done++) {
        const int32_t c = done * TR_GROUP_CHANNELS;
        tr_groups_image(&d, from, to, c < d.last ? c : d.last, 1, form);
      }
    }
  }
}

#endif
