/* USART registers of STM32F4 (RM0090, chapter 30). */
#ifndef TR_USART_H
#define TR_USART_H

#include "board.h"

#define USART_STATUS (TR_UART_BASE + 0x00U) /* SR */
#define USART_DATA (TR_UART_BASE + 0x04U)   /* DR */
#define USART_BRR (TR_UART_BASE + 0x08U)
#define USART_CR1 (TR_UART_BASE + 0x0CU)
#define CR1_UE (1U << 13)
#define CR1_TE (1U << 3)
#define STATUS_TC (1U << 6)
#define STATUS_TXE (1U << 7)

#endif
