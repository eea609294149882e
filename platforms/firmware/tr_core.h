/* What the folder of a core family gives to the rest of the firmware. */
#ifndef TR_CORE_H
#define TR_CORE_H

#include <stdint.h>

/* Boundaries set by the linker script; only their addresses mean something. */
extern uint32_t tr_ld_red_zone[], tr_ld_stack_bottom[], tr_ld_stack_top[];

/* Bytes of the stack, or of all stacks, ever written since reset, from the deepest word. */
uint32_t tr_stack_used(void);

/* Words of the red zones below the stacks that changed. */
uint32_t tr_red_zone_damage(void);

#endif
