/* Where an input or output lies. */
#ifndef TR_IO_DATA_H
#define TR_IO_DATA_H

#include "tinyrig_model.h"

static inline uint8_t *tr_io_data(const tr_io *io) {
    return tr_arena + io->offset;
}

#endif
