#include "board.h"
#include "tr_cortex_m.h"

typedef void (*tr_vector)(void);

typedef struct {
    uint32_t *stack_top;
    tr_vector handlers[15 + TR_INTERRUPTS];
} tr_vector_table;

/* Every handler but reset is the fault entry: this firmware enables no interrupt. */
__attribute__((section(".tr_vectors"), used)) const tr_vector_table tr_vectors = {
    tr_ld_stack_top,
    {tr_reset, [1 ... 14 + TR_INTERRUPTS] = tr_fault_entry},
};
