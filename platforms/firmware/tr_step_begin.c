#include "tinyrig_model.h"
#include "tr_cortex_m.h"
#include "tr_firmware.h"

#ifdef TR_CHECKED
__attribute__((noinline)) void tr_step_begin(uint32_t step) {
    /* No calls here or in tr_step_end: their own instructions are not the step's. */
    (void)step; /* a backend reads it from r0 */
    tr_firmware.step_start = TR_REGISTER(TR_DWT_CYCCNT);
}
#endif
