#include "common/bitmap_table.h"
#include "common/inverse_sqrt.h"
#include "common/row_multiplier.h"

void probe_inverse_sqrt(const int64_t *value, int32_t count, int32_t *root, int32_t *shift);
void probe_inverse_sqrt(const int64_t *value, int32_t count, int32_t *root, int32_t *shift) {
  for (int32_t i = 0; i < count; i++) {
    const tr_inverse_sqrt found = tr_inverse_sqrt_of(value[i]);
    root[i] = found.root;
    shift[i] = found.shift;
  }
}

void probe_row_scale(const tr_row_scale *scale, const uint32_t *sum, const int32_t *acc,
                     int32_t count, int32_t *multiplier, int32_t *shift, int32_t *scaled);
void probe_row_scale(const tr_row_scale *scale, const uint32_t *sum, const int32_t *acc,
                     int32_t count, int32_t *multiplier, int32_t *shift, int32_t *scaled) {
  for (int32_t i = 0; i < count; i++) {
    const tr_row_multiplier found = tr_row_scale_for(scale[i], sum[i]);
    multiplier[i] = found.multiplier;
    shift[i] = found.shift;
    scaled[i] = tr_row_scaled(found, acc[i]);
  }
}

void probe_bitmap(int32_t multiplier, int32_t top, uint32_t *exponential);
void probe_bitmap(int32_t multiplier, int32_t top, uint32_t *exponential) {
  const tr_softmax_bitmap_s8_params p = {.multiplier = multiplier, .top = top};
  for (uint32_t below = 0; below < 256; below++) {
    exponential[below] = tr_bitmap_computed(&p, below);
  }
}
