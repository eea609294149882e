/* random: checked build. Arena of 140 bytes, placed by greedy. */
#include "model.h"
#include "model_tables.h"

_Alignas(16) __attribute__((section(".tr_arena"))) uint8_t tr_arena[140];

static const tr_io inputs[] = {
  {"t0", 68U, 12U},
};

static const tr_io outputs[] = {
  {"t14", 68U, 12U},
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
  TR_MODEL_NAME, "stm32f746", TR_MODEL_HASH, 140U,
  1U, 1U, 10U,
  inputs, outputs, step_names,
};

void tr_infer(uint8_t *arena) {
  int8_t *const a = (int8_t *)arena;
  tr_guard_set(arena, 80U);
  tr_guard_set(arena, 116U);
  if (!tr_linear_s8__ref_accepts(tr_tables_step_0)) { __builtin_trap(); }
  tr_step_begin(0U);
  tr_linear_s8__ref(tr_tables_step_0, a + 68, a + 108, 0);
  tr_step_end(0U);
  tr_guard_set(arena, 132U);
  if (!tr_linear_s8__ref_accepts(tr_tables_step_1)) { __builtin_trap(); }
  tr_step_begin(1U);
  tr_linear_s8__ref(tr_tables_step_1, a + 68, a + 124, 0);
  tr_step_end(1U);
  tr_guard_set(arena, 60U);
  if (!tr_linear_s8__ref_accepts(tr_tables_step_2)) { __builtin_trap(); }
  tr_step_begin(2U);
  tr_linear_s8__ref(tr_tables_step_2, a + 68, a + 44, 0);
  tr_step_end(2U);
  tr_guard_set(arena, 100U);
  tr_guard_set(arena, 36U);
  if (!tr_attention_s8_pairs__m7_accepts(tr_tables_step_3)) { __builtin_trap(); }
  tr_step_begin(3U);
  tr_attention_s8_pairs__m7(tr_tables_step_3, a + 108, a + 124, a + 44, a + 88, a + 0);
  tr_step_end(3U);
  tr_guard_check(arena, 116U);
  tr_guard_check(arena, 132U);
  tr_guard_check(arena, 60U);
  tr_guard_check(arena, 36U);
  tr_guard_set(arena, 116U);
  if (!tr_linear_s8__ref_accepts(tr_tables_step_4)) { __builtin_trap(); }
  tr_step_begin(4U);
  tr_linear_s8__ref(tr_tables_step_4, a + 68, a + 108, 0);
  tr_step_end(4U);
  tr_guard_set(arena, 132U);
  if (!tr_linear_s8__ref_accepts(tr_tables_step_5)) { __builtin_trap(); }
  tr_step_begin(5U);
  tr_linear_s8__ref(tr_tables_step_5, a + 68, a + 124, 0);
  tr_step_end(5U);
  tr_guard_set(arena, 60U);
  if (!tr_linear_s8__ref_accepts(tr_tables_step_6)) { __builtin_trap(); }
  tr_step_begin(6U);
  tr_linear_s8__ref(tr_tables_step_6, a + 68, a + 44, 0);
  tr_step_end(6U);
  tr_guard_set(arena, 36U);
  if (!tr_attention_s8_pairs__m7_accepts(tr_tables_step_7)) { __builtin_trap(); }
  tr_step_begin(7U);
  tr_attention_s8_pairs__m7(tr_tables_step_7, a + 108, a + 124, a + 44, a + 90, a + 0);
  tr_step_end(7U);
  tr_guard_check(arena, 116U);
  tr_guard_check(arena, 132U);
  tr_guard_check(arena, 60U);
  tr_guard_check(arena, 36U);
  tr_guard_set(arena, 12U);
  if (!tr_linear_s8_small__m4_accepts(tr_tables_step_8)) { __builtin_trap(); }
  tr_step_begin(8U);
  tr_linear_s8_small__m4(tr_tables_step_8, a + 88, a + 0, 0);
  tr_step_end(8U);
  tr_guard_check(arena, 100U);
  if (!tr_add_s8_any__m4_accepts(tr_tables_step_9)) { __builtin_trap(); }
  tr_step_begin(9U);
  tr_add_s8_any__m4(tr_tables_step_9, a + 68, a + 0, a + 68, 0);
  tr_step_end(9U);
  tr_guard_check(arena, 80U);
  tr_guard_check(arena, 12U);
}
