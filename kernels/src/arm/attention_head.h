/* One (batch, head) of attention, as the panels of three queries see it. */
#ifndef TINYRIG_ATTENTION_HEAD_H
#define TINYRIG_ATTENTION_HEAD_H

#include "arm/row_tiles.h"
#include "tinyrig/attention.h"

#define TR_QUERIES 3

/* Sums held before they are scaled in a form that no tile ends in; their buffer is on the stack. */
#define TR_HELD_COLUMNS 24

/* Where a zero point may join the rounding of a row scale without leaving int32. */
#define TR_LARGEST_FOLDED_SHIFT 22

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
  int clips;         /* whether a probability can exceed p->rounding.most */
  uint32_t kept[4];  /* which exponentials of a row's last unit are of keys, in a panel's order */
} tr_head;

#endif
