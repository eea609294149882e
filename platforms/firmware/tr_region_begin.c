#include "tr_firmware.h"

__attribute__((noinline)) void tr_region_begin(void) {
    __asm__ volatile("" ::: "memory");
}
