/* random: checked build. Arena of 332 bytes, placed by greedy. */
#include "model.h"
#include "model_tables.h"

_Alignas(16) __attribute__((section(".tr_arena"))) uint8_t tr_arena[332];

static const tr_io inputs[] = {
  {"t0", 172U, 72U},
};

static const tr_io outputs[] = {
  {"t8", 44U, 4U},
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
  TR_MODEL_NAME, "stm32f746", TR_MODEL_HASH, 332U,
  1U, 1U, 10U,
  inputs, outputs, step_names,
};

void tr_infer(uint8_t *arena) {
  int8_t *const a = (int8_t *)arena;
  tr_guard_set(arena, 244U);
  tr_guard_set(arena, 288U);
  tr_guard_set(arena, 164U);
  if (!tr_conv2d_s8_w16_3x2__m7_accepts(tr_tables_step_0)) { __builtin_trap(); }
  tr_step_begin(0U);
  tr_conv2d_s8_w16_3x2__m7(tr_tables_step_0, a + 172, a + 252, a + 0);
  tr_step_end(0U);
  tr_guard_check(arena, 164U);
  tr_guard_set(arena, 324U);
  if (!tr_maxpool2d_s8__ref_accepts(tr_tables_step_1)) { __builtin_trap(); }
  tr_step_begin(1U);
  tr_maxpool2d_s8__ref(tr_tables_step_1, a + 252, a + 296, 0);
  tr_step_end(1U);
  tr_guard_check(arena, 288U);
  tr_guard_set(arena, 288U);
  tr_guard_set(arena, 164U);
  if (!tr_conv2d_s8_w16_3x2__m7_accepts(tr_tables_step_2)) { __builtin_trap(); }
  tr_step_begin(2U);
  tr_conv2d_s8_w16_3x2__m7(tr_tables_step_2, a + 178, a + 252, a + 0);
  tr_step_end(2U);
  tr_guard_check(arena, 164U);
  if (!tr_maxpool2d_s8__ref_accepts(tr_tables_step_3)) { __builtin_trap(); }
  tr_step_begin(3U);
  tr_maxpool2d_s8__ref(tr_tables_step_3, a + 252, a + 305, 0);
  tr_step_end(3U);
  tr_guard_check(arena, 288U);
  tr_guard_set(arena, 288U);
  tr_guard_set(arena, 164U);
  if (!tr_conv2d_s8_w16_3x2__m7_accepts(tr_tables_step_4)) { __builtin_trap(); }
  tr_step_begin(4U);
  tr_conv2d_s8_w16_3x2__m7(tr_tables_step_4, a + 190, a + 252, a + 0);
  tr_step_end(4U);
  tr_guard_check(arena, 244U);
  tr_guard_check(arena, 164U);
  if (!tr_maxpool2d_s8__ref_accepts(tr_tables_step_5)) { __builtin_trap(); }
  tr_step_begin(5U);
  tr_maxpool2d_s8__ref(tr_tables_step_5, a + 252, a + 314, 0);
  tr_step_end(5U);
  tr_guard_check(arena, 288U);
  if (!tr_layernorm_s8__ref_accepts(tr_tables_step_6)) { __builtin_trap(); }
  tr_step_begin(6U);
  tr_layernorm_s8__ref(tr_tables_step_6, a + 296, a + 296, 0);
  tr_step_end(6U);
  tr_guard_set(arena, 36U);
  if (!tr_linear_s8_small__m4_accepts(tr_tables_step_7)) { __builtin_trap(); }
  tr_step_begin(7U);
  tr_linear_s8_small__m4(tr_tables_step_7, a + 296, a + 0, 0);
  tr_step_end(7U);
  tr_guard_check(arena, 324U);
  tr_guard_set(arena, 52U);
  if (!tr_softmax_s8__m7_accepts(tr_tables_step_8)) { __builtin_trap(); }
  tr_step_begin(8U);
  tr_softmax_s8__m7(tr_tables_step_8, a + 0, a + 0, a + 44);
  tr_step_end(8U);
  tr_guard_check(arena, 52U);
  tr_guard_set(arena, 48U);
  if (!tr_mean_s8__m4_accepts(tr_tables_step_9)) { __builtin_trap(); }
  tr_step_begin(9U);
  tr_mean_s8__m4(tr_tables_step_9, a + 0, a + 44, 0);
  tr_step_end(9U);
  tr_guard_check(arena, 36U);
  tr_guard_check(arena, 48U);
}
