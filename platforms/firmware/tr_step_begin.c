#include "tinyrig_model.h"
#include "tr_cortex_m.h"
#include "tr_firmware.h"

#ifdef TR_CHECKED
__attribute__((noinline)) void tr_step_begin(uint32_t step) {
    (void)step; /* a backend reads it from r0 */
    tr_firmware.step_start = tr_ticks();
}
#endif
