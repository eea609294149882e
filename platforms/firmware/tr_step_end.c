#include "tinyrig_model.h"
#include "tr_cortex_m.h"
#include "tr_firmware.h"

#ifdef TR_CHECKED
__attribute__((noinline)) void tr_step_end(uint32_t step) {
    const uint32_t ticks = TR_REGISTER(TR_DWT_CYCCNT) - tr_firmware.step_start;
    if (step < TR_STEP_LIMIT) {
        tr_firmware.step_ticks[step] += ticks; /* a step may run several times */
    }
}
#endif
