#include "common/row_multiplier.h"
#include "tinyrig/attention.h"

/* Writes the scores of one query row, and returns the largest. */
static int32_t scores(const tr_attention_s8_params *p, const int8_t *q, const int8_t *k,
                      uint16_t *row) {
  int32_t largest = INT8_MIN;
  for (int32_t j = 0; j < p->t; j++) {
    int32_t acc = p->score_start;
    for (int32_t c = 0; c < p->p; c++) {
      acc += (q[c * p->q_stride[3]] - p->q_zero_point) *
             (k[j * p->k_stride[2] + c * p->k_stride[3]] - p->k_zero_point);
    }
    const int32_t score = tr_requantise(&p->score, acc, 0);
    largest = score > largest ? score : largest;
    row[j] = (uint16_t)(score - INT8_MIN);
  }
  return largest;
}

/* Turns scores into exponentials in place, and returns the row's sum. */
static uint32_t exponentials(const tr_attention_s8_params *p, uint16_t *row, int32_t largest) {
  const uint32_t *const fine = p->rounding.fine;
  uint32_t sum = 0;
  for (int32_t j = 0; j < p->t; j++) {
    const int32_t below = largest - INT8_MIN - row[j];
    row[j] = p->exp[below];
    sum += fine != 0 ? fine[below] : row[j];
  }
  return sum;
}

static void round_row(const tr_attention_s8_params *p, uint16_t *row, tr_row_multiplier scale) {
  for (int32_t j = 0; j < p->t; j++) {
    row[j] = (uint16_t)tr_row_weight(scale, row[j], p->rounding.most);
  }
}

static void weighted_values(const tr_attention_s8_params *p, const uint16_t *row, const int8_t *v,
                            tr_row_multiplier scale, int8_t *y) {
  for (int32_t c = 0; c < p->r; c++) {
    int32_t acc = p->rounding.start;
    for (int32_t j = 0; j < p->t; j++) {
      acc += row[j] * (v[j * p->v_stride[2] + c * p->v_stride[3]] - p->v_zero_point);
    }
    int8_t *const to = y + c * p->y_stride[3];
    if (p->rounding.most != 0) {
      *to = tr_requantise(&p->rounding.requant, acc, 0);
    } else {
      *to = (int8_t)tr_clamp(p->y_zero_point + tr_row_scaled(scale, acc), p->lo, p->hi);
    }
  }
}

void tr_attention_s8__ref(const tr_attention_s8_params *p, const int8_t *q, const int8_t *k,
                          const int8_t *v, int8_t *y, void *scratch) {
  uint16_t *const row = scratch;
  for (int32_t i = 0; i < p->batch0; i++) {
    for (int32_t j = 0; j < p->batch1; j++) {
      const int8_t *const keys = k + i * p->k_stride[0] + j * p->k_stride[1];
      const int8_t *const values = v + i * p->v_stride[0] + j * p->v_stride[1];
      for (int32_t n = 0; n < p->s; n++) {
        const int8_t *const query = q + i * p->q_stride[0] + j * p->q_stride[1] +
                                    n * p->q_stride[2];
        const int32_t largest = scores(p, query, keys, row);
        const uint32_t sum = exponentials(p, row, largest);
        const tr_row_multiplier scale = tr_row_scale_for(p->value, sum);
        if (p->rounding.most != 0) {
          round_row(p, row, scale);
        }
        weighted_values(p, row, values, scale,
                        y + i * p->y_stride[0] + j * p->y_stride[1] + n * p->y_stride[2]);
      }
    }
  }
}
