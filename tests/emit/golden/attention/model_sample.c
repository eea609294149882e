/* The sample the firmware infers on; the rig replaces these bytes in the image. */
#include "tinyrig_model.h"

_Alignas(4) __attribute__((section(".tr_sample"), nonstring))
const int8_t tr_sample[12] =
"\000\001\002\003\004\005\006\007\010\011\012\013"
;
