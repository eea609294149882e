/* The board's UART, output only; the driver is the folder named in the board's description. */
#ifndef TR_UART_H
#define TR_UART_H

/* Switch on the clocks, the transmit pin and the transmitter, 8N1 at the board's rate. */
void tr_uart_init(void);

/* Send one character, waiting until it can be taken. */
void tr_uart_put(char character);

/* Wait until everything has left the shift register. */
void tr_uart_flush(void);

#endif
