#include "tr_l3.h"
#include "tr_pulp.h"

#define START (TR_CLUSTER_CONTROL_BASE + 0x08U)
#define BOOT_ADDRESS (TR_CLUSTER_CONTROL_BASE + 0x40U)

_Noreturn void tr_controller(void) {
    TR_REGISTER(TR_CONTROLLER_ICACHE_BASE) = 1U;
    TR_REGISTER(TR_CLUSTER_ICACHE_BASE) = 1U;
    for (uint32_t *to = tr_ld_bss_start; to < tr_ld_bss_end; to++) {
        *to = 0U;
    }
    tr_l3_load();
    for (uint32_t core = 0U; core < TR_CORES; core++) {
        TR_REGISTER(BOOT_ADDRESS + 4U * core) = (uint32_t)(uintptr_t)tr_reset;
    }
    TR_REGISTER(START) = (1U << TR_CORES) - 1U;
    for (;;) {
        __asm__ volatile("wfi");
    }
}
