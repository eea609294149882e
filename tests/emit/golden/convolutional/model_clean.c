/* random: clean build. Arena of 300 bytes, placed by greedy. */
#include "model.h"
#include "model_tables.h"

_Alignas(16) __attribute__((section(".tr_arena"))) uint8_t tr_arena[300];

static const tr_io inputs[] = {
  {"t0", 164U, 72U},
};

static const tr_io outputs[] = {
  {"t8", 36U, 4U},
};

static const char *const step_names[] = {
  "n0",
  "n1",
  "n0.part1",
  "n1.part1",
  "n0.part2",
  "n1.part2",
  "n4",
  "n5",
  "n6",
  "n7",
};

const tr_model tr_model_info = {
  TR_MODEL_NAME, "stm32f746", TR_MODEL_HASH, 300U,
  1U, 1U, 10U,
  inputs, outputs, step_names,
};

void tr_infer(uint8_t *arena) {
  int8_t *const a = (int8_t *)arena;
  tr_conv2d_s8_w16_3x2__m7(tr_tables_step_0, a + 164, a + 236, a + 0);
  tr_maxpool2d_s8__ref(tr_tables_step_1, a + 236, a + 272, 0);
  tr_conv2d_s8_w16_3x2__m7(tr_tables_step_2, a + 170, a + 236, a + 0);
  tr_maxpool2d_s8__ref(tr_tables_step_3, a + 236, a + 281, 0);
  tr_conv2d_s8_w16_3x2__m7(tr_tables_step_4, a + 182, a + 236, a + 0);
  tr_maxpool2d_s8__ref(tr_tables_step_5, a + 236, a + 290, 0);
  tr_layernorm_s8__ref(tr_tables_step_6, a + 272, a + 272, 0);
  tr_linear_s8_small__m4(tr_tables_step_7, a + 272, a + 0, 0);
  tr_softmax_s8__m7(tr_tables_step_8, a + 0, a + 0, a + 36);
  tr_mean_s8__m4(tr_tables_step_9, a + 0, a + 36, 0);
}
