/* Streams of sparse weights [n, k]: only blocks along k that are not all zero.
 *
 * In bytes: the place of the gaps (int32); the values of every block, row after row; the gaps, a
 * byte a block and a 0 behind each row; zeros up to a whole word. A row of blocks is one of
 * weights, or two that share their blocks; where n leaves one over, it shares with zeros. The
 * second's weight is stored less by one where the first's is negative: behind each other they are
 * 256 times the second's plus the first's, in 16 bits. A gap is
 * TR_SPARSE_STEP times the distance in blocks to the block before, or to the one before the row's
 * first. A distance above 85 passes through blocks of zeros. Behind column k the last block has
 * zeros. The values of one or two blocks are stored together, a step, in an order of their own; a
 * block of zeros that fills the last step of a row has a gap of 0.
 *
 * Where the highest bit of the place is set, all rows have as many blocks: none has a 0 behind it,
 * and the gaps begin one byte before. Such a row has a block at least.
 *
 * The generator proves of every stream that its blocks lie inside k; a word may be read where the
 * values end, for the gaps are at least one, and a byte where those of equal rows end. */
#ifndef TINYRIG_SPARSE_STREAM_H
#define TINYRIG_SPARSE_STREAM_H

#include "common/dsp.h"

#define TR_SPARSE_STEP 3

/* A form: its rows of weights a block, weights of each, blocks a step, and for each weight of a
 * step, [block][row][weight], its place among the step's bytes. */
typedef struct {
  int32_t rows;
  int32_t size;
  int32_t step;
  int8_t place[8];
} tr_sparse_form;

static const tr_sparse_form tr_sparse4 __attribute__((unused)) = {1, 4, 1, {0, 1, 2, 3}};
static const tr_sparse_form tr_sparse2 __attribute__((unused)) = {1, 2, 2, {0, 2, 1, 3}};
static const tr_sparse_form tr_sparse3 __attribute__((unused)) = {1, 3, 1, {0, 1, 2}};
static const tr_sparse_form tr_sparse2x4
    __attribute__((unused)) = {2, 4, 1, {0, 4, 2, 6, 1, 5, 3, 7}};

/* `row` has the bytes of a row's values, or 0 where a gap of 0 is behind each row. */
typedef struct {
  const int8_t *values;
  const uint8_t *gaps;
  int32_t row;
} tr_sparse_stream;

/* Bytes of a step's values. */
TR_INLINE int32_t tr_sparse_step_bytes(const tr_sparse_form *form) {
  return form->step * form->rows * form->size;
}

/* A stream of n channels. */
TR_INLINE tr_sparse_stream tr_sparse_open(const tr_sparse_form *form, const int8_t *weight,
                                          int32_t n) {
  const uint32_t word = tr_load4(weight);
  const int32_t place = (int32_t)(word & 0x7fffffffU);
  const int32_t row = word >> 31 != 0 ? (place - 4) / ((n + form->rows - 1) / form->rows) : 0;
  const tr_sparse_stream stream = {weight + 4, (const uint8_t *)weight + place, row};
  return stream;
}

#endif
