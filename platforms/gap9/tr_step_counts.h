/* Checked build: where the cycles of a step went, by the cores' performance counters. */
#ifndef TR_STEP_COUNTS_H
#define TR_STEP_COUNTS_H

#include <stdint.h>

#include "board.h"

/* Parts of a step's cycles, of all cores. Instructions take one cycle each; what a core takes
 * beyond that, its counters tell: values that are needed at once (of loads, and high products),
 * jumps (1 cycle) and taken branches (2), and misses of the instruction cache. No counter has the
 * rest of what it is awake: accesses outside L1, divisions, and what a barrier takes by itself. */
enum {
    TR_INSTRUCTIONS,
    TR_HAZARDS,
    TR_BRANCHES,
    TR_LATENCY,
    TR_ICACHE,
    TR_DMA,
    TR_BARRIER,
    TR_PARTS
};

typedef struct {
    uint32_t cycles; /* of the first core */
    uint32_t parts[TR_PARTS];
} tr_step_work;

/* Events that are counted: 0 cycles awake, 1 instructions, 2 hazards, 4 fetches, 7 jumps, 9 taken
 * branches. */
#define TR_COUNTED 0x297U

/* What follows begins a line of the instruction cache and has four bytes an instruction, up to
 * `.option pop`. */
#define TR_AT_LINE      \
    ".balign 16\n\t"    \
    ".option push\n\t"  \
    ".option norvc\n\t" \
    ".option arch, +zicsr\n\t"

/* The counters begin at zero, and the cycle is kept in a register of the core, for a store would
 * take cycles of the step. All of it lies in one line of the instruction cache, whose refill the
 * first instruction waits for. */
static inline void tr_counters_begin(void) {
    uint32_t now;
    __asm__ volatile(TR_AT_LINE
                     "nop\n\t"
                     "csrr %0, 0xB00\n\t"
                     "csrw mscratch, %0\n\t"
                     "csrwi 0x79F, 0\n\t"
                     ".option pop"
                     : "=r"(now)::"memory");
}

/* A core's parts since then, as if all its sleep were at barriers; its cycles. */
static inline uint32_t tr_counters_end(uint32_t parts[TR_PARTS]) {
    uint32_t fetches;
    uint32_t end;
    uint32_t executed;
    uint32_t awake;
    uint32_t hazards;
    uint32_t jumps;
    uint32_t taken;
    uint32_t begin;
    __asm__ volatile(TR_AT_LINE
                     "csrr %0, 0x784\n\t"
                     "csrr %1, 0xB00\n\t"
                     "csrr %2, 0x781\n\t"
                     "csrr %3, 0x780\n\t"
                     "csrr %4, 0x782\n\t"
                     "csrr %5, 0x787\n\t"
                     "csrr %6, 0x789\n\t"
                     "csrr %7, mscratch\n\t"
                     ".option pop"
                     : "=r"(fetches), "=r"(end), "=r"(executed), "=r"(awake), "=r"(hazards),
                       "=r"(jumps), "=r"(taken), "=r"(begin)::"memory");
    const uint32_t branches = jumps + 2U * taken;
    parts[TR_INSTRUCTIONS] = executed;
    parts[TR_HAZARDS] = hazards;
    parts[TR_BRANCHES] = branches;
    parts[TR_LATENCY] = awake - executed - hazards - branches - fetches;
    parts[TR_ICACHE] = fetches;
    parts[TR_DMA] = 0U;
    parts[TR_BARRIER] = end - begin - awake;
    return end - begin;
}

/* The counters stand still from here to `tr_counters_resume`; the cycle it is. */
static inline uint32_t tr_counters_pause(void) {
    uint32_t now;
    __asm__ volatile(TR_AT_LINE
                     "nop\n\t"
                     "csrr %0, 0xB00\n\t"
                     "csrwi 0xCC0, 0\n\t"
                     ".option pop"
                     : "=r"(now)::"memory");
    return now;
}

static inline uint32_t tr_counters_resume(void) {
    uint32_t now;
    __asm__ volatile(TR_AT_LINE
                     "nop\n\t"
                     "csrr %0, 0xB00\n\t"
                     "csrw 0xCC0, %1\n\t"
                     ".option pop"
                     : "=&r"(now)
                     : "r"(TR_COUNTED)
                     : "memory");
    return now;
}

#endif
