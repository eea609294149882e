/* Kernels, weights, tables and kernel parameters of random. */
#ifndef TR_MODEL_TABLES_H
#define TR_MODEL_TABLES_H

#include "tinyrig/tinyrig.h"

tr_add_s8_fn tr_add_s8_any__m4;
tr_attention_s8_fn tr_attention_s8_pairs__m4;
tr_linear_s8_fn tr_linear_s8_small__m4;
tr_linear_s8_fn tr_linear_s8_w16_2x4__m4;

extern const int8_t tr_weights_0[64];
extern const int8_t tr_tables_1[256];
extern const int8_t tr_weights_2[16];
extern const int32_t tr_weights_3[4];
extern const int32_t tr_tables_4[4];
extern const int8_t tr_weights_5[16];
extern const int32_t tr_weights_6[4];
extern const int32_t tr_tables_7[4];
extern const int32_t tr_tables_8[1];
extern const uint16_t tr_tables_9[256];
extern const int8_t tr_weights_10[16];
extern const int32_t tr_weights_11[4];
extern const int32_t tr_tables_12[4];

extern const tr_linear_s8_params tr_tables_step_0[1];
extern const tr_linear_s8_params tr_tables_step_1[1];
extern const tr_linear_s8_params tr_tables_step_2[1];
extern const tr_attention_s8_params tr_tables_step_3[1];
extern const tr_linear_s8_params tr_tables_step_4[1];
extern const tr_add_s8_params tr_tables_step_5[1];

#endif
