#include "tinyrig_model.h"
#include "tr_firmware.h"

#ifdef TR_CHECKED
void tr_guard_check(const uint8_t *arena, uint32_t offset) {
    if (tr_pattern_damaged(arena + offset, offset) != 0U) {
        if (tr_firmware.guard_failures == 0U) {
            tr_firmware.guard_offset = offset;
        }
        tr_firmware.guard_failures++;
    }
}
#endif
