#include "tinyrig_model.h"
#include "tr_pulp.h"
#include "tr_uart.h"

#define ALL_CORES ((1U << TR_CORES) - 1U)
#ifdef TR_CHECKED
#define EVENTS TR_COUNTED
#else
#define EVENTS 3U /* cycles and instructions */
#endif

int main(void);

_Noreturn void tr_core_start(void) {
    /* Every core writes the barrier's masks: none can reach it before they are set. The mask of
     * those awaited goes first, for an empty barrier with nobody to await is complete. */
    TR_REGISTER(TR_BARRIER_TRIGGER_MASK) = ALL_CORES;
    TR_REGISTER(TR_BARRIER_TARGET_MASK) = ALL_CORES;
    TR_REGISTER(TR_EVENT_MASK_OR) = TR_EVENT_BARRIER;
    __asm__ volatile(".option push\n\t"
                     ".option arch, +zicsr\n\t"
                     "csrw 0xCC0, %0\n\t"
                     "csrwi 0xCC1, 1\n\t"
                     ".option pop" ::"rK"(EVENTS));
    tr_load();
    if (tr_cluster_core() == 0U) {
        tr_uart_init();
        (void)main();
    }
    for (;;) {
        tr_region_begin();
        tr_infer(tr_arena);
        tr_region_end();
    }
}
