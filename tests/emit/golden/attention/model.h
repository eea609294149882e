/* random on stm32f746: what the application sees. */
#ifndef TR_MODEL_H
#define TR_MODEL_H

#include "tinyrig_model.h"

#define TR_MODEL_NAME "random"
#define TR_MODEL_HASH "d5f3e02c8fb53b3f"

/* int8 tensors in the arena, row-major; real = scale * (q - zero_point). */
/* input 0: t0 [1 x 3 x 4] */
#define TR_INPUT_0_SIZE 12U
#define TR_INPUT_0_SCALE 0.05765664577484131F
#define TR_INPUT_0_ZERO_POINT (121)
/* output 0: t14 [1 x 3 x 4] */
#define TR_OUTPUT_0_SIZE 12U
#define TR_OUTPUT_0_SCALE 0.1991671770811081F
#define TR_OUTPUT_0_ZERO_POINT (-123)

#endif
