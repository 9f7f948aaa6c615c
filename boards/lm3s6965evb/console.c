/*
 * The clock and the first serial line of the LM3S6965: 50 MHz from the PLL, and UART 0 on pins A0 and A1. Register names
 * are the data sheet's.
 */
#include "board.h"

#define REGISTER(address) (*(volatile uint32_t *)(address))
#define RIS REGISTER(0x400FE050)
#define RCC REGISTER(0x400FE060)
#define RCGC1 REGISTER(0x400FE104)
#define RCGC2 REGISTER(0x400FE108)
#define GPIO_A_AFSEL REGISTER(0x40004420)
#define GPIO_A_DEN REGISTER(0x4000451C)
#define UART_DR REGISTER(0x4000C000)
#define UART_FR REGISTER(0x4000C018)
#define UART_IBRD REGISTER(0x4000C024)
#define UART_FBRD REGISTER(0x4000C028)
#define UART_LCRH REGISTER(0x4000C02C)
#define UART_CTL REGISTER(0x4000C030)

#define RCC_BYPASS (1u << 11)
#define RCC_USESYSDIV (1u << 22)
#define RCC_SYSDIV_4 (3u << 23)
#define RCC_CRYSTAL_8_MHZ (0xEu << 6)
#define RIS_PLL_LOCKED (1u << 6)
#define RCGC1_UART0 1u
#define RCGC2_GPIO_A 1u
#define UART_PINS 3u
#define LCRH_8_BITS_FIFO (3u << 5 | 1u << 4)
#define CTL_TRANSMIT (1u << 8 | 1u)
#define FR_TRANSMIT_FULL (1u << 5)
#define PATIENCE 100000

const uint32_t board_hertz = 50000000;

static void start_clock(void) {
  /* Stays on the crystal until the PLL of 200 MHz has settled; a quarter of that is the CPU's. */
  RCC = RCC_BYPASS | RCC_CRYSTAL_8_MHZ | RCC_SYSDIV_4 | RCC_USESYSDIV;
  for (int turns = 0; turns < PATIENCE && (RIS & RIS_PLL_LOCKED) == 0; turns++) {}
  RCC = RCC_CRYSTAL_8_MHZ | RCC_SYSDIV_4 | RCC_USESYSDIV;
}

void console_start(void) {
  start_clock();
  RCGC1 |= RCGC1_UART0;
  RCGC2 |= RCGC2_GPIO_A;
  (void)RCGC2; /* A peripheral answers three cycles after its clock runs. */
  GPIO_A_AFSEL |= UART_PINS;
  GPIO_A_DEN |= UART_PINS;
  /* 115,200 bits a second: 50 MHz / 16 / 115,200 is 27 and 8/64. */
  UART_IBRD = 27;
  UART_FBRD = 8;
  UART_LCRH = LCRH_8_BITS_FIFO;
  UART_CTL = CTL_TRANSMIT;
}

void console_put(char character) {
  while ((UART_FR & FR_TRANSMIT_FULL) != 0) {}
  UART_DR = (uint8_t)character;
}
