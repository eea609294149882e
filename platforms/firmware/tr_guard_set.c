#include "tinyrig_model.h"
#include "tr_firmware.h"

#ifdef TR_CHECKED
void tr_guard_set(uint8_t *arena, uint32_t offset) {
    tr_pattern_set(arena + offset, offset);
}
#endif
