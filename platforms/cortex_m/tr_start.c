#include "board.h"
#include "tr_cortex_m.h"
#include "tr_uart.h"

#define SCB_VTOR 0xE000ED08U
#define SCB_CCR 0xE000ED14U
#define SCB_CPACR 0xE000ED88U
#define CCR_DIV_0_TRP (1U << 4)
#define CPACR_FPU (0xFU << 20)

int main(void);

static void copy_words(uint32_t *to, const uint32_t *end, const uint32_t *from) {
    while (to < end) {
        *to++ = *from++;
    }
}

_Noreturn void tr_start(void) {
    TR_REGISTER(SCB_CPACR) |= CPACR_FPU;
    __asm__ volatile("dsb\n\tisb" ::: "memory");
    TR_REGISTER(SCB_VTOR) = (uint32_t)(uintptr_t)tr_ld_vectors;
    TR_REGISTER(SCB_CCR) |= CCR_DIV_0_TRP;
    tr_board_boot();
#if defined(TR_EXTERNAL_FLASH_BASE)
    tr_board_external_flash_init();
#endif

    copy_words(tr_ld_data_start, tr_ld_data_end, tr_ld_data_load);
#if defined(TR_COPIED_TABLES)
    copy_words(tr_ld_copied_start, tr_ld_copied_end, tr_ld_copied_load);
#endif
#if defined(TR_COPIED_CODE)
    copy_words(tr_ld_code_start, tr_ld_code_end, tr_ld_code_load);
    __asm__ volatile("dsb\n\tisb" ::: "memory"); /* nothing was fetched before it was written */
#endif
    for (uint32_t *to = tr_ld_bss_start; to < tr_ld_bss_end; to++) {
        *to = 0U;
    }
    tr_ticks_start();
    tr_uart_init();
    (void)main();
    for (;;) {
    }
}
