/* Registers of the CMSDK APB UART (Arm DDI 0479, section 4.3). */
#ifndef TR_CMSDK_H
#define TR_CMSDK_H

#include "board.h"

#define CMSDK_DATA (TR_UART_BASE + 0x00U)
#define CMSDK_STATE (TR_UART_BASE + 0x04U)
#define CMSDK_CTRL (TR_UART_BASE + 0x08U)
#define CMSDK_BAUDDIV (TR_UART_BASE + 0x10U)
#define STATE_TX_FULL (1U << 0)
#define CTRL_TX_ENABLE (1U << 0)

#endif
