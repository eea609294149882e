#include "tr_l3.h"
#include "tr_l3_channel.h"

#ifdef TR_L3_ORIGIN
#define LARGEST (1U << 16)
#define LATENCY 6U /* clocks up to the first byte, which hyperram doubles while it refreshes */
#define ANY_PAGES 4U

extern uint8_t tr_ld_stage_start[], tr_ld_stage_end[], tr_ld_l3_start[], tr_ld_l3_end[];

static void wait(void) {
    while (tr_hyper_pending() != 0U) {
    }
}

void tr_l3_load(void) {
    const uint32_t room = (uint32_t)(tr_ld_stage_end - tr_ld_stage_start);
    const uint32_t most = room < LARGEST ? room : LARGEST;
    const uint32_t buffer = (uint32_t)(uintptr_t)tr_ld_stage_start;
    const uint32_t size = (uint32_t)(tr_ld_l3_end - tr_ld_l3_start);
    if (size == 0U) {
        return;
    }
    TR_REGISTER(TR_UDMA_CLOCKS) |= TR_HYPER_CLOCK;
    TR_REGISTER(TR_HYPER_PAGES) = ANY_PAGES;
    TR_REGISTER(TR_HYPER_LATENCY) = LATENCY;
    TR_REGISTER(TR_HYPER_LATENCY_TWICE) = 1U;
    for (uint32_t at = 0U; at < size; at += most) {
        const uint32_t part = size - at < most ? size - at : most;
        TR_REGISTER(TR_HYPER_CHIP) = TR_HYPER_FLASH;
        tr_hyper_read(buffer, at, part);
        wait();
        TR_REGISTER(TR_HYPER_CHIP) = TR_HYPER_RAM;
        tr_hyper_write(at, buffer, part);
        wait();
    }
}
#else

void tr_l3_load(void) {}
#endif
