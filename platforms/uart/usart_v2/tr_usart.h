/* USART registers of STM32F7 and H7 (RM0385, chapter 31; RM0433, chapter 48). */
#ifndef TR_USART_H
#define TR_USART_H

#include "board.h"

#define USART_CR1 (TR_UART_BASE + 0x00U)
#define USART_BRR (TR_UART_BASE + 0x0CU)
#define USART_STATUS (TR_UART_BASE + 0x1CU) /* ISR */
#define USART_DATA (TR_UART_BASE + 0x28U)   /* TDR */
#define CR1_UE (1U << 0)
#define CR1_TE (1U << 3)
#define STATUS_TC (1U << 6)
#define STATUS_TXE (1U << 7)

#endif
