/*
 * Time since start: SysTick, every millisecond. Seconds are counted beside, so that nobody divides 64 bits.
 */
#include "board.h"

#define SYSTICK_CONTROL (*(volatile uint32_t *)0xE000E010)
#define SYSTICK_RELOAD (*(volatile uint32_t *)0xE000E014)
#define SYSTICK_VALUE (*(volatile uint32_t *)0xE000E018)
#define CONTROL_RUNS_FROM_CPU_WITH_INTERRUPT 7

static volatile uint32_t low, high, seconds;
static uint32_t until_second = 1000;

void clock_start(void) {
  SYSTICK_RELOAD = board_hertz / 1000 - 1;
  SYSTICK_VALUE = 0;
  SYSTICK_CONTROL = CONTROL_RUNS_FROM_CPU_WITH_INTERRUPT;
}

void clock_tick(void) {
  low = low + 1;
  if (low == 0) high = high + 1;
  until_second -= 1;
  if (until_second == 0) {
    until_second = 1000;
    seconds = seconds + 1;
  }
}

uint64_t board_now(void) {
  /* Read again when a tick came between the two halves. */
  for (;;) {
    uint32_t upper = high, lower = low;
    if (upper == high) return (uint64_t)upper << 32 | lower;
  }
}

uint32_t clock_seconds(void) { return seconds; }
