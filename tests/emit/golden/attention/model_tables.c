#include "model_tables.h"

_Alignas(4) __attribute__((nonstring)) const int8_t tr_weights_0[8] =
"\251\141\067\360\272\105\343\357"
;
_Alignas(4) const int32_t tr_weights_1[2] = {
-7756,4795,
};
_Alignas(4) const int32_t tr_tables_2[2] = {
425895732,332467126,
};
_Alignas(4) __attribute__((nonstring)) const int8_t tr_weights_3[8] =
"\125\350\012\142\316\321\013\014"
;
_Alignas(4) const int32_t tr_weights_4[2] = {
-22054,10167,
};
_Alignas(4) const int32_t tr_tables_5[2] = {
362920073,213605159,
};
_Alignas(4) __attribute__((nonstring)) const int8_t tr_weights_6[8] =
"\275\202\127\260\212\171\047\334"
;
_Alignas(4) const int32_t tr_weights_7[2] = {
23952,-2206,
};
_Alignas(4) const int32_t tr_tables_8[2] = {
1774471030,1563986423,
};
_Alignas(4) __attribute__((nonstring)) const int8_t tr_weights_9[8] =
"\061\370\270\223\314\242\256\362"
;
_Alignas(4) const int32_t tr_weights_10[2] = {
18186,28438,
};
_Alignas(4) const int32_t tr_tables_11[2] = {
1580482585,1719557618,
};
_Alignas(4) __attribute__((nonstring)) const int8_t tr_weights_12[8] =
"\162\221\261\263\256\025\332\374"
;
_Alignas(4) const int32_t tr_weights_13[2] = {
21963,16134,
};
_Alignas(4) const int32_t tr_tables_14[2] = {
110416898,112099345,
};
_Alignas(4) const int8_t tr_tables_15[256] = {
48,43,45,114,-20,108,121,97,-51,-112,92,111,-44,38,-85,95,89,-24,72,-72,120,75,80,41,-116,71,54,
-77,91,-94,-26,67,70,-123,-64,114,16,-94,-41,25,-128,-21,-64,-46,33,-85,106,71,38,106,-107,58,
99,25,11,54,57,9,8,14,57,103,80,-56,96,-72,39,114,120,113,76,-7,-99,76,82,62,17,115,-38,-108,
119,101,46,0,117,-14,116,47,121,29,-47,-17,29,-54,-96,107,75,81,-9,-102,105,-25,-95,67,-34,97,
26,118,-89,-67,119,100,126,49,126,-111,77,-75,-119,-80,-77,-109,-24,47,45,-49,-9,49,62,-108,47,
95,-84,50,-64,72,-58,27,-59,-11,59,-79,-83,113,75,-91,17,5,-16,-97,-15,-101,27,50,-2,99,55,-10,
107,75,-77,92,-20,9,-59,70,74,-54,-1,-90,-99,-80,-45,-127,-29,-110,44,64,-38,103,-103,-114,-94,
56,34,71,-52,46,124,-1,-89,-4,-113,49,1,-66,82,64,17,-79,-52,-119,-95,111,-7,-105,72,-78,26,
-114,61,-126,21,-97,-17,107,41,50,113,-25,-63,-127,79,84,2,-4,-73,90,64,1,45,-108,123,-110,-85,
74,17,-72,-36,-90,56,-24,-1,-62,2,-58,-39,75,-69,-8,-33,126,-61,-103,70,-53,
};
_Alignas(4) __attribute__((nonstring)) const int8_t tr_weights_16[8] =
"\273\163\053\052\236\251\145\321"
;
_Alignas(4) const int32_t tr_weights_17[2] = {
-13602,18751,
};
_Alignas(4) const int32_t tr_tables_18[2] = {
165288696,87856264,
};
_Alignas(4) const int32_t tr_tables_19[1] = {
17439826,
};
_Alignas(4) const uint16_t tr_tables_20[256] = {
32767,30153,27748,25534,23497,21623,19898,18311,16850,15506,14269,13131,12083,11120,10233,9416,
8665,7974,7338,6753,6214,5718,5262,4842,4456,4101,3773,3472,3195,2941,2706,2490,2291,2109,1940,
1786,1643,1512,1392,1281,1178,1084,998,918,845,778,716,659,606,558,513,472,435,400,368,339,312,
287,264,243,223,206,189,174,160,147,136,125,115,106,97,90,82,76,70,64,59,54,50,46,42,39,36,33,
30,28,26,24,22,20,18,17,16,14,13,12,11,10,9,9,8,7,7,6,6,5,5,4,4,4,3,3,3,3,3,2,2,2,2,2,2,1,1,1,1,
1,1,1,1,1,1,1,1,1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,
0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,
0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,
};
_Alignas(4) __attribute__((nonstring)) const int8_t tr_weights_21[16] =
"\173\032\235\302\000\126\233\163\375\240\030\116\320\051\256\176"
;
_Alignas(4) const int32_t tr_weights_22[4] = {
-307,11477,-331,5715,
};
_Alignas(4) const int32_t tr_tables_23[4] = {
1250306769,1194346473,1752463475,1733727956,
};

/* 0: n3 */
const tr_linear_s8_params tr_tables_step_0[2] = {
  {
  .m = 3,
  .k = 4,
  .n = 2,
  .x_row = 4,
  .x_col = 1,
  .y_row = 2,
  .y_col = 1,
  .weight = tr_weights_0,
  .start = tr_weights_1,
  .requant = {
    .multiplier = tr_tables_2,
    .channel_step = 1,
    .shift = 32,
    .narrow = 0,
    .zero_point = 102,
    .lo = -128,
    .hi = 127,
  },
  .lut = 0,
  },
  {
  .m = 3,
  .k = 4,
  .n = 2,
  .x_row = 4,
  .x_col = 1,
  .y_row = 2,
  .y_col = 1,
  .weight = tr_weights_3,
  .start = tr_weights_4,
  .requant = {
    .multiplier = tr_tables_5,
    .channel_step = 1,
    .shift = 32,
    .narrow = 0,
    .zero_point = 102,
    .lo = -128,
    .hi = 127,
  },
  .lut = 0,
  },
};
/* 1: n6 */
const tr_linear_s8_params tr_tables_step_1[2] = {
  {
  .m = 3,
  .k = 4,
  .n = 2,
  .x_row = 4,
  .x_col = 1,
  .y_row = 1,
  .y_col = 3,
  .weight = tr_weights_6,
  .start = tr_weights_7,
  .requant = {
    .multiplier = tr_tables_8,
    .channel_step = 1,
    .shift = 32,
    .narrow = 0,
    .zero_point = 16,
    .lo = -128,
    .hi = 127,
  },
  .lut = 0,
  },
  {
  .m = 3,
  .k = 4,
  .n = 2,
  .x_row = 4,
  .x_col = 1,
  .y_row = 1,
  .y_col = 3,
  .weight = tr_weights_9,
  .start = tr_weights_10,
  .requant = {
    .multiplier = tr_tables_11,
    .channel_step = 1,
    .shift = 32,
    .narrow = 0,
    .zero_point = 16,
    .lo = -128,
    .hi = 127,
  },
  .lut = 0,
  },
};
/* 2: n0 */
const tr_linear_s8_params tr_tables_step_2[2] = {
  {
  .m = 3,
  .k = 4,
  .n = 2,
  .x_row = 4,
  .x_col = 1,
  .y_row = 2,
  .y_col = 1,
  .weight = tr_weights_12,
  .start = tr_weights_13,
  .requant = {
    .multiplier = tr_tables_14,
    .channel_step = 1,
    .shift = 32,
    .narrow = 1,
    .zero_point = 91,
    .lo = -128,
    .hi = 127,
  },
  .lut = tr_tables_15,
  },
  {
  .m = 3,
  .k = 4,
  .n = 2,
  .x_row = 4,
  .x_col = 1,
  .y_row = 2,
  .y_col = 1,
  .weight = tr_weights_16,
  .start = tr_weights_17,
  .requant = {
    .multiplier = tr_tables_18,
    .channel_step = 1,
    .shift = 32,
    .narrow = 1,
    .zero_point = 91,
    .lo = -128,
    .hi = 127,
  },
  .lut = tr_tables_15,
  },
};
/* 3: n9 */
const tr_attention_s8_params tr_tables_step_3[1] = {
  {
  .batch0 = 1,
  .batch1 = 1,
  .s = 3,
  .t = 3,
  .p = 2,
  .r = 2,
  .q_stride = {0, 0, 2, 1},
  .k_stride = {0, 0, 2, 1},
  .k_slack = 0,
  .v_stride = {0, 0, 1, 3},
  .y_stride = {0, 0, 4, 1},
  .q_zero_point = 91,
  .k_zero_point = 102,
  .v_zero_point = 16,
  .score_start = -28198,
  .score = {
    .multiplier = tr_tables_19,
    .channel_step = 0,
    .shift = 32,
    .narrow = 1,
    .zero_point = -115,
    .lo = -128,
    .hi = 127,
  },
  .exp = tr_tables_20,
  .value = {
    .mantissa = 1910032388,
    .exponent = 30,
  },
  .rounding = {
    .most = 0,
    .fine = 0,
    .start = 0,
    .requant = {
      .multiplier = 0,
      .channel_step = 0,
      .shift = 0,
      .narrow = 0,
      .zero_point = 0,
      .lo = 0,
      .hi = 0,
    },
  },
  .y_zero_point = -114,
  .lo = -128,
  .hi = 127,
  },
};
/* 4: n12 */
const tr_linear_s8_params tr_tables_step_4[1] = {
  {
  .m = 3,
  .k = 4,
  .n = 4,
  .x_row = 4,
  .x_col = 1,
  .y_row = 4,
  .y_col = 1,
  .weight = tr_weights_21,
  .start = tr_weights_22,
  .requant = {
    .multiplier = tr_tables_23,
    .channel_step = 1,
    .shift = 32,
    .narrow = 0,
    .zero_point = -92,
    .lo = -128,
    .hi = 127,
  },
  .lut = 0,
  },
};
/* 5: n13 */
const tr_add_s8_params tr_tables_step_5[1] = {
  {
  .extent = {1, 1, 1, 1, 1, 12},
  .a_stride = {0, 0, 0, 0, 0, 1},
  .b_stride = {0, 0, 0, 0, 0, 1},
  .y_stride = {0, 0, 0, 0, 0, 1},
  .a_multiplier = -631328,
  .b_multiplier = 669448,
  .start = -11810274,
  .shift = 20,
  .lo = -128,
  .hi = 127,
  },
};
