/*
 * From reset to main, and what happens when something is wrong.
 */
#include "board.h"

#include <string.h>

int main(void);
void clock_tick(void);
void start(void);

extern uint32_t image_stack[], image_stack_top[], image_data[], image_data_end[], image_data_load[], image_bss[], image_bss_end[];

__attribute__((noreturn)) void start(void) {
  /* Below this function's own frame; what stays painted was never used. */
  for (uint32_t *word = image_stack; word < (uint32_t *)__builtin_frame_address(0) - 16; word++)
    *(volatile uint32_t *)word = BOARD_PAINT * 0x01010101u;
  memcpy(image_data, image_data_load, (size_t)((char *)image_data_end - (char *)image_data));
  memset(image_bss, 0, (size_t)((char *)image_bss_end - (char *)image_bss));
  main();
  board_stop("main has returned");
}

static void fault(void) { board_stop("fault"); }

_Noreturn void board_stop(const char *why) {
  board_print("stopped: ");
  board_print(why);
  board_print("\n");
  for (;;) __asm__ volatile("wfi");
}

/* ARMv7-M: the first stack pointer, reset, and the system exceptions up to SysTick. No other interrupt is ever enabled. */
__attribute__((section(".vectors"), used)) static const struct {
  uint32_t *stack;
  void (*handlers[15])(void);
} vectors = {image_stack_top,
             {start, fault, fault, fault, fault, fault, 0, 0, 0, 0, fault, fault, 0, fault, clock_tick}};
