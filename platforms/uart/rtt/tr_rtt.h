/* Output through memory that a debug probe reads while the core runs: the layout of SEGGER's RTT,
 * with one channel up and none down. No pin and no UART is used. */
#ifndef TR_RTT_H
#define TR_RTT_H

#include <stdint.h>

#define TR_RTT_ID_SIZE 16U
#define TR_RTT_BUFFER 512U

/* A ring: empty when `write` is `read`. The core moves `write`, the probe moves `read`. */
typedef struct {
    const char *name;
    uint8_t *buffer;
    uint32_t size;
    volatile uint32_t write;
    volatile uint32_t read;
    uint32_t flags;
} tr_rtt_channel;

/* What the probe looks for; it is valid once `id` holds its text. */
typedef struct {
    volatile char id[TR_RTT_ID_SIZE];
    int32_t up_count;
    int32_t down_count;
    tr_rtt_channel up;
} tr_rtt_block;

/* The driver's only state: a probe finds it by its text or its symbol. */
extern tr_rtt_block tr_rtt;

#endif
