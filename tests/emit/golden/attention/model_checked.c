/* random: checked build. Arena of 144 bytes, placed by greedy. */
#include "model.h"
#include "model_tables.h"

_Alignas(16) __attribute__((section(".tr_arena"))) uint8_t tr_arena[144];

static const tr_io inputs[] = {
  {"t0", 44U, 12U},
};

static const tr_io outputs[] = {
  {"t14", 44U, 12U},
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
  TR_MODEL_NAME, "stm32f746", TR_MODEL_HASH, 144U,
  1U, 1U, 6U,
  inputs, outputs, step_names,
};

void tr_infer(uint8_t *arena) {
  int8_t *const a = (int8_t *)arena;
  tr_guard_set(arena, 56U);
  tr_guard_set(arena, 76U);
  if (!tr_linear_s8_w16_2x4__m4_accepts(tr_tables_step_0)) { __builtin_trap(); }
  tr_step_begin(0U);
  tr_linear_s8_w16_2x4__m4(tr_tables_step_0, a + 44, a + 64, 0);
  tr_step_end(0U);
  tr_guard_set(arena, 96U);
  if (!tr_linear_s8_small__m4_accepts(tr_tables_step_1)) { __builtin_trap(); }
  tr_step_begin(1U);
  tr_linear_s8_small__m4(tr_tables_step_1, a + 44, a + 84, 0);
  tr_step_end(1U);
  tr_guard_set(arena, 116U);
  if (!tr_linear_s8_small__m4_accepts(tr_tables_step_2)) { __builtin_trap(); }
  tr_step_begin(2U);
  tr_linear_s8_small__m4(tr_tables_step_2, a + 44, a + 104, 0);
  tr_step_end(2U);
  tr_guard_set(arena, 136U);
  tr_guard_set(arena, 36U);
  if (!tr_attention_s8_pairs__m4_accepts(tr_tables_step_3)) { __builtin_trap(); }
  tr_step_begin(3U);
  tr_attention_s8_pairs__m4(tr_tables_step_3, a + 64, a + 84, a + 104, a + 124, a + 0);
  tr_step_end(3U);
  tr_guard_check(arena, 76U);
  tr_guard_check(arena, 96U);
  tr_guard_check(arena, 116U);
  tr_guard_check(arena, 36U);
  tr_guard_set(arena, 12U);
  if (!tr_linear_s8_small__m4_accepts(tr_tables_step_4)) { __builtin_trap(); }
  tr_step_begin(4U);
  tr_linear_s8_small__m4(tr_tables_step_4, a + 124, a + 0, 0);
  tr_step_end(4U);
  tr_guard_check(arena, 136U);
  if (!tr_add_s8_any__m4_accepts(tr_tables_step_5)) { __builtin_trap(); }
  tr_step_begin(5U);
  tr_add_s8_any__m4(tr_tables_step_5, a + 44, a + 0, a + 44, 0);
  tr_step_end(5U);
  tr_guard_check(arena, 56U);
  tr_guard_check(arena, 12U);
}
