/*
 * The board as the application sees it: starting it, and sleeping until something can be done.
 */
#include "board.h"

void board_start(void) {
  console_start();
  clock_start();
#ifdef INSECURE_ENTROPY
  board_print("INSECURE: random numbers that can be guessed; every key of this device's connections can be, too\n");
#endif
  network_start();
}

void board_wait(int32_t wait, uint64_t deadline) {
  for (;;) {
    network_poll();
    if (port_is_ready(wait) || board_now() >= deadline) return;
    __asm__ volatile("wfi"); /* Until the next tick, at most a millisecond. */
  }
}
