#include "board.h"
#include "tr_cortex_m.h"

#define READY_READS 1000U

void tr_board_boot(void) {
    static const tr_boot_write writes[] = {TR_BOOT_WRITES};
    for (const tr_boot_write *write = writes; write->address != 0U; write++) {
        TR_REGISTER(write->address) |= write->set;
        /* A chip that is never ready would be silent for ever: go on and let the run tell. */
        for (uint32_t reads = 0; write->ready_mask != 0U && reads < READY_READS; reads++) {
            if ((TR_REGISTER(write->ready_address) & write->ready_mask) != 0U) {
                break;
            }
        }
    }
}
