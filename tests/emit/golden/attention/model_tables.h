/* Kernels, weights, tables and kernel parameters of random. */
#ifndef TR_MODEL_TABLES_H
#define TR_MODEL_TABLES_H

#include "tinyrig/tinyrig.h"

tr_add_s8_fn tr_add_s8_any__m4;
tr_attention_s8_fn tr_attention_s8_pairs__m7;
tr_linear_s8_fn tr_linear_s8__ref;

extern const int8_t tr_weights_0[8];
extern const int32_t tr_weights_1[2];
extern const int32_t tr_tables_2[2];
extern const int8_t tr_weights_3[8];
extern const int32_t tr_weights_4[2];
extern const int32_t tr_tables_5[2];
extern const int8_t tr_weights_6[8];
extern const int32_t tr_weights_7[2];
extern const int32_t tr_tables_8[2];
extern const int8_t tr_weights_9[8];
extern const int32_t tr_weights_10[2];
extern const int32_t tr_tables_11[2];
extern const int8_t tr_weights_12[8];
extern const int32_t tr_weights_13[2];
extern const int32_t tr_tables_14[2];
extern const int8_t tr_tables_15[256];
extern const int8_t tr_weights_16[8];
extern const int32_t tr_weights_17[2];
extern const int32_t tr_tables_18[2];
extern const int32_t tr_tables_19[1];
extern const uint16_t tr_tables_20[256];
extern const int8_t tr_weights_21[16];
extern const int32_t tr_weights_22[4];
extern const int32_t tr_tables_23[4];

extern const tr_linear_s8_params tr_tables_step_0[2];
extern const tr_linear_s8_params tr_tables_step_1[2];
extern const tr_linear_s8_params tr_tables_step_2[2];
extern const tr_attention_s8_params tr_tables_step_3[1];
extern const tr_linear_s8_params tr_tables_step_4[1];
extern const tr_add_s8_params tr_tables_step_5[1];

#endif
