/* The cluster a parallel kernel runs on. Every core calls the same kernel with the same arguments;
 * the kernel computes its core's share and ends with one barrier. The platform defines the three
 * functions below. A share depends on what another core writes behind a barrier alone. */
#ifndef TINYRIG_CLUSTER_H
#define TINYRIG_CLUSTER_H

#include <stdint.h>

/* The number of cores, 1, 2, 4 or 8, and the calling one, 0 to cores - 1. */
uint32_t tr_cluster_cores(void);
uint32_t tr_cluster_core(void);

/* Returns when every core has called it; what they wrote before is then visible to all. */
void tr_cluster_barrier(void);

/* A range of items. */
typedef struct {
  int32_t first;
  int32_t end;
} tr_share;

/* Part `index` of 2^bits parts of 0 to `items`: their sizes differ by one at most. items < 2^28. */
static inline tr_share tr_share_of(int32_t items, int32_t index, int32_t bits) {
  const tr_share share = {(items * index) >> bits, (items * (index + 1)) >> bits};
  return share;
}

/* The power of two the number of cores is: 0 to 3. Counting zeros takes a table on these cores. */
static inline int32_t tr_cluster_bits(void) {
  const uint32_t cores = tr_cluster_cores();
  return (int32_t)((cores >> 1) - (cores >> 3));
}

/* What the calling core does of `items`. */
static inline tr_share tr_cluster_share(int32_t items) {
  return tr_share_of(items, (int32_t)tr_cluster_core(), tr_cluster_bits());
}

/* The calling core's part of a scratch buffer of `bytes` bytes, a multiple of 4, for every core. */
static inline void *tr_cluster_scratch(void *scratch, int32_t bytes) {
  return (char *)scratch + (int32_t)tr_cluster_core() * bytes;
}

#endif
