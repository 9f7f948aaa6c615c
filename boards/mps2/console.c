/*
 * The clock and the first serial line of ARM's MPS2 boards: 25 MHz, and a CMSDK UART.
 */
#include "board.h"

#define UART_DATA (*(volatile uint32_t *)0x40004000)
#define UART_STATE (*(volatile uint32_t *)0x40004004)
#define UART_CONTROL (*(volatile uint32_t *)0x40004008)
#define UART_DIVIDER (*(volatile uint32_t *)0x40004010)
#define STATE_TRANSMIT_FULL 1
#define CONTROL_TRANSMIT 1
#define BITS_PER_SECOND 115200

const uint32_t board_hertz = 25000000;

void console_start(void) {
  UART_DIVIDER = board_hertz / BITS_PER_SECOND;
  UART_CONTROL = CONTROL_TRANSMIT;
}

void console_put(char character) {
  while ((UART_STATE & STATE_TRANSMIT_FULL) != 0) {}
  UART_DATA = (uint8_t)character;
}
