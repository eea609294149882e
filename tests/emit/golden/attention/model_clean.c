/* random: clean build. Arena of 84 bytes, placed by greedy. */
#include "model.h"
#include "model_tables.h"

_Alignas(16) __attribute__((section(".tr_arena"))) uint8_t tr_arena[84];

static const tr_io inputs[] = {
  {"t0", 36U, 12U},
};

static const tr_io outputs[] = {
  {"t14", 36U, 12U},
};

static const char *const step_names[] = {
  "n3",
  "n6",
  "n0",
  "n9",
  "n12",
  "n13",
};

const tr_model tr_model_info = {
  TR_MODEL_NAME, "stm32f746", TR_MODEL_HASH, 84U,
  1U, 1U, 6U,
  inputs, outputs, step_names,
};

void tr_infer(uint8_t *arena) {
  int8_t *const a = (int8_t *)arena;
  for (int32_t i0 = 0; i0 < 2; i0++) {
    tr_linear_s8__ref(tr_tables_step_0 + i0, a + 36, a + 60, 0);
    tr_linear_s8__ref(tr_tables_step_1 + i0, a + 36, a + 68, 0);
    tr_linear_s8__ref(tr_tables_step_2 + i0, a + 36, a + 76, 0);
    tr_attention_s8_pairs__m7(tr_tables_step_3, a + 76, a + 60, a + 68, a + 48 + i0 * 2, a + 0);
  }
  tr_linear_s8__ref(tr_tables_step_4, a + 48, a + 0, 0);
  tr_add_s8_any__m4(tr_tables_step_5, a + 36, a + 0, a + 36, 0);
}
