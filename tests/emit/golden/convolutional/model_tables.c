#include "model_tables.h"

_Alignas(4) __attribute__((nonstring)) const int8_t tr_weights_0[224] =
"\242\303\377\377\264\261\377\377\000\000\000\000\027\000\000\000\337\377\000\000\246\377\000\000"
"\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\032\000\210\377\066\000\374\377"
"\003\000\052\000\362\377\176\000\246\377\155\000\347\377\014\000\307\377\244\377\133\000\331\377"
"\222\377\242\377\013\000\101\000\111\000\053\000\300\377\366\377\162\000\037\000\172\000\136\000"
"\003\000\121\000\161\000\126\000\126\331\170\033\123\076\042\023\264\261\377\377\112\142\377\377"
"\337\377\000\000\246\377\000\000\015\000\000\000\173\000\000\000\000\000\000\000\000\000\000\000"
"\000\000\000\000\000\000\000\000\003\000\052\000\362\377\176\000\173\000\265\377\243\377\317\377"
"\307\377\244\377\133\000\331\377\016\000\374\377\123\000\173\000\111\000\053\000\300\377\366\377"
"\333\377\027\000\155\000\070\000\003\000\121\000\161\000\126\000\275\377\115\000\027\000\143\000"
"\123\076\042\023\262\261\251\042"
;
_Alignas(4) const int8_t tr_tables_1[256] = {
-58,16,102,126,-73,28,-120,-84,-77,-15,-40,58,-8,-42,103,32,50,62,-42,100,-124,-50,-88,-127,127,
-106,-11,81,48,91,-115,-1,-120,-79,88,-110,22,-123,-49,110,-47,-49,-106,70,-84,-1,-122,-123,86,
-126,-9,-19,-96,37,61,124,-78,108,-113,-92,25,94,101,61,-122,-22,78,7,-80,46,-105,50,-124,-36,
-53,112,58,39,-2,-55,90,114,-73,-66,-48,-6,-62,-25,122,-34,112,0,-41,111,-17,70,-48,127,63,96,
-118,-101,-111,8,-25,122,-66,-85,88,-51,61,-54,11,-108,41,106,49,97,71,17,109,-6,-90,14,32,-83,
-92,41,-15,-5,73,47,101,-86,66,10,-119,-110,-36,35,-87,11,127,-92,-92,119,-66,95,-37,65,-113,33,
94,-42,34,-73,-88,-128,-1,5,-108,-70,28,-35,-69,-127,-119,35,-99,88,14,-64,35,-87,-45,-1,36,-93,
-38,-105,-95,-71,-48,104,-27,-101,105,17,-99,-107,-106,105,15,46,118,-26,104,-25,51,83,-111,59,
78,120,46,-4,-92,68,-9,78,-116,-40,77,28,55,23,77,84,66,41,-60,-109,74,-39,-65,-128,-93,-119,
-29,-53,-1,18,-55,8,27,44,26,-120,-67,75,31,-53,-37,109,60,-33,-54,-95,76,33,-22,49,13,8,44,67,
};
_Alignas(4) const int16_t tr_weights_2[3] = {
5,-50,122,
};
_Alignas(4) const int32_t tr_weights_3[3] = {
-18949,-20533,-11276,
};
_Alignas(4) const int32_t tr_tables_4[1] = {
14316558,
};
_Alignas(4) __attribute__((nonstring)) const int8_t tr_weights_5[12] =
"\100\210\375\250\023\114\115\110\314\043\046\146"
;
_Alignas(4) const int32_t tr_weights_6[4] = {
-9304,-6056,-900,3507,
};
_Alignas(4) const int32_t tr_tables_7[1] = {
75335845,
};
_Alignas(4) const uint16_t tr_tables_8[256] = {
32767,28103,24103,20672,17729,15206,13041,11185,9593,8227,7056,6052,5190,4452,3818,3275,2808,
2409,2066,1772,1520,1303,1118,959,822,705,605,519,445,382,327,281,241,206,177,152,130,112,96,82,
70,60,52,44,38,33,28,24,21,18,15,13,11,10,8,7,6,5,4,4,3,3,2,2,2,2,1,1,1,1,1,1,1,0,0,0,0,0,0,0,0,
0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,
0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,
0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,
0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,
};
_Alignas(4) const int32_t tr_tables_9[1] = {
13204238,
};

/* 0: n0 */
const tr_conv2d_s8_params tr_tables_step_0[1] = {
  {
  .window = {
    .batch = 1,
    .in_c = 2,
    .in_h = 3,
    .in_w = 6,
    .out_c = 3,
    .out_h = 2,
    .out_w = 6,
    .kernel_h = 3,
    .kernel_w = 3,
    .stride_h = 1,
    .stride_w = 1,
    .pad_top = 1,
    .pad_left = 1,
    .x_stride = {72, 36, 6, 1},
    .y_stride = {36, 1, 18, 3},
  },
  .groups = 1,
  .x_zero_point = 76,
  .weight = tr_weights_0,
  .start = 0,
  .requant = {
    .multiplier = 0,
    .channel_step = 0,
    .shift = 32,
    .narrow = 0,
    .zero_point = 94,
    .lo = -128,
    .hi = 127,
  },
  .lut = tr_tables_1,
  },
};
/* 1: n1 */
const tr_maxpool2d_s8_params tr_tables_step_1[1] = {
  {
  .window = {
    .batch = 1,
    .in_c = 3,
    .in_h = 2,
    .in_w = 6,
    .out_c = 3,
    .out_h = 1,
    .out_w = 3,
    .kernel_h = 2,
    .kernel_w = 2,
    .stride_h = 2,
    .stride_w = 2,
    .pad_top = 0,
    .pad_left = 0,
    .x_stride = {36, 1, 18, 3},
    .y_stride = {27, 1, 9, 3},
  },
  },
};
/* 2: n0.part1 */
const tr_conv2d_s8_params tr_tables_step_2[1] = {
  {
  .window = {
    .batch = 1,
    .in_c = 2,
    .in_h = 4,
    .in_w = 6,
    .out_c = 3,
    .out_h = 2,
    .out_w = 6,
    .kernel_h = 3,
    .kernel_w = 3,
    .stride_h = 1,
    .stride_w = 1,
    .pad_top = 0,
    .pad_left = 1,
    .x_stride = {72, 36, 6, 1},
    .y_stride = {36, 1, 18, 3},
  },
  .groups = 1,
  .x_zero_point = 76,
  .weight = tr_weights_0,
  .start = 0,
  .requant = {
    .multiplier = 0,
    .channel_step = 0,
    .shift = 32,
    .narrow = 0,
    .zero_point = 94,
    .lo = -128,
    .hi = 127,
  },
  .lut = tr_tables_1,
  },
};
/* 3: n1.part1 */
const tr_maxpool2d_s8_params tr_tables_step_3[1] = {
  {
  .window = {
    .batch = 1,
    .in_c = 3,
    .in_h = 2,
    .in_w = 6,
    .out_c = 3,
    .out_h = 1,
    .out_w = 3,
    .kernel_h = 2,
    .kernel_w = 2,
    .stride_h = 2,
    .stride_w = 2,
    .pad_top = 0,
    .pad_left = 0,
    .x_stride = {36, 1, 18, 3},
    .y_stride = {27, 1, 9, 3},
  },
  },
};
/* 4: n0.part2 */
const tr_conv2d_s8_params tr_tables_step_4[1] = {
  {
  .window = {
    .batch = 1,
    .in_c = 2,
    .in_h = 3,
    .in_w = 6,
    .out_c = 3,
    .out_h = 2,
    .out_w = 6,
    .kernel_h = 3,
    .kernel_w = 3,
    .stride_h = 1,
    .stride_w = 1,
    .pad_top = 0,
    .pad_left = 1,
    .x_stride = {72, 36, 6, 1},
    .y_stride = {36, 1, 18, 3},
  },
  .groups = 1,
  .x_zero_point = 76,
  .weight = tr_weights_0,
  .start = 0,
  .requant = {
    .multiplier = 0,
    .channel_step = 0,
    .shift = 32,
    .narrow = 0,
    .zero_point = 94,
    .lo = -128,
    .hi = 127,
  },
  .lut = tr_tables_1,
  },
};
/* 5: n1.part2 */
const tr_maxpool2d_s8_params tr_tables_step_5[1] = {
  {
  .window = {
    .batch = 1,
    .in_c = 3,
    .in_h = 2,
    .in_w = 6,
    .out_c = 3,
    .out_h = 1,
    .out_w = 3,
    .kernel_h = 2,
    .kernel_w = 2,
    .stride_h = 2,
    .stride_w = 2,
    .pad_top = 0,
    .pad_left = 0,
    .x_stride = {36, 1, 18, 3},
    .y_stride = {27, 1, 9, 3},
  },
  },
};
/* 6: n4 */
const tr_layernorm_s8_params tr_tables_step_6[1] = {
  {
  .rows = 9,
  .length = 3,
  .x_row = 3,
  .x_col = 1,
  .y_row = 3,
  .y_col = 1,
  .gamma = tr_weights_2,
  .start = tr_weights_3,
  .eps = 1,
  .requant = {
    .multiplier = tr_tables_4,
    .channel_step = 0,
    .shift = 32,
    .narrow = 1,
    .zero_point = -45,
    .lo = -128,
    .hi = 127,
  },
  },
};
/* 7: n5 */
const tr_linear_s8_params tr_tables_step_7[1] = {
  {
  .m = 9,
  .k = 3,
  .n = 4,
  .x_row = 3,
  .x_col = 1,
  .y_row = 4,
  .y_col = 1,
  .weight = tr_weights_5,
  .start = tr_weights_6,
  .requant = {
    .multiplier = tr_tables_7,
    .channel_step = 0,
    .shift = 32,
    .narrow = 1,
    .zero_point = -103,
    .lo = -128,
    .hi = 127,
  },
  .lut = 0,
  },
};
/* 8: n6 */
const tr_softmax_s8_params tr_tables_step_8[1] = {
  {
  .outer0 = 1,
  .outer1 = 9,
  .length = 4,
  .x_stride = {0, 4, 1},
  .y_stride = {0, 4, 1},
  .exp = tr_tables_8,
  .fine = 0,
  .scale = {
    .mantissa = 1073741824,
    .exponent = 30,
  },
  .zero_point = -128,
  },
};
/* 9: n7 */
const tr_mean_s8_params tr_tables_step_9[1] = {
  {
  .kept = {1, 1, 1, 4},
  .x_kept = {0, 0, 0, 1},
  .y_kept = {0, 0, 0, 1},
  .reduced = {1, 1, 1, 9},
  .x_reduced = {0, 0, 0, 4},
  .start = -12022,
  .requant = {
    .multiplier = tr_tables_9,
    .channel_step = 0,
    .shift = 32,
    .narrow = 1,
    .zero_point = -41,
    .lo = -128,
    .hi = 127,
  },
  },
};
