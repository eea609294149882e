/* random: clean build. Arena of 92 bytes, placed by greedy. */
#include "model.h"
#include "model_tables.h"

_Alignas(16) __attribute__((section(".tr_arena"))) uint8_t tr_arena[92];

static const tr_io inputs[] = {
  {"t0", 52U, 12U},
};

static const tr_io outputs[] = {
  {"t14", 52U, 12U},
};

static const char *const step_names[] = {
  "n0.0",
  "n3.0",
  "n6.0",
  "n9.0",
  "n0.1",
  "n3.1",
  "n6.1",
  "n9.1",
  "n12",
  "n13",
};

const tr_model tr_model_info = {
  TR_MODEL_NAME, "stm32f746", TR_MODEL_HASH, 92U,
  1U, 1U, 10U,
  inputs, outputs, step_names,
};

void tr_infer(uint8_t *arena) {
  int8_t *const a = (int8_t *)arena;
  tr_linear_s8__ref(tr_tables_step_0, a + 52, a + 76, 0);
  tr_linear_s8__ref(tr_tables_step_1, a + 52, a + 84, 0);
  tr_linear_s8__ref(tr_tables_step_2, a + 52, a + 36, 0);
  tr_attention_s8_pairs__m7(tr_tables_step_3, a + 76, a + 84, a + 36, a + 64, a + 0);
  tr_linear_s8__ref(tr_tables_step_4, a + 52, a + 76, 0);
  tr_linear_s8__ref(tr_tables_step_5, a + 52, a + 84, 0);
  tr_linear_s8__ref(tr_tables_step_6, a + 52, a + 36, 0);
  tr_attention_s8_pairs__m7(tr_tables_step_7, a + 76, a + 84, a + 36, a + 66, a + 0);
  tr_linear_s8_small__m4(tr_tables_step_8, a + 64, a + 0, 0);
  tr_add_s8_any__m4(tr_tables_step_9, a + 52, a + 0, a + 52, 0);
}
