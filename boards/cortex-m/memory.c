/*
 * How much memory was used: what is still painted was never used.
 */
#include "board.h"

extern uint8_t image_stack[], image_stack_top[], image_data[], image_bss_end[];

size_t board_static_size(void) { return (size_t)(image_bss_end - image_data); }

size_t board_stack_size(void) { return (size_t)(image_stack_top - image_stack); }

size_t board_stack_used(void) {
  const uint8_t *byte = image_stack;
  while (byte < image_stack_top && *byte == BOARD_PAINT) byte++;
  return (size_t)(image_stack_top - byte);
}
