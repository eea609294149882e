/* Streams of sparse weights [n, k], "sparse4": only blocks of four along k that are not zero.
 *
 * In bytes: the place of the gaps (int32); four values of every block, row after row; the gaps, a
 * byte a block and a 0 behind each row; zeros up to a whole word. A gap is TR_SPARSE_STEP times
 * the distance in blocks to the block before, or to the one before the row's first: a panel of six
 * rows (arm/sparse_rows.h) is 16 bytes long for each. A distance above 85 passes through blocks of
 * zeros. Behind column k the last block has zeros. The generator proves of every stream that its
 * blocks lie inside k; a word may be read where the values end, for the gaps are at least one. */
#ifndef TINYRIG_SPARSE_STREAM_H
#define TINYRIG_SPARSE_STREAM_H

#include "common/dsp.h"

#define TR_SPARSE_STEP 3

typedef struct {
  const int8_t *values;
  const uint8_t *gaps;
} tr_sparse_stream;

TR_INLINE tr_sparse_stream tr_sparse_open(const int8_t *weight) {
  const tr_sparse_stream stream = {weight + 4, (const uint8_t *)weight + tr_load4(weight)};
  return stream;
}

#endif
