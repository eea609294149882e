#include "tr_firmware.h"

__attribute__((noinline)) void tr_region_end(void) {
    __asm__ volatile("" ::: "memory");
}
