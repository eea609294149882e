/* random on stm32f746: what the application sees. */
#ifndef TR_MODEL_H
#define TR_MODEL_H

#include "tinyrig_model.h"

#define TR_MODEL_NAME "random"
#define TR_MODEL_HASH "7845b2bf846f71cb"

/* int8 tensors in the arena, row-major; real = scale * (q - zero_point). */
/* input 0: t0 [1 x 2 x 6 x 6] */
#define TR_INPUT_0_SIZE 72U
#define TR_INPUT_0_SCALE 0.03442833945155144F
#define TR_INPUT_0_ZERO_POINT (76)
/* output 0: t8 [1 x 4] */
#define TR_OUTPUT_0_SIZE 4U
#define TR_OUTPUT_0_SCALE 0.1175006777048111F
#define TR_OUTPUT_0_ZERO_POINT (-54)

#endif
