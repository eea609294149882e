/* random: clean build. Arena of 96 bytes, placed by greedy. */
#include "model.h"
#include "model_tables.h"

_Alignas(16) __attribute__((section(".tr_arena"))) uint8_t tr_arena[96];

static const tr_io inputs[] = {
  {"t0", 36U, 12U},
};

static const tr_io outputs[] = {
  {"t14", 36U, 12U},
};

static const char *const step_names[] = {
  "n0",
  "n3",
  "n6",
  "n9",
  "n12",
  "n13",
};

const tr_model tr_model_info = {
  TR_MODEL_NAME, "stm32f746", TR_MODEL_HASH, 96U,
  1U, 1U, 6U,
  inputs, outputs, step_names,
};

void tr_infer(uint8_t *arena) {
  int8_t *const a = (int8_t *)arena;
  tr_linear_s8_w16_2x4__m4(tr_tables_step_0, a + 36, a + 48, 0);
  tr_linear_s8_small__m4(tr_tables_step_1, a + 36, a + 60, 0);
  tr_linear_s8_small__m4(tr_tables_step_2, a + 36, a + 72, 0);
  tr_attention_s8_pairs__m4(tr_tables_step_3, a + 48, a + 60, a + 72, a + 84, a + 0);
  tr_linear_s8_small__m4(tr_tables_step_4, a + 84, a + 0, 0);
  tr_add_s8_any__m4(tr_tables_step_5, a + 36, a + 0, a + 36, 0);
}
