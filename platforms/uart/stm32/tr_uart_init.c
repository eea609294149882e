#include "tr_uart.h"
#include "board.h"
#include "tr_cortex_m.h"
#include "tr_usart.h"

#define GPIO_MODER (TR_GPIO_BASE + 0x00U)
#define GPIO_AFR (TR_GPIO_BASE + 0x20U + (TR_GPIO_TX_PIN / 8U) * 4U)
#define MODE_SHIFT (TR_GPIO_TX_PIN * 2U)
#define MODE_ALTERNATE 2U
#define AFR_SHIFT ((TR_GPIO_TX_PIN % 8U) * 4U)

void tr_uart_init(void) {
    TR_REGISTER(TR_GPIO_ENABLE) |= 1U << TR_GPIO_ENABLE_BIT;
    TR_REGISTER(TR_UART_ENABLE) |= 1U << TR_UART_ENABLE_BIT;
    /* The clock needs two bus cycles before the first access: read the enable back. */
    (void)TR_REGISTER(TR_UART_ENABLE);

    const uint32_t function = TR_REGISTER(GPIO_AFR) & ~(0xFU << AFR_SHIFT);
    TR_REGISTER(GPIO_AFR) = function | (TR_GPIO_ALTERNATE << AFR_SHIFT);
    const uint32_t mode = TR_REGISTER(GPIO_MODER) & ~(3U << MODE_SHIFT);
    TR_REGISTER(GPIO_MODER) = mode | (MODE_ALTERNATE << MODE_SHIFT);

    TR_REGISTER(USART_BRR) = TR_UART_DIVISOR;
    TR_REGISTER(USART_CR1) = CR1_UE | CR1_TE;
}
