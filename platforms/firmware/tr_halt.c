#include "tr_firmware.h"

__attribute__((noinline)) _Noreturn void tr_halt(void) {
    for (;;) {
        __asm__ volatile("" ::: "memory");
    }
}
