/* The PULP part of the firmware: start-up of the controller and of the cluster's cores, faults,
 * performance counters, event unit, DMA, stacks. */
#ifndef TR_PULP_H
#define TR_PULP_H

#include <stdint.h>

#include "board.h"
#include "tinyrig/cluster.h"
#include "tr_core.h"
#include "tr_firmware.h"
#include "tr_prefetch.h"
#include "tr_step_counts.h"

#define TR_REGISTER(address) (*(volatile uint32_t *)(uintptr_t)(address))
#define TR_BYTE(address) (*(volatile uint8_t *)(uintptr_t)(address))
#define TR_PAINT 0xC5C5C5C5U /* what the stacks and their red zones hold before main */

/* Event unit, as each core sees its own. */
#define TR_EVENT_MASK_AND (TR_EVENT_UNIT_BASE + 0x04U) /* clears the bits that are set */
#define TR_EVENT_MASK_OR (TR_EVENT_UNIT_BASE + 0x08U)
#define TR_EVENT_WAIT_CLEAR (TR_EVENT_UNIT_BASE + 0x3CU)
#define TR_BARRIER_TRIGGER_MASK (TR_EVENT_UNIT_BASE + 0x200U)
#define TR_BARRIER_TARGET_MASK (TR_EVENT_UNIT_BASE + 0x20CU)
#define TR_BARRIER_WAIT_CLEAR (TR_EVENT_UNIT_BASE + 0x21CU)
#define TR_EVENT_DMA (1U << 8)
#define TR_EVENT_BARRIER (1U << 16)

/* Counters of a core: cycles of its clock, and executed instructions. PCCR 0 is not taken for the
 * cycles: it stands still while the core sleeps, as at every barrier it reaches early. */
#define TR_CSR_CYCLES "0xB00"
#define TR_CSR_INSTRUCTIONS "0x781"
#define TR_READ_CSR(csr, value)                                                                    \
    __asm__ volatile(".option push\n\t"                                                           \
                     ".option arch, +zicsr\n\t"                                                   \
                     "csrr %0, " csr "\n\t"                                                       \
                     ".option pop"                                                                \
                     : "=r"(value)::"memory")

#define TR_INFERENCES 2U /* in one boot */

/* What the markers count: the cycles of the first core, which waits for all others, and the
 * instructions of every core. */
typedef struct {
    uint32_t waited; /* at the start: instructions of all waits for copies up to then */
    uint32_t cycles;
    uint32_t instructions[TR_CORES];
} tr_work;

typedef struct {
    uint32_t inference; /* number of the running one, from 0 */
    uint32_t waited;    /* instructions of the first core while it waited for copies, in all */
    tr_work region_start;
    tr_work regions[TR_INFERENCES];
#ifdef TR_CHECKED
    uint32_t before[TR_CORES]; /* instructions up to the step's begin, where counters are zeroed */
    uint32_t copies[TR_CORES]; /* cycles of waits for copies since then */
    uint32_t parts[TR_CORES][TR_PARTS];                /* of the last execution of a step */
    tr_step_work steps[TR_INFERENCES][TR_STEP_LIMIT]; /* of all executions */
#endif
} tr_counts;

extern tr_counts tr_cluster_counts;

/* As tr_cluster_core, without a call. */
static inline uint32_t tr_own_core(void) {
    uint32_t hart;
    TR_READ_CSR("mhartid", hart);
    return hart & 31U;
}

/* What a core executed before its counter was last zeroed. */
static inline uint32_t tr_executed_before(uint32_t core) {
#ifdef TR_CHECKED
    return tr_cluster_counts.before[core];
#else
    (void)core;
    return 0U;
#endif
}

/* A core's instructions since a start, but for those of waits: as many as the copies take time. */
static inline uint32_t tr_own_instructions(const tr_work *start, uint32_t core, uint32_t executed) {
    const uint32_t waited = core == 0U ? tr_cluster_counts.waited - start->waited : 0U;
    return executed + tr_executed_before(core) - start->instructions[core] - waited;
}

/* Round a wait for copies: the checked build keeps its cycles, and counts nothing meanwhile. */
static inline uint32_t tr_wait_begin(void) {
#ifdef TR_CHECKED
    return tr_counters_pause();
#else
    return 0U;
#endif
}

static inline void tr_wait_end(uint32_t begun) {
#ifdef TR_CHECKED
    tr_cluster_counts.copies[tr_own_core()] += tr_counters_resume() - begun;
#else
    (void)begun;
#endif
}

/* One line: what an inference, or a step in it, took. */
void tr_report_work(const char *kind, uint32_t index, const tr_work *work);
#ifdef TR_CHECKED
/* One line more: where a step's cycles went. */
void tr_report_split(uint32_t index, const tr_step_work *work);
#endif

extern uint32_t tr_ld_bss_start[], tr_ld_bss_end[], tr_ld_controller_stack[];

/* Entry of every core: the controller's first, the cluster's when the controller starts them. */
_Noreturn void tr_reset(void);

/* The controller: zeroes static data, switches the caches on, fills L3, starts the cluster and
 * sleeps. */
_Noreturn void tr_controller(void);

/* A core of the cluster, on its own painted stack: the first runs main, the others infer with
 * it. */
_Noreturn void tr_core_start(void);

/* Where exceptions go; reports one line and ends the simulation. */
void tr_trap_entry(void);
_Noreturn void tr_trap(uint32_t cause, uint32_t pc, uint32_t sp, uint32_t ra);

/* Sleep until an event of the address's unit, clearing it; the load of the event unit. */
static inline void tr_sleep_at(uint32_t address) {
    uint32_t events;
    __asm__ volatile(".insn i 0x03, 6, %0, 0(%1)" : "=r"(events) : "r"(address) : "memory");
}

#endif
