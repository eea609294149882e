#include "arm/copy_rows.h"

TR_NOINLINE void long_rows(const tr_copy_s8_params *p, const int8_t *x, int8_t *y) {
  tr_copy_inner(p, x, y, 1, TR_M7);
}

TR_NOINLINE void short_rows(const tr_copy_s8_params *p, const int8_t *x, int8_t *y) {
  tr_copy_inner(p, x, y, 0, TR_M7);
}

void tr_copy_s8__m7(const tr_copy_s8_params *p, const int8_t *x, int8_t *y, void *scratch) {
  (void)scratch;
  tr_copy_rows(p, x, y, long_rows, short_rows);
}
