#include "tr_cortex_m.h"

__attribute__((weak)) void tr_board_external_flash_init(void) {}
