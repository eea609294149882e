/* The uDMA's hyper channel: transaction 0, and what is set for all. Registers as in GVSoC's model
 * of pulp-open (udma_hyper_v3.h of gvsoc-pulp). */
#ifndef TR_L3_CHANNEL_H
#define TR_L3_CHANNEL_H

#include "tr_pulp.h"

#ifdef TR_L3_ORIGIN /* else the board has none */

#define TR_UDMA_CLOCKS TR_UDMA_BASE /* a bit a peripheral */
#define TR_HYPER_CLOCK (1U << 8)
#define TR_HYPER (TR_UDMA_BASE + 0x480U)
#define TR_HYPER_RX_ADDRESS (TR_HYPER + 0x00U)
#define TR_HYPER_RX_SIZE (TR_HYPER + 0x04U)
#define TR_HYPER_RX_CONFIG (TR_HYPER + 0x08U)
#define TR_HYPER_TX_ADDRESS (TR_HYPER + 0x0CU)
#define TR_HYPER_TX_SIZE (TR_HYPER + 0x10U)
#define TR_HYPER_TX_CONFIG (TR_HYPER + 0x14U)
#define TR_HYPER_COMMAND (TR_HYPER + 0x18U)
#define TR_HYPER_OUTER_ADDRESS (TR_HYPER + 0x1CU)
#define TR_HYPER_STATUS (TR_HYPER + 0x24U)
#define TR_HYPER_ALL (TR_HYPER + 0x400U)
#define TR_HYPER_PAGES (TR_HYPER_ALL + 0x00U)
#define TR_HYPER_LATENCY (TR_HYPER_ALL + 0x04U)
#define TR_HYPER_LATENCY_TWICE (TR_HYPER_ALL + 0x08U)
#define TR_HYPER_CHIP (TR_HYPER_ALL + 0x20U)

#define TR_HYPER_RAM 0U
#define TR_HYPER_FLASH 1U
#define TR_HYPER_READ 5U  /* a linear burst that reads memory */
#define TR_HYPER_WRITE 1U /* one that writes it */
#define TR_HYPER_GO (1U << 4 | 2U << 1) /* enabled, in words of 32 bits */

/* Transfers in the queue, with the one under way; 0 also tells that its last byte has arrived. */
static inline uint32_t tr_hyper_pending(void) {
    const uint32_t status = TR_REGISTER(TR_HYPER_STATUS);
    const uint32_t count = status >> 1 & 0xFFU;
    return count == 0U ? status & 1U : count;
}

/* Read `size` bytes of a chip to L2, or write them from there. */
static inline void tr_hyper_read(uint32_t to, uint32_t from, uint32_t size) {
    TR_REGISTER(TR_HYPER_RX_SIZE) = size;
    TR_REGISTER(TR_HYPER_COMMAND) = TR_HYPER_READ;
    TR_REGISTER(TR_HYPER_OUTER_ADDRESS) = from;
    TR_REGISTER(TR_HYPER_RX_ADDRESS) = to;
    TR_REGISTER(TR_HYPER_RX_CONFIG) = TR_HYPER_GO;
}

static inline void tr_hyper_write(uint32_t to, uint32_t from, uint32_t size) {
    TR_REGISTER(TR_HYPER_TX_SIZE) = size;
    TR_REGISTER(TR_HYPER_COMMAND) = TR_HYPER_WRITE;
    TR_REGISTER(TR_HYPER_OUTER_ADDRESS) = to;
    TR_REGISTER(TR_HYPER_TX_ADDRESS) = from;
    TR_REGISTER(TR_HYPER_TX_CONFIG) = TR_HYPER_GO;
}

#endif
#endif
