/* Where an input or output lies: in the arena, or in slow memory with what L1 cannot hold. */
#ifndef TR_IO_DATA_H
#define TR_IO_DATA_H

#include "tinyrig_model.h"

#define TR_IO_SPILLED (1U << 31) /* of an offset in slow memory */

extern uint8_t tr_spill[] __attribute__((weak)); /* only models that L1 holds in parts have it */

static inline uint8_t *tr_io_data(const tr_io *io) {
    if ((io->offset & TR_IO_SPILLED) != 0U) {
        return tr_spill + (io->offset & ~TR_IO_SPILLED);
    }
    return tr_arena + io->offset;
}

#endif
