#include "tinyrig/matmul.h"
#include "xpulp/xpulp_dense.h"
#include "xpulp/xpulp_gather.h"
#include "xpulp/xpulp_sums.h"

/* Whether a's rows, and b's columns, must be copied to be contiguous words. */
static int copies(int32_t k, int32_t stride) { return k < TR_XP_TILE || stride != 1; }

/* Rows first to end of one product. `starts` has room for a start a row and a column, `copy` for
 * the copies. */
static void product(const tr_matmul_s8_params *p, tr_share rows, const int8_t *a, const int8_t *b,
                    int8_t *y, int32_t *starts, int8_t *copy) {
  const int32_t width = (p->k + 3) / 4 * 4;
  const int32_t count = rows.end - rows.first;
  int32_t *const row_start = starts;
  int32_t *const column_start = starts + p->m;
  tr_xp_dense d = {a + rows.first * p->a_stride[2],
                   b,
                   y + rows.first * p->y_stride[2],
                   row_start,
                   column_start,
                   &p->requant,
                   p->lut,
                   p->a_stride[2],
                   p->b_stride[3],
                   p->y_stride[2],
                   p->y_stride[3],
                   p->k};
  const int a_copied = copies(p->k, p->a_stride[3]);
  const int b_copied = copies(p->k, p->b_stride[2]);
  if (a_copied) {
    tr_xp_gather(copy, width, d.x, p->a_stride[2], p->a_stride[3], count, p->k);
    d.x = copy;
    d.x_row = width;
    copy += p->m * width;
  }
  if (b_copied) {
    tr_xp_gather(copy, width, b, p->b_stride[3], p->b_stride[2], p->n, p->k);
    d.w = copy;
    d.w_row = width;
  }
  if (a_copied && b_copied) {
    d.k = width;
  }
  const int32_t both = p->start + p->k * p->a_zero_point * p->b_zero_point;
  for (int32_t i = 0; i < count; i++) {
    const int32_t sum = tr_xp_sum(d.x + i * d.x_row, p->k);
    row_start[i] = tr_wrapping_mls(both, p->b_zero_point, sum);
  }
  for (int32_t j = 0; j < p->n; j++) {
    const int32_t sum = tr_xp_sum(d.w + j * d.w_row, p->k);
    column_start[j] = tr_wrapping_mls(0, p->a_zero_point, sum);
  }
  const tr_xp_part part = {{0, count}, {0, p->n}};
  tr_xp_dense_part(&d, part);
}

void tr_matmul_s8_4x4__xpulp(const tr_matmul_s8_params *p, const int8_t *a, const int8_t *b,
                             int8_t *y, void *scratch) {
  const int32_t width = (p->k + 3) / 4 * 4;
  const int32_t copied = p->m * copies(p->k, p->a_stride[3]) + p->n * copies(p->k, p->b_stride[2]);
  int32_t *const starts = tr_cluster_scratch(scratch, 4 * (p->m + p->n) + width * copied);
  tr_share share = tr_cluster_share(p->batch0 * p->batch1 * p->m);
  while (share.first < share.end) {
    const int32_t batch = share.first / p->m;
    const int32_t i = batch / p->batch1;
    const int32_t j = batch % p->batch1;
    const int32_t left = share.end - batch * p->m;
    const tr_share rows = {share.first - batch * p->m, left < p->m ? left : p->m};
    product(p, rows, a + i * p->a_stride[0] + j * p->a_stride[1],
            b + i * p->b_stride[0] + j * p->b_stride[1],
            y + i * p->y_stride[0] + j * p->y_stride[1], starts,
            (int8_t *)(starts + p->m + p->n));
    share.first = batch * p->m + rows.end;
  }
  tr_cluster_barrier();
}
