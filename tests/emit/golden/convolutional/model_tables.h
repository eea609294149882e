/* Kernels, weights, tables and kernel parameters of random. */
#ifndef TR_MODEL_TABLES_H
#define TR_MODEL_TABLES_H

#include "tinyrig/tinyrig.h"

tr_conv2d_s8_fn tr_conv2d_s8_w16_3x2__m7;
tr_layernorm_s8_fn tr_layernorm_s8__ref;
tr_linear_s8_fn tr_linear_s8_small__m4;
tr_maxpool2d_s8_fn tr_maxpool2d_s8__ref;
tr_mean_s8_fn tr_mean_s8__m4;
tr_softmax_s8_fn tr_softmax_s8__m7;

extern const int8_t tr_weights_0[224];
extern const int8_t tr_tables_1[256];
extern const int32_t tr_weights_2[3];
extern const int32_t tr_weights_3[3];
extern const int32_t tr_tables_4[1];
extern const int8_t tr_weights_5[12];
extern const int32_t tr_weights_6[4];
extern const int32_t tr_tables_7[4];
extern const uint16_t tr_tables_8[256];
extern const int32_t tr_tables_9[1];

extern const tr_conv2d_s8_params tr_tables_step_0[1];
extern const tr_maxpool2d_s8_params tr_tables_step_1[1];
extern const tr_conv2d_s8_params tr_tables_step_2[1];
extern const tr_maxpool2d_s8_params tr_tables_step_3[1];
extern const tr_conv2d_s8_params tr_tables_step_4[1];
extern const tr_maxpool2d_s8_params tr_tables_step_5[1];
extern const tr_layernorm_s8_params tr_tables_step_6[1];
extern const tr_linear_s8_params tr_tables_step_7[1];
extern const tr_softmax_s8_params tr_tables_step_8[1];
extern const tr_mean_s8_params tr_tables_step_9[1];

#endif
